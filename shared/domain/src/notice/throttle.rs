//! Notices that must not repeat within a while.

pub use super::repo::{claim, forget, sweep};
use kernel::crypto;

/// The key of something that must not repeat for the same codes. Hashed, because codes of any length must fit an index;
/// JSON keeps them apart, so that no two lists of codes have one key.
pub fn key(what: &str, codes: &[&str]) -> String {
    let codes = serde_json::json!(codes).to_string();
    format!("{what}:{}", hex::encode(crypto::sha256(codes.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_with_colons_do_not_run_into_each_other() {
        assert_ne!(key("bound", &["a:b", "c"]), key("bound", &["a", "b:c"]));
        assert_ne!(
            key("bound", &["other:G", "other:R"]),
            key("bound", &["other", "G:other:R"])
        );
        assert_ne!(key("bound", &["G"]), key("occupied", &["G"]));
        let long = "😀".repeat(255);
        assert!(key("wait_for_bind", &[&long, &long, &long]).len() < 100);
    }
}
