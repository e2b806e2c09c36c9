//! What operators may do: one table.

use kernel::error::{Error, Result};
use std::str::FromStr;

kernel::named! {
    /// An operator's role.
    pub enum Role {
        /// May do everything.
        Admin = "admin",
        /// Looks after money.
        Finance = "finance",
        /// Looks after users, groups and robots.
        Support = "support",
        /// Looks.
        Viewer = "viewer",
    }
}

/// Something an operator may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See users, robots, groups, jobs, settlement, ledger and withdrawals.
    Read,
    /// Block a user.
    BlockUsers,
    /// Add, edit, set aside, give back and delete robots.
    EditRobots,
    /// Edit groups' traits; hold back entries of a clean-up plan; give groups up.
    EditGroups,
    /// Replay and discard dead letters; send messages that failed once more.
    HandleDeadLetters,
    /// Run jobs by hand.
    RunJobs,
    /// Approve and reject withdrawals.
    ReviewWithdrawals,
    /// Pause and resume payouts.
    PausePayouts,
    /// Enter ads batches, reverse postings and book corrections.
    Book,
    /// Have the ledger checked, which reads all of it and stops payouts when it is not clean.
    CheckLedger,
    /// See who did what.
    ReadAudit,
    /// Make new versions of profit templates and rates.
    EditRates,
}

impl Role {
    /// The table.
    pub const fn may(self, permission: Permission) -> bool {
        use Permission::*;
        match self {
            Role::Admin => true,
            Role::Finance => matches!(
                permission,
                Read | RunJobs
                    | ReviewWithdrawals
                    | PausePayouts
                    | Book
                    | CheckLedger
                    | ReadAudit
                    | EditRates
            ),
            Role::Support => matches!(
                permission,
                Read | BlockUsers | EditRobots | EditGroups | HandleDeadLetters
            ),
            Role::Viewer => matches!(permission, Read),
        }
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Role::of_name(text).ok_or_else(|| Error::params("role", "must be admin, finance, support or viewer"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::ActiveEnum;

    #[test]
    fn roles_have_one_name() {
        for role in Role::ALL {
            assert_eq!(role.to_value(), role.name());
            assert_eq!(role.name().parse::<Role>().unwrap(), role);
        }
    }
}
