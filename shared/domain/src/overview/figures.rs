//! What dates came to: counted, kept, put together again.

use crate::group::{self, Lost};
use crate::identity;
use crate::ledger::{self, DayIncome};
use crate::tracking;
use crate::withdrawal::{self, Ended, Requested};
use kernel::clock::BusinessDate;
use kernel::dates::{DateRange, DayCount};
use kernel::error::Result;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

/// The most dates a dashboard shows.
pub const LONGEST: u64 = 92;

/// What dates came to, by date. Kept as JSON a date, so fields are only ever added, with a default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Figures {
    /// Slips that no settlement run wrote. Runs are few, and may come late: they are asked.
    pub income: Vec<DayIncome>,
    /// Withdrawals asked for.
    pub requested: Vec<Requested>,
    /// Withdrawals that ended.
    pub ended: Vec<Ended>,
    /// Groups bound.
    pub bound: Vec<DayCount>,
    /// Groups lost.
    pub lost: Vec<Lost>,
    /// Users who came.
    pub new_users: Vec<DayCount>,
    /// Users who did anything.
    pub active_users: Vec<DayCount>,
}

impl Figures {
    /// Counts them.
    pub(super) async fn count(conn: &impl ConnectionTrait, dates: DateRange) -> Result<Figures> {
        Ok(Figures {
            income: ledger::income_of_no_run(conn, dates).await?,
            requested: withdrawal::requested_by_day(conn, dates).await?,
            ended: withdrawal::ended_by_day(conn, dates).await?,
            bound: group::bound_by_day(conn, dates).await?,
            lost: group::lost_by_day(conn, dates).await?,
            new_users: identity::new_by_day(conn, dates).await?,
            active_users: tracking::users_by_day(conn, dates).await?,
        })
    }

    /// Only those of these dates.
    pub(super) fn of(mut self, wanted: impl Fn(BusinessDate) -> bool) -> Figures {
        self.income.retain(|row| wanted(row.date));
        self.requested.retain(|row| wanted(row.date));
        self.ended.retain(|row| wanted(row.date));
        self.bound.retain(|row| wanted(row.date));
        self.lost.retain(|row| wanted(row.date));
        self.new_users.retain(|row| wanted(row.date));
        self.active_users.retain(|row| wanted(row.date));
        self
    }

    /// Takes in those of other dates.
    pub(super) fn join(&mut self, other: Figures) {
        fn join<T>(rows: &mut Vec<T>, more: Vec<T>, date: impl Fn(&T) -> BusinessDate) {
            rows.extend(more);
            rows.sort_by_key(date);
        }
        join(&mut self.income, other.income, |row| row.date);
        join(&mut self.requested, other.requested, |row| row.date);
        join(&mut self.ended, other.ended, |row| row.date);
        join(&mut self.bound, other.bound, |row| row.date);
        join(&mut self.lost, other.lost, |row| row.date);
        join(&mut self.new_users, other.new_users, |row| row.date);
        join(&mut self.active_users, other.active_users, |row| row.date);
    }
}
