//! What is to be believed of a partner's answers.

use super::state::State;
use chrono::{DateTime, TimeDelta, Utc};
use partners::wxpay::PayoutOutcome;

/// The soonest and the latest next query.
const SOON: TimeDelta = TimeDelta::seconds(5);
const LATE: TimeDelta = TimeDelta::minutes(30);

/// What an answer teaches about a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Where it stands now.
    pub state: State,
    /// The partner's word for it, or why nobody knows.
    pub partner_state: String,
    /// For the user's tap; `None` leaves what was told before.
    pub package_info: Option<String>,
    /// Why it failed, for the user.
    pub reason: Option<String>,
    /// Why a person has to look.
    pub alert: Option<String>,
    /// The same call may be made once more: the partner knows no such bill.
    pub submit_again: bool,
}

impl Transition {
    fn new(state: State, partner_state: impl Into<String>) -> Self {
        Transition {
            state,
            partner_state: partner_state.into(),
            package_info: None,
            reason: None,
            alert: None,
            submit_again: false,
        }
    }

    fn with_alert(mut self, alert: Option<String>) -> Self {
        self.alert = alert;
        self
    }
}

/// What the answer to a submission teaches: never that it was paid or failed.
pub fn submitted(outcome: PayoutOutcome) -> Transition {
    match outcome {
        PayoutOutcome::Accepted { partner_state } => Transition::new(State::Accepted, partner_state),
        PayoutOutcome::WaitUserConfirm { package_info } => Transition {
            package_info,
            ..Transition::new(State::WaitUserConfirm, "WAIT_USER_CONFIRM")
        },
        PayoutOutcome::Refused { code, message } => {
            Transition::new(State::Unknown, format!("refused: {code} {message}"))
        }
        PayoutOutcome::Unknown { why, alert } => {
            Transition::new(State::Unknown, why.clone()).with_alert(alert.then_some(why))
        }
        PayoutOutcome::Paid { .. } | PayoutOutcome::Failed { .. } | PayoutOutcome::NotFound => {
            Transition::new(
                State::Unknown,
                "the submission was answered as if it were a query",
            )
        }
    }
}

/// What the answer to a query teaches about a withdrawal in `state` that was first submitted `age` ago. A partner that
/// could not say leaves the state as it was. One that knows no such bill may be asked to make it, with the same number,
/// while it surely still keeps that number's bill if there is one: for `alert_after`.
pub fn queried(state: State, outcome: PayoutOutcome, age: TimeDelta, alert_after: TimeDelta) -> Transition {
    let overdue = |state: State| {
        (state == State::Unknown && age >= alert_after)
            .then(|| format!("unknown for more than {} hours", alert_after.num_hours()))
    };
    match outcome {
        PayoutOutcome::Accepted { partner_state } => Transition::new(State::Accepted, partner_state),
        PayoutOutcome::WaitUserConfirm { package_info } => Transition {
            package_info,
            ..Transition::new(State::WaitUserConfirm, "WAIT_USER_CONFIRM")
        },
        PayoutOutcome::Paid { .. } => Transition::new(State::Paid, "SUCCESS"),
        PayoutOutcome::Failed { reason } => Transition {
            reason: Some(reason),
            ..Transition::new(State::Failed, "FAIL")
        },
        PayoutOutcome::NotFound if state == State::Unknown => Transition {
            submit_again: age < alert_after,
            ..Transition::new(State::Unknown, "the partner knows no such bill")
                .with_alert(overdue(State::Unknown))
        },
        PayoutOutcome::NotFound => Transition::new(State::Unknown, "the partner no longer knows the bill")
            .with_alert(Some("the partner took it and no longer knows it".to_owned())),
        PayoutOutcome::Refused { code, message } => {
            Transition::new(state, format!("query refused: {code} {message}")).with_alert(overdue(state))
        }
        PayoutOutcome::Unknown { why, alert: true } => {
            Transition::new(State::Unknown, why.clone()).with_alert(Some(why))
        }
        PayoutOutcome::Unknown { why, alert: false } => {
            Transition::new(state, why).with_alert(overdue(state))
        }
    }
}

/// When to ask again: as long from now as it has taken so far, within reason.
pub fn query_again_after(submitted_at: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
    (now - submitted_at).clamp(SOON, LATE)
}
