//! Posting, within the caller's transaction.

pub use super::model::Wallet;
use super::model::{Account, AmountType, Direction, LARGEST_WALLET, Posting};
use super::repo::{self, NewSlip};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::audit;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::error::{Error, Result, broken_constraint};
use kernel::external::given_reason;
use kernel::id::{OperatorId, PostingId, UserId};
use kernel::money::Money;
use sea_orm::ConnectionTrait;

/// The user's wallet, if there is one.
///
/// # Errors
/// What PostgreSQL says.
pub async fn wallet(conn: &impl ConnectionTrait, user: UserId) -> Result<Option<Wallet>> {
    repo::wallet(conn, user).await
}

/// The user's wallet, locked until the transaction ends.
///
/// # Errors
/// 1404 without one; 503 when a settlement holds it for longer than the lock timeout.
pub async fn lock_wallet(conn: &impl ConnectionTrait, user: UserId) -> Result<Wallet> {
    repo::lock_wallet(conn, user).await?.ok_or_else(no_account)
}

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
    if !repo::insert(conn, id, posting, booked_on, now).await? {
        let wallet = repo::wallet(conn, posting.user).await?;
        return wallet.map(|_| None).ok_or_else(no_account);
    }
    let wallet = repo::move_wallet(conn, posting).await.map_err(below_zero)?;
    let wallet = wallet.ok_or_else(no_account)?;
    if wallet.available.decimal() > LARGEST_WALLET && posting.change(Account::Available).is_positive() {
        let message = format!("a wallet may hold at most {LARGEST_WALLET} yuan");
        return Err(Error::params("amount", message));
    }
    repo::move_house(conn, posting).await?;
    Ok(Some((id, wallet)))
}

fn no_account() -> Error {
    Error::not_found("account")
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
    repo::insert_slip(conn, slip, now).await
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
    repo::insert_slip(conn, slip, now).await?;
    Ok(Some(id))
}

/// An operator takes a posting back. The user sees it as a slip of type 6.
///
/// # Errors
/// 1404 for no such posting, 1409 when it was taken back before, 3002 when the user no longer has the money, 1403
/// without a reason or for postings of a withdrawal, which have ways of their own.
pub async fn reverse(
    context: &Context,
    operator: OperatorId,
    posting: PostingId,
    reason: &str,
) -> Result<PostingId> {
    let reason = given_reason(reason)?;
    let now = context.clock.now();
    let txn = context.db.begin().await?;
    let lines = repo::lines_of(&txn, posting).await?;
    let user = lines
        .iter()
        .find_map(|line| line.user_id)
        .ok_or_else(|| Error::not_found("posting"))?;
    let lines: Vec<(Account, Money)> = lines
        .iter()
        .map(|line| Ok((Account::of_number(line.account)?, line.amount)))
        .collect::<Result<_>>()?;
    let lines: [(Account, Money); 2] = lines
        .try_into()
        .map_err(|_| Error::internal("a posting without two lines"))?;
    if lines
        .iter()
        .any(|line| matches!(line.0, Account::Held | Account::Payouts))
    {
        return Err(Error::params(
            "posting",
            "belongs to a withdrawal and is undone there",
        ));
    }
    let reversal = Posting::reversal(posting, user, lines, reason);
    let id = correct(&txn, &reversal, reason, context.clock.today(), now)
        .await?
        .ok_or_else(|| Error::new(Code::DuplicateRequest, "this posting was reversed before"))?;
    let detail = serde_json::json!({ "reversal": id, "reason": reason });
    audit::record(
        &txn,
        operator,
        "reverse_posting",
        &posting.to_string(),
        detail,
        now,
    )
    .await?;
    txn.commit().await?;
    Ok(id)
}
