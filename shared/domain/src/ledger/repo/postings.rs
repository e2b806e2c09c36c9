//! Postings with their lines: written once, never changed.

use crate::ledger::model::{Account, Posting, PostingKind};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{PostingId, UserId, WithdrawalId};
use kernel::money::Money;
use poem_openapi::Object;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

/// Locks the wallet, then writes key, posting and lines; false when the key exists, or no wallet.
pub(in crate::ledger) async fn insert(
    conn: &impl ConnectionTrait,
    id: PostingId,
    posting: &Posting,
    booked_on: BusinessDate,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = format!(
        "WITH wallet AS (SELECT FROM accounts WHERE user_id = $5 FOR UPDATE),
               new AS (
                   INSERT INTO ledger_keys (key, posting_id, booked_on) SELECT $1, $2, $3 FROM wallet
                   ON CONFLICT (key) DO NOTHING RETURNING posting_id),
               posted AS (
                   INSERT INTO ledger_postings (id, booked_on, key, kind, user_id, reverses, reason, created_at)
                   SELECT posting_id, $3, $1, $4, $5, $6, $7, $8 FROM new)
               INSERT INTO ledger_lines (posting_id, booked_on, account, user_id, amount)
               SELECT posting_id, $3, account, CASE WHEN account IN ({available}, {held}) THEN $5::uuid END, amount
               FROM new, unnest($9::smallint[], $10::numeric[]) AS line (account, amount)",
        available = Account::Available,
        held = Account::Held
    );
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
    Ok(db::execute(conn, &sql, values).await? > 0)
}

#[derive(FromQueryResult)]
pub(in crate::ledger) struct StoredLine {
    pub account: Account,
    pub amount: Money,
    pub user_id: Option<UserId>,
    pub kind: PostingKind,
    pub booked_on: BusinessDate,
}

/// The lines of a posting, found by id.
pub(in crate::ledger) async fn lines_of(
    conn: &impl ConnectionTrait,
    posting: PostingId,
) -> Result<Vec<StoredLine>> {
    let Some(booked_on) = booked_on(conn, posting).await? else {
        return Ok(Vec::new());
    };
    let sql = "SELECT line.account, line.amount, posting.user_id, posting.kind, posting.booked_on FROM ledger_postings AS posting
               JOIN ledger_lines AS line ON line.booked_on = posting.booked_on AND line.posting_id = posting.id
               WHERE posting.booked_on = $1 AND posting.id = $2 ORDER BY line.account";
    db::fetch_all(conn, sql, [booked_on.into(), posting.into()]).await
}

/// Whether the run that wrote this posting was taken back from its user. Not every such posting has a reversal that names
/// it: with the remainders it may have been less than a fen.
pub(in crate::ledger) async fn went_back_with_run(
    conn: &impl ConnectionTrait,
    user: UserId,
    booked_on: BusinessDate,
    posting: PostingId,
) -> Result<bool> {
    let sql = "SELECT EXISTS (
                   SELECT FROM slips AS s JOIN run_reversal_movements AS r
                        ON r.run_id = s.run_id AND r.user_id = s.user_id AND r.amount_type = s.amount_type
                   WHERE s.user_id = $1 AND s.settle_date = $2 AND s.posting_id = $3)";
    let values = [user.into(), booked_on.into(), posting.into()];
    Ok(db::fetch_scalar(conn, sql, values).await?.unwrap_or(false))
}

/// The date a posting is booked on, newest looked at first. The keys of postings begin with the date: asking each date
/// there is for the id reads a page or two of its index, and asking for the id alone would read every month's.
pub(in crate::ledger) async fn booked_on(
    conn: &impl ConnectionTrait,
    posting: PostingId,
) -> Result<Option<BusinessDate>> {
    let sql = "SELECT found.booked_on
               FROM generate_series((SELECT max(booked_on) FROM ledger_postings)::timestamp,
                                    (SELECT min(booked_on) FROM ledger_postings)::timestamp, '-1 day') AS day,
                    LATERAL (SELECT booked_on FROM ledger_postings WHERE booked_on = day::date AND id = $1 LIMIT 1) AS found
               LIMIT 1";
    db::fetch_scalar(conn, sql, [posting.into()]).await
}

/// A posting of a withdrawal: held, and then paid out or given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult, Object)]
#[oai(rename = "WithdrawalPosting")]
pub struct MovedEntry {
    /// The posting, as the ledger's list has it.
    pub id: PostingId,
    /// Held, paid out or given back.
    pub kind: PostingKind,
    /// Its business key.
    pub key: String,
    /// The date it is booked on.
    pub booked_on: BusinessDate,
    /// When it was posted.
    pub created_at: DateTime<Utc>,
}

/// The postings of a withdrawal, three at most, oldest first.
pub async fn moved_for(
    conn: &impl ConnectionTrait,
    id: WithdrawalId,
    user: UserId,
    amount: Money,
) -> Result<Vec<MovedEntry>> {
    let of = [Posting::hold, Posting::payout, Posting::release];
    let keys: Vec<String> = of.map(|posting| posting(id, user, amount).key).into();
    let sql = "SELECT p.id, p.kind, p.key, p.booked_on, p.created_at
               FROM ledger_keys AS k JOIN ledger_postings AS p ON p.booked_on = k.booked_on AND p.id = k.posting_id
               WHERE k.key = ANY($1) ORDER BY p.created_at, p.id";
    db::fetch_all(conn, sql, [keys.into()]).await
}
