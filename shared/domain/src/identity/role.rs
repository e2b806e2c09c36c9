//! What operators may do: one table.

use kernel::error::{Error, Result};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An operator's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "lowercase")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Admin,
    /// Looks after money.
    Finance,
    /// Looks after users, groups and robots.
    Support,
    /// Looks.
    Viewer,
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
    /// All of them.
    pub const ALL: [Role; 4] = [Role::Admin, Role::Finance, Role::Support, Role::Viewer];

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

    /// The name in the table and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Finance => "finance",
            Role::Support => "support",
            Role::Viewer => "viewer",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Role::ALL
            .into_iter()
            .find(|role| role.name() == text)
            .ok_or_else(|| Error::params("role", "must be admin, finance, support or viewer"))
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
