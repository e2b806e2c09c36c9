//! How a withdrawal's money moved.

use super::model::Posting;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::UserId;
use kernel::id::{PostingId, WithdrawalId};
use kernel::money::Money;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

/// A posting of a withdrawal: held, and then paid out or given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult, Object)]
#[oai(rename = "WithdrawalPosting")]
pub struct MovedEntry {
    /// The posting, as the ledger's list has it.
    pub id: PostingId,
    /// `hold`, `payout` or `release`.
    pub kind: String,
    /// Its business key.
    pub key: String,
    /// The date it is booked on.
    pub booked_on: BusinessDate,
    /// When it was posted.
    pub created_at: DateTime<Utc>,
}

/// The postings of a withdrawal, three at most, oldest first.
///
/// # Errors
/// What PostgreSQL says.
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
