//! A transfer bill as WeChat Pay v3 tells it.

use super::answer::{PayoutAnswer, PayoutOutcome};
use kernel::clock::{Clock, parse_partner_time};
use kernel::external::{self, LONGEST_NAME};
use kernel::money::Money;
use serde::Deserialize;

/// Characters of what the user's confirmation takes; WeChat Pay's have a few hundred.
const LONGEST_PACKAGE: usize = 2000;

/// Whether this can be a merchant's number: 1 to 32 letters and digits. Numbers become part of paths.
pub(super) fn is_number(bill_no: &str) -> bool {
    (1..=32).contains(&bill_no.len()) && bill_no.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// States of a bill, by WeChat Pay's names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum BillState {
    /// On its way: `ACCEPTED`, `PROCESSING`, `TRANSFERING`, `CANCELING`, or a word that is new to us.
    Open(String),
    /// The user has to tap.
    WaitUserConfirm,
    /// The money has arrived.
    Success,
    /// It never will.
    Fail,
    /// It was taken back.
    Cancelled,
}

impl From<String> for BillState {
    fn from(name: String) -> Self {
        match name.as_str() {
            "WAIT_USER_CONFIRM" => BillState::WaitUserConfirm,
            "SUCCESS" => BillState::Success,
            "FAIL" => BillState::Fail,
            "CANCELLED" => BillState::Cancelled,
            _ => BillState::Open(external::cut(external::without_nul(name), LONGEST_NAME)),
        }
    }
}

impl BillState {
    /// WeChat Pay's name.
    pub fn name(&self) -> &str {
        match self {
            BillState::Open(name) => name,
            BillState::WaitUserConfirm => "WAIT_USER_CONFIRM",
            BillState::Success => "SUCCESS",
            BillState::Fail => "FAIL",
            BillState::Cancelled => "CANCELLED",
        }
    }
}

/// A line of the partner's list of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerBill {
    /// The merchant's number.
    pub bill_no: String,
    /// How much, by the partner's books.
    pub amount: Money,
    /// The receiver, where the partner tells.
    pub open_id: Option<String>,
    /// Where it stands.
    pub state: BillState,
}

/// The fields of answers and lists. Amounts are fen.
#[derive(Debug, Deserialize)]
pub(super) struct Bill {
    pub(super) out_bill_no: String,
    pub(super) state: BillState,
    #[serde(default)]
    pub(super) transfer_amount: Option<i64>,
    #[serde(default)]
    pub(super) openid: Option<String>,
    #[serde(default)]
    fail_reason: Option<String>,
    #[serde(default)]
    package_info: Option<String>,
    #[serde(default)]
    update_time: Option<String>,
}

impl Bill {
    /// For the user's tap. One that cannot be kept is none: cut, it would be another.
    fn package(&mut self) -> Option<String> {
        let fits = |package: &String| package.chars().count() <= LONGEST_PACKAGE && !package.contains('\0');
        self.package_info.take().filter(fits)
    }

    /// What a submission's answer means: at most that the partner has it. How it ended is for a query to say, whose
    /// answer names the amount.
    pub(super) fn submitted(mut self) -> PayoutAnswer {
        let package_info = self.package();
        let outcome = match self.state {
            BillState::WaitUserConfirm => PayoutOutcome::WaitUserConfirm { package_info },
            state => PayoutOutcome::Accepted {
                partner_state: state.name().to_owned(),
            },
        };
        PayoutAnswer::new(outcome).about(self.transfer_amount.map(Money::from_fen), self.openid)
    }

    /// What a query's answer means.
    pub(super) fn queried(mut self, clock: &Clock) -> PayoutAnswer {
        let package_info = self.package();
        let outcome = match self.state {
            BillState::Open(partner_state) => PayoutOutcome::Accepted { partner_state },
            BillState::WaitUserConfirm => PayoutOutcome::WaitUserConfirm { package_info },
            BillState::Success => PayoutOutcome::Paid {
                at: self
                    .update_time
                    .as_deref()
                    .and_then(parse_partner_time)
                    .unwrap_or_else(|| clock.now()),
            },
            BillState::Fail => PayoutOutcome::Failed {
                reason: match self.fail_reason {
                    Some(reason) => external::reason(&reason),
                    None => "no reason given".to_owned(),
                },
            },
            BillState::Cancelled => PayoutOutcome::Failed {
                reason: "cancelled".to_owned(),
            },
        };
        PayoutAnswer::new(outcome).about(self.transfer_amount.map(Money::from_fen), self.openid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill(state: &str) -> Bill {
        let text = format!(
            r#"{{"out_bill_no":"A1","state":"{state}","transfer_amount":2000,"openid":"o-1",
                 "update_time":"2026-11-21T08:00:00+08:00","package_info":"p","fail_reason":"why"}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn outcome(answer: PayoutAnswer) -> PayoutOutcome {
        answer.outcome_for(Money::from_fen(2000), "o-1")
    }

    #[test]
    fn every_state_has_its_meaning_when_queried() {
        let clock = Clock::fixed("2026-11-22T00:00:00Z".parse().unwrap());
        let queried = |state: &str| outcome(bill(state).queried(&clock));
        for open in [
            "ACCEPTED",
            "PROCESSING",
            "TRANSFERING",
            "CANCELING",
            "SOMETHING_NEW",
        ] {
            assert_eq!(
                queried(open),
                PayoutOutcome::Accepted {
                    partner_state: open.into()
                }
            );
        }
        assert_eq!(
            queried("WAIT_USER_CONFIRM"),
            PayoutOutcome::WaitUserConfirm {
                package_info: Some("p".into())
            }
        );
        let at = "2026-11-21T00:00:00Z".parse().unwrap();
        assert_eq!(queried("SUCCESS"), PayoutOutcome::Paid { at });
        assert_eq!(queried("FAIL"), PayoutOutcome::Failed { reason: "why".into() });
        assert_eq!(
            queried("CANCELLED"),
            PayoutOutcome::Failed {
                reason: "cancelled".into()
            }
        );
    }

    #[test]
    fn a_submission_neither_pays_nor_fails() {
        for state in ["SUCCESS", "FAIL", "CANCELLED", "ACCEPTED"] {
            assert_eq!(
                outcome(bill(state).submitted()),
                PayoutOutcome::Accepted {
                    partner_state: state.into()
                }
            );
        }
    }

    #[test]
    fn what_is_told_can_be_kept() {
        let clock = Clock::fixed("2026-11-22T00:00:00Z".parse().unwrap());
        let told = |state: &str, words: &str| {
            let bill = serde_json::json!({"out_bill_no": "A1", "state": state, "fail_reason": words, "package_info": words});
            let bill: Bill = serde_json::from_value(bill).unwrap();
            outcome(bill.queried(&clock))
        };
        let failed = |reason: String| PayoutOutcome::Failed { reason };
        assert_eq!(told("FAIL", "no\0account"), failed("noaccount".into()));
        assert_eq!(told("FAIL", &"户".repeat(2001)), failed("户".repeat(2000)));
        for spoilt in ["p\0", &"p".repeat(LONGEST_PACKAGE + 1)] {
            let nothing = PayoutOutcome::WaitUserConfirm { package_info: None };
            assert_eq!(told("WAIT_USER_CONFIRM", spoilt), nothing);
        }
        let accepted = |partner_state: String| PayoutOutcome::Accepted { partner_state };
        assert_eq!(told("NEW\0STATE", ""), accepted("NEWSTATE".into()));
        assert_eq!(told(&"X".repeat(300), ""), accepted("X".repeat(255)));
    }
}
