//! Every query of the room that writes, and the wallet.

pub mod movements;

use super::model::{Account, AmountType, Direction, Posting, Wallet};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{PostingId, UserId, new_uuid};
use kernel::money::Money;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Locks the wallet, then writes key, posting and lines; false when the key exists, or no wallet.
pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    id: PostingId,
    posting: &Posting,
    booked_on: BusinessDate,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "WITH wallet AS (SELECT FROM accounts WHERE user_id = $5 FOR UPDATE),
               new AS (
                   INSERT INTO ledger_keys (key, posting_id, booked_on) SELECT $1, $2, $3 FROM wallet
                   ON CONFLICT (key) DO NOTHING RETURNING posting_id),
               posted AS (
                   INSERT INTO ledger_postings (id, booked_on, key, kind, user_id, reverses, reason, created_at)
                   SELECT posting_id, $3, $1, $4, $5, $6, $7, $8 FROM new)
               INSERT INTO ledger_lines (posting_id, booked_on, account, user_id, amount)
               SELECT posting_id, $3, account, CASE WHEN account < 10 THEN $5::uuid END, amount
               FROM new, unnest($9::smallint[], $10::numeric[]) AS line (account, amount)";
    let accounts: Vec<i16> = posting.lines.iter().map(|line| line.0.number()).collect();
    let amounts: Vec<Decimal> = posting.lines.iter().map(|line| line.1.decimal()).collect();
    let values = [
        posting.key.clone().into(),
        id.into(),
        booked_on.into(),
        posting.kind.into(),
        posting.user.into(),
        posting.reverses.into(),
        posting.reason.clone().into(),
        now.into(),
        accounts.into(),
        amounts.into(),
    ];
    Ok(db::execute(conn, sql, values).await? > 0)
}

/// Moves a wallet; its balances after.
pub(super) async fn move_wallet(conn: &impl ConnectionTrait, posting: &Posting) -> Result<Option<Wallet>> {
    let sql = "UPDATE accounts SET available = available + $2, held = held + $3
               WHERE user_id = $1 RETURNING available, held, income";
    let available = posting.change(Account::Available);
    let held = posting.change(Account::Held);
    db::fetch_optional(conn, sql, [posting.user.into(), available.into(), held.into()]).await
}

/// Moves the house's accounts.
pub(super) async fn move_house(conn: &impl ConnectionTrait, posting: &Posting) -> Result<()> {
    for (account, amount) in posting.lines.iter().filter(|line| !line.0.is_users()) {
        let sql = "UPDATE house_accounts SET balance = balance + $2 WHERE account = $1";
        db::execute(conn, sql, [account.number().into(), (*amount).into()]).await?;
    }
    Ok(())
}

/// The wallet, locked for the rest of the transaction.
pub(super) async fn lock_wallet(conn: &impl ConnectionTrait, user: UserId) -> Result<Option<Wallet>> {
    let sql = "SELECT available, held, income FROM accounts WHERE user_id = $1 FOR UPDATE";
    db::fetch_optional(conn, sql, [user.into()]).await
}

pub(super) async fn wallet(conn: &impl ConnectionTrait, user: UserId) -> Result<Option<Wallet>> {
    db::fetch_optional(
        conn,
        "SELECT available, held, income FROM accounts WHERE user_id = $1",
        [user.into()],
    )
    .await
}

/// A slip to write: amounts are positive, the direction tells which way.
pub(super) struct NewSlip {
    pub user: UserId,
    pub amount_type: AmountType,
    pub direction: Direction,
    pub amount: Money,
    pub balance: Money,
    pub on: BusinessDate,
    pub posting: PostingId,
    pub remark: String,
}

pub(super) async fn insert_slip(
    conn: &impl ConnectionTrait,
    slip: NewSlip,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO slips (id, user_id, amount_type, direction, amount, balance, settle_date, posting_id, remark, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = [
        new_uuid().into(),
        slip.user.into(),
        slip.amount_type.into(),
        slip.direction.into(),
        slip.amount.into(),
        slip.balance.into(),
        slip.on.into(),
        slip.posting.into(),
        slip.remark.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

#[derive(FromQueryResult)]
pub(super) struct StoredLine {
    pub account: i16,
    pub amount: Money,
    pub user_id: Option<UserId>,
}

/// The lines of a posting, found by id.
pub(super) async fn lines_of(conn: &impl ConnectionTrait, posting: PostingId) -> Result<Vec<StoredLine>> {
    let sql = "SELECT line.account, line.amount, posting.user_id FROM ledger_postings AS posting
               JOIN ledger_lines AS line ON line.booked_on = posting.booked_on AND line.posting_id = posting.id
               WHERE posting.id = $1 ORDER BY line.account";
    db::fetch_all(conn, sql, [posting.into()]).await
}
