//! Posting, within the caller's transaction.

use super::model::{Account, AmountType, Direction, LARGEST_WALLET, Posting, Wallet};
use super::repo::slips::NewSlip;
use super::repo::{house, postings, slips, wallets};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::error::{Error, Result, broken_constraint};
use kernel::id::PostingId;
use sea_orm::ConnectionTrait;

/// Posts once, locking the wallet first and the house last; the balances after, or `None` when the key was posted before and nothing changed.
///
/// # Errors
/// 3002 when an account would go below zero; 1403 when the wallet would hold more than [`LARGEST_WALLET`]; 1404 without one.
pub async fn post(
    conn: &impl ConnectionTrait,
    posting: &Posting,
    booked_on: BusinessDate,
    now: DateTime<Utc>,
) -> Result<Option<(PostingId, Wallet)>> {
    posting.check()?;
    let id = PostingId::new();
    if !postings::insert(conn, id, posting, booked_on, now).await? {
        let wallet = wallets::wallet(conn, posting.user).await?;
        return wallet.map(|_| None).ok_or_else(wallets::no_wallet);
    }
    let wallet = wallets::post(conn, posting).await.map_err(below_zero)?;
    let wallet = wallet.ok_or_else(wallets::no_wallet)?;
    if wallet.available.decimal() > LARGEST_WALLET && posting.change(Account::Available).is_positive() {
        let message = format!("a wallet may hold at most {LARGEST_WALLET} yuan");
        return Err(Error::params("amount", message));
    }
    house::post(conn, posting).await?;
    Ok(Some((id, wallet)))
}

fn below_zero(error: Error) -> Error {
    let constraint = error
        .source
        .as_ref()
        .and_then(|source| source.downcast_ref::<sea_orm::DbErr>())
        .and_then(broken_constraint)
        .unwrap_or_default();
    match constraint.as_str() {
        "accounts_available_check" | "accounts_held_check" => {
            Error::new(Code::InsufficientAmount, "the balance is too low")
        }
        _ => error,
    }
}

/// Posts a payout and writes its slip (type 9); nothing when it was posted before.
///
/// # Errors
/// As [`post`].
pub async fn post_payout(
    conn: &impl ConnectionTrait,
    posting: &Posting,
    booked_on: BusinessDate,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some((id, wallet)) = post(conn, posting, booked_on, now).await? else {
        return Ok(());
    };
    let slip = NewSlip {
        user: posting.user,
        amount_type: AmountType::Withdrawal,
        direction: Direction::Payment,
        amount: posting.change(Account::Payouts),
        balance: wallet.available,
        on: booked_on,
        posting: id,
        remark: String::new(),
    };
    slips::insert(conn, slip, now).await
}

/// Posts what an operator decided and writes its slip (type 6) with the reason; `None` when it was posted before.
///
/// # Errors
/// As [`post`].
pub(super) async fn correct(
    conn: &impl ConnectionTrait,
    posting: &Posting,
    reason: &str,
    booked_on: BusinessDate,
    now: DateTime<Utc>,
) -> Result<Option<PostingId>> {
    let Some((id, wallet)) = post(conn, posting, booked_on, now).await? else {
        return Ok(None);
    };
    let change = posting.change(Account::Available);
    let slip = NewSlip {
        user: posting.user,
        amount_type: AmountType::Correction,
        direction: match change.is_positive() {
            true => Direction::Income,
            false => Direction::Payment,
        },
        amount: change.abs(),
        balance: wallet.available,
        on: booked_on,
        posting: id,
        remark: reason.to_owned(),
    };
    slips::insert(conn, slip, now).await?;
    Ok(Some(id))
}
