//! A settlement run: what it settles, under way, and done.

use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::id::RunId;
use kernel::money::Money;
use sea_orm::FromQueryResult;

kernel::named! {
    /// What a run settles.
    pub enum RunKind {
        /// Income of groups by star and repeat rate.
        Groups = "groups",
        /// Income of ads by clicks.
        Ads = "ads",
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
    pub kind: RunKind,
    pub settle_date: BusinessDate,
    /// 0, or the number of a supplementary ads batch.
    pub batch_no: i32,
    pub rates_version: i32,
    pub group_count: i32,
    pub slip_count: i32,
    /// Sum of the slips.
    pub total: Money,
    /// Slips of importers, and what they come to; none in runs from before these were kept.
    pub own_slips: Option<i32>,
    pub own_total: Option<Money>,
    /// Slips of those above importers, and what they come to.
    pub disciples_slips: Option<i32>,
    pub disciples_total: Option<Money>,
    /// Milliseconds per step.
    pub timings: serde_json::Value,
    pub settled_at: DateTime<Utc>,
}
