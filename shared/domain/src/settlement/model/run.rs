//! A settlement run: what it settles, under way, and done.

use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::id::RunId;
use kernel::money::Money;
use sea_orm::{DeriveActiveEnum, EnumIter, FromQueryResult};
use serde::{Deserialize, Serialize};

/// What a run settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum RunKind {
    /// Income of groups by star and repeat rate.
    Groups,
    /// Income of ads by clicks.
    Ads,
}

impl RunKind {
    /// The name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            RunKind::Groups => "groups",
            RunKind::Ads => "ads",
        }
    }
}

impl std::str::FromStr for RunKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [RunKind::Groups, RunKind::Ads]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| Error::params("kind", "must be groups or ads"))
    }
}

/// A run under way.
#[derive(Debug)]
pub(in crate::settlement) struct Run {
    pub id: RunId,
    pub kind: RunKind,
    pub settle_date: BusinessDate,
    pub batch_no: i32,
    pub settled_at: DateTime<Utc>,
}

/// A run that is done.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs)]
pub struct RunSummary {
    pub id: RunId,
    /// `groups` or `ads`.
    pub kind: String,
    pub settle_date: BusinessDate,
    /// 0, or the number of a supplementary ads batch.
    pub batch_no: i32,
    pub rates_version: i32,
    pub group_count: i32,
    pub slip_count: i32,
    /// Sum of the slips.
    pub total: Money,
    /// Milliseconds per step.
    pub timings: serde_json::Value,
    pub settled_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{ActiveEnum, Iterable};

    #[test]
    fn kinds_have_one_name() {
        for kind in RunKind::iter() {
            assert_eq!(kind.to_value(), kind.name());
        }
    }
}
