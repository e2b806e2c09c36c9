//! What a payout partner says, and what may be believed of it.

use chrono::{DateTime, Utc};
use kernel::money::Money;

/// What became of a call, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayoutOutcome {
    /// The partner has it and has not finished; its own word for the state.
    Accepted {
        /// Such as `PROCESSING`.
        partner_state: String,
    },
    /// The user has to tap.
    WaitUserConfirm {
        /// For `requestMerchantTransfer`; a query may leave it out when the submission told it.
        package_info: Option<String>,
    },
    /// The money has arrived. From queries only.
    Paid {
        /// When, by the partner's clock.
        at: DateTime<Utc>,
    },
    /// It never will. From queries only, so held money may be released.
    Failed {
        /// The partner's words.
        reason: String,
    },
    /// The partner did not take this call. Says nothing about the bill: query it.
    Refused {
        /// The partner's code, such as `NOT_ENOUGH`.
        code: String,
        /// Its words.
        message: String,
    },
    /// The partner knows no such bill. Not a failure.
    NotFound,
    /// Nobody knows: query with the same number.
    Unknown {
        /// Why.
        why: String,
        /// Whether a person has to look.
        alert: bool,
    },
}

/// An outcome together with what the partner said it is about. Reach the outcome by naming what was ordered, so that
/// an answer about another amount or person cannot be taken for this one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct PayoutAnswer {
    outcome: PayoutOutcome,
    amount: Option<Money>,
    open_id: Option<String>,
}

impl PayoutAnswer {
    /// An answer that names neither amount nor receiver.
    pub fn new(outcome: PayoutOutcome) -> Self {
        PayoutAnswer {
            outcome,
            amount: None,
            open_id: None,
        }
    }

    /// Nobody knows, for an ordinary reason.
    pub fn unknown(why: impl Into<String>) -> Self {
        PayoutAnswer::new(PayoutOutcome::Unknown {
            why: why.into(),
            alert: false,
        })
    }

    /// Nobody knows, and a person has to look.
    pub fn alarming(why: impl Into<String>) -> Self {
        PayoutAnswer::new(PayoutOutcome::Unknown {
            why: why.into(),
            alert: true,
        })
    }

    /// The same answer with what it is about.
    pub fn about(mut self, amount: Option<Money>, open_id: Option<String>) -> Self {
        self.amount = amount;
        self.open_id = open_id;
        self
    }

    /// The amount the partner named.
    pub fn amount(&self) -> Option<Money> {
        self.amount
    }

    /// The receiver the partner named.
    pub fn open_id(&self) -> Option<&str> {
        self.open_id.as_deref()
    }

    /// What became of the transfer of this amount to this person. An answer about another amount or person becomes an
    /// alarming [`PayoutOutcome::Unknown`]; so does [`PayoutOutcome::Paid`] without an amount.
    pub fn outcome_for(self, amount: Money, open_id: &str) -> PayoutOutcome {
        let alarm = |why: String| PayoutOutcome::Unknown { why, alert: true };
        match (self.amount, self.open_id.as_deref()) {
            (Some(told), _) if told != amount => {
                alarm(format!("the partner names {told}, {amount} was ordered"))
            }
            (_, Some(told)) if told != open_id => alarm("the partner names another receiver".to_owned()),
            (None, _) if matches!(self.outcome, PayoutOutcome::Paid { .. }) => {
                alarm("the partner says paid but not how much".to_owned())
            }
            _ => self.outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paid(fen: Option<i64>, open_id: Option<&str>) -> PayoutOutcome {
        let at = "2026-11-21T00:00:00Z".parse().unwrap();
        PayoutAnswer::new(PayoutOutcome::Paid { at })
            .about(fen.map(Money::from_fen), open_id.map(str::to_owned))
            .outcome_for(Money::from_fen(2000), "o-1")
    }

    #[test]
    fn only_an_answer_about_this_amount_and_person_counts() {
        assert!(matches!(
            paid(Some(2000), Some("o-1")),
            PayoutOutcome::Paid { .. }
        ));
        assert!(matches!(paid(Some(2000), None), PayoutOutcome::Paid { .. }));
        for wrong in [
            paid(Some(2001), Some("o-1")),
            paid(Some(2000), Some("o-2")),
            paid(None, Some("o-1")),
        ] {
            assert!(
                matches!(wrong, PayoutOutcome::Unknown { alert: true, .. }),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn a_failure_about_another_amount_releases_nothing() {
        let failed = PayoutOutcome::Failed {
            reason: "CLOSED".into(),
        };
        let answer = PayoutAnswer::new(failed).about(Some(Money::from_fen(1)), None);
        assert!(matches!(
            answer.outcome_for(Money::from_fen(2000), "o-1"),
            PayoutOutcome::Unknown { alert: true, .. }
        ));
    }
}
