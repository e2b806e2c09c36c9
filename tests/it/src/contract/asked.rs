//! What was really asked: a run in which an operation never worked has shown little of it.

use super::read;
use anyhow::{Result, ensure};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How often each operation answered with each code to what its description allows.
type Asked = BTreeMap<String, BTreeMap<String, u64>>;

/// Where the statistics of a caller are.
pub(super) fn file(reports: &Path, caller: &str) -> PathBuf {
    reports.join(format!("{caller}.asked.json"))
}

/// Prints how often operations worked, and those that did not; that must be none in a whole run.
pub(super) fn report(reports: &Path, whole: bool) -> Result<()> {
    let mut asked = Asked::new();
    for caller in ["operator", "user"] {
        for (operation, codes) in read::<Asked>(&file(reports, caller))? {
            let all = asked.entry(operation).or_default();
            for (code, times) in codes {
                *all.entry(code).or_default() += times;
            }
        }
    }
    let requests: u64 = asked.values().flat_map(BTreeMap::values).sum();
    println!(
        "\n{} operations were sent {requests} requests that they allow",
        asked.len()
    );
    asked.retain(|_, codes| !codes.keys().any(|code| good(code)));
    for (operation, codes) in &asked {
        let codes = codes.iter().map(|(code, times)| format!("{code} {times} times"));
        println!(
            "never worked: {operation}: {}",
            codes.collect::<Vec<_>>().join(", ")
        );
    }
    ensure!(!whole || asked.is_empty(), "never worked: {:?}", asked.keys());
    Ok(())
}

/// Whether it worked: our code, a partner's, or an HTTP status without a body.
fn good(code: &str) -> bool {
    matches!(code, "1200" | "100" | "200" | "204")
}
