//! What checks and replays found.

use domain::ledger::check;
use poem_openapi::Object;

/// A rule that does not hold somewhere.
#[derive(Object)]
pub struct Finding {
    /// Which rule.
    rule: String,
    /// The row, by its key.
    subject: String,
    /// What was expected and what is there.
    detail: String,
}

impl From<check::Finding> for Finding {
    fn from(finding: check::Finding) -> Self {
        Finding {
            rule: finding.rule,
            subject: finding.subject,
            detail: finding.detail,
        }
    }
}
