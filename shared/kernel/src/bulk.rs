//! Lists of ids that people hand in.

use super::error::{Error, Result};

/// Ids named in one go. The schema of the API says so too.
pub const MOST_IDS: usize = 200;

/// Refuses a list of ids that is empty or too long.
///
/// # Errors
/// 1403 naming the field.
pub fn check_count(field: &'static str, count: usize) -> Result<()> {
    match count {
        1..=MOST_IDS => Ok(()),
        _ => Err(Error::params(field, format!("must be 1 to {MOST_IDS} ids"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_one_to_two_hundred() {
        for (count, fine) in [
            (0, false),
            (1, true),
            (200, true),
            (201, false),
            (usize::MAX, false),
        ] {
            let checked = check_count("ids", count);
            assert_eq!(checked.is_ok(), fine, "{count}");
            assert!(checked.is_ok() || checked.is_err_and(|error| error.field.as_deref() == Some("ids")));
        }
    }
}
