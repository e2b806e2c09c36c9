//! One user with everything operators ask about them.

use crate::identity::{self, User};
use crate::ledger::{self, Wallet};
use crate::referral;
use crate::robot::{self, AccessEntry, Acquaintance};
use crate::withdrawal::{self, ConsoleWithdrawal, WithdrawalFilter};
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use kernel::page::Page;
use poem_openapi::Object;

/// How many rows of a kind come with a user.
const NEWEST: u32 = 20;

/// A user with what hangs on them.
#[derive(Debug, Object)]
pub struct UserDetail {
    /// The user.
    #[oai(flatten)]
    pub user: User,
    /// What they have; null where they never had a wallet.
    pub wallet: Option<Wallet>,
    /// Master and grand-master, nearest first.
    pub above: Vec<User>,
    /// How many they invited.
    pub disciples: i64,
    /// How many those invited.
    pub grand_disciples: i64,
    /// What they came with before they had an account.
    pub access: Option<AccessEntry>,
    /// The robots they befriended last.
    pub robots: Vec<Acquaintance>,
    /// Their newest withdrawals.
    pub withdrawals: Vec<ConsoleWithdrawal>,
}

/// One user for an operator.
///
/// # Errors
/// 1404 when there is none.
pub async fn get_user(context: &Context, id: UserId) -> Result<UserDetail> {
    let conn = context.db.read();
    let found = identity::by_id(conn, id).await?;
    let user = found.ok_or_else(|| Error::not_found("user"))?;
    let access = match &user.union_id {
        Some(union_id) => robot::access_of(conn, union_id).await?,
        None => None,
    };
    let below = referral::disciple_counts(context, id).await?;
    let theirs = WithdrawalFilter {
        user: Some(id),
        ..WithdrawalFilter::default()
    };
    let newest = Page::new(None, Some(NEWEST), NEWEST)?;
    let withdrawals = withdrawal::list_for_console(context, theirs, newest).await?;
    Ok(UserDetail {
        wallet: ledger::wallet(conn, id).await?,
        above: identity::chain_above(conn, id).await?,
        disciples: below.disciples,
        grand_disciples: below.grand_disciples,
        access,
        robots: robot::acquaintances(conn, id, NEWEST.into()).await?,
        withdrawals: withdrawals.rows,
        user,
    })
}
