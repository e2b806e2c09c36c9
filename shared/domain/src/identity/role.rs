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

kernel::named! {
    /// Something an operator may or may not do.
    pub enum Permission {
        /// See users, robots, groups, jobs, settlement, ledger and withdrawals.
        Read = "read",
        /// Block a user.
        BlockUsers = "block_users",
        /// Add, edit, set aside, give back and delete robots.
        EditRobots = "edit_robots",
        /// Edit groups' attributes; hold back entries of a clean-up plan; give groups up.
        EditGroups = "edit_groups",
        /// Replay and discard dead letters; send messages that failed once more.
        HandleDeadLetters = "handle_dead_letters",
        /// Run jobs by hand.
        RunJobs = "run_jobs",
        /// Approve and reject withdrawals.
        ReviewWithdrawals = "review_withdrawals",
        /// Pause and resume payouts.
        PausePayouts = "pause_payouts",
        /// Enter ads batches, reverse postings and book corrections.
        Book = "book",
        /// Have the ledger checked, which reads all of it and stops payouts when it is not clean.
        CheckLedger = "check_ledger",
        /// See who did what.
        ReadAudit = "read_audit",
        /// Make new versions of profit templates and rates.
        EditRates = "edit_rates",
        /// Take lists away as files; only those that may be seen.
        Export = "export",
    }
}

impl Role {
    /// Everything the role may do.
    pub fn permissions(self) -> Vec<Permission> {
        Permission::ALL
            .into_iter()
            .filter(|permission| self.may(*permission))
            .collect()
    }

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
                    | Export
            ),
            Role::Support => matches!(
                permission,
                Read | BlockUsers | EditRobots | EditGroups | HandleDeadLetters | Export
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
