//! A settlement run: what it settles, under way, and done.

use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
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
    /// Milliseconds per step.
    pub timings: serde_json::Value,
    pub settled_at: DateTime<Utc>,
}

/// Whether a date may be settled: it has ended, or the operator insists on an open one. Never the future.
///
/// # Errors
/// 1403 naming `date`.
pub fn check_date(date: BusinessDate, today: BusinessDate, allow_open_day: bool) -> Result<()> {
    if date > today {
        return Err(Error::params("date", format!("{date} is in the future")));
    }
    if date == today && !allow_open_day {
        return Err(Error::params("date", format!("{date} has not ended")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_days_and_the_future_are_refused() {
        let today: BusinessDate = "2026-11-22".parse().unwrap();
        assert!(check_date(today.minus_days(1), today, false).is_ok());
        assert_eq!(
            check_date(today, today, false).unwrap_err().field.as_deref(),
            Some("date")
        );
        assert!(check_date(today, today, true).is_ok());
        assert!(check_date(today.plus_days(1), today, true).is_err());
    }
}
