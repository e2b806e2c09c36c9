//! What the proof of the books finds.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// A rule that does not hold somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct Finding {
    /// Which rule.
    pub rule: String,
    /// The row, by its key.
    pub subject: String,
    /// What was expected and what is there.
    pub detail: String,
}

/// The outcome of a check.
#[derive(Debug, Clone, Object)]
#[oai(rename = "LedgerCheck")]
pub struct Report {
    /// When.
    pub checked_at: DateTime<Utc>,
    /// Whether everything holds; payouts stop when it does not.
    pub clean: bool,
    /// The first offending rows of each rule.
    pub findings: Vec<Finding>,
}

impl Report {
    /// A report of these findings; clean without any.
    pub fn new(checked_at: DateTime<Utc>, findings: Vec<Finding>) -> Self {
        Report {
            checked_at,
            clean: findings.is_empty(),
            findings,
        }
    }
}
