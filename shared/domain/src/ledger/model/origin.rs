//! What a posting belongs to, as its business key says.

use kernel::id::{CorrectionId, RobotId, RunId, UserId, WithdrawalId};
use poem_openapi::Object;
use std::str::FromStr;

/// What made a posting. Settlement runs and the postings that reversals name are kept beside the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Object)]
#[oai(rename = "PostingOrigin")]
pub struct Origin {
    /// The withdrawal it holds, releases or pays.
    pub withdrawal_id: Option<WithdrawalId>,
    /// The correction that an operator booked.
    pub correction_id: Option<CorrectionId>,
    /// The robot whose adoption cost a fee.
    pub robot_id: Option<RobotId>,
    /// The settlement run that was taken back, where that moved a wallet without a posting to name.
    pub reversed_run_id: Option<RunId>,
}

impl Origin {
    /// What this business key says.
    pub fn of_key(key: &str) -> Origin {
        let parts: Vec<&str> = key.split(':').collect();
        let none = Origin::default();
        match parts.as_slice() {
            ["withdrawal", id, _] => Origin {
                withdrawal_id: read(id),
                ..none
            },
            ["correction", id] => Origin {
                correction_id: read(id),
                ..none
            },
            ["adopt", _, robot] => Origin {
                robot_id: read(robot),
                ..none
            },
            ["reversal", run, user, _] if read::<UserId>(user).is_some() => Origin {
                reversed_run_id: read(run),
                ..none
            },
            _ => none,
        }
    }
}

fn read<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::model::{Account, Posting};
    use kernel::id::PostingId;
    use kernel::money::Money;

    #[test]
    fn every_key_that_is_written_says_what_it_is_for() {
        let (user, robot) = (UserId::new(), RobotId::new());
        let (withdrawal, correction, run) = (WithdrawalId::new(), CorrectionId::new(), RunId::new());
        let amount = Money::from_fen(100);
        for of in [Posting::hold, Posting::release, Posting::payout] {
            let origin = Origin::of_key(&of(withdrawal, user, amount).key);
            assert_eq!(origin.withdrawal_id, Some(withdrawal));
        }
        let booked = Posting::correction(correction, user, Account::Payouts, amount, "why");
        assert_eq!(Origin::of_key(&booked.key).correction_id, Some(correction));
        assert_eq!(
            Origin::of_key(&format!("adopt:{user}:{robot}")).robot_id,
            Some(robot)
        );
        let taken_back = format!("reversal:{run}:{user}:2");
        assert_eq!(Origin::of_key(&taken_back).reversed_run_id, Some(run));
        for other in [
            format!("slip:{user}:1:2026-11-21"),
            format!("slip:{user}:2:2026-11-21:7"),
            format!("reversal:{}", PostingId::new()),
            "withdrawal:no id:hold".to_owned(),
            String::new(),
        ] {
            assert_eq!(Origin::of_key(&other), Origin::default(), "{other}");
        }
    }
}
