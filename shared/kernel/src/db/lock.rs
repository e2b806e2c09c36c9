//! Advisory locks, held until the transaction ends. All of the program stand here, so that no two mean different things by
//! one key.
//!
//! # One order of locks
//!
//! Who needs several, of these or of rows, takes them in this order, and nobody ever waits in a circle:
//!
//! 1. Whole lists: [`Lock::ManyWallets`], [`Lock::Ratings`], [`Lock::CleanUp`], [`Lock::Referrals`]. Nobody takes two.
//! 2. The row of the operator who acts, then [`Lock::AdsOf`] a date, then its batch.
//! 3. [`Lock::Visitor`], or rows of users by id.
//! 4. [`Lock::GroupsOfUser`], then [`Lock::Group`], then the robot's row, then stays by id.
//! 5. Wallets by user id, then what the money belongs to (a withdrawal, a correction) and the posting's key, the accounts of
//!    the house.
//! 6. The row of a job's run, by which the job holds its claim.

use super::{execute, fetch_scalar};
use crate::clock::BusinessDate;
use crate::error::Result;
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, Value};

/// What is locked.
#[derive(Debug, Clone, Copy)]
pub enum Lock<'a> {
    /// Touching many wallets at once: settlement runs, their reversals, the collection of fees.
    ManyWallets,
    /// Checking the whole ledger.
    LedgerCheck,
    /// Changing the tree of referrals.
    Referrals,
    /// Entering or voiding batches of ads of a date.
    AdsOf(BusinessDate),
    /// Handling something of a chat user that concerns groups.
    GroupsOfUser(&'a str),
    /// Handling an event of a chat group.
    Group(&'a str),
    /// Taking in a list of ratings.
    Ratings,
    /// Planning or carrying out a clean-up.
    CleanUp,
    /// Serving a visitor who has no account yet, by union id.
    Visitor(&'a str),
}

impl Lock<'_> {
    /// Waits until it is free, and takes it.
    ///
    /// # Errors
    /// 503 when it is not free within the lock timeout.
    pub async fn wait(self, conn: &impl ConnectionTrait) -> Result<()> {
        let (key, values) = self.key();
        let sql = format!("SELECT pg_advisory_xact_lock({key})");
        execute(conn, &sql, values).await.map(|_| ())
    }

    /// Takes it if it is free; whether it was.
    pub async fn take_if_free(self, conn: &impl ConnectionTrait) -> Result<bool> {
        let (key, values) = self.key();
        let sql = format!("SELECT pg_try_advisory_xact_lock({key})");
        Ok(fetch_scalar(conn, &sql, values).await?.unwrap_or(false))
    }

    /// The arguments in SQL, and their values.
    fn key(self) -> (&'static str, Vec<Value>) {
        let number = |key: i64| ("$1", vec![key.into()]);
        let named = |name: String| ("hashtextextended($1, 0)", vec![name.into()]);
        match self {
            Lock::ManyWallets => number(0x6770_6574),
            Lock::LedgerCheck => number(0x6370_6574),
            Lock::Referrals => number(0x7265_6665),
            Lock::AdsOf(date) => ("$1, $2", vec![0x6164_7300_i32.into(), days_of(date).into()]),
            Lock::GroupsOfUser(code) => named(format!("group:user:{code}")),
            Lock::Group(code) => named(format!("group:code:{code}")),
            Lock::Ratings => named("group:ratings".to_owned()),
            Lock::CleanUp => named("group:cleanup".to_owned()),
            Lock::Visitor(union_id) => named(format!("robot_access:{union_id}")),
        }
    }
}

/// Days since 2000-01-01. Dates are bounded where they come in; those beyond all bounds would share a lock.
fn days_of(date: BusinessDate) -> i32 {
    let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
    let days = date.date().signed_duration_since(first).num_days();
    i32::try_from(days).unwrap_or(i32::MAX)
}
