//! Postings as operators look for them.

use crate::ledger::model::{Account, PostingKind};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{PostingId, RunId, UserId};
use kernel::listing::Listing;
use kernel::page::{Page, Paged};
use sea_orm::{ConnectionTrait, FromJsonQueryResult, FromQueryResult};
use serde::{Deserialize, Serialize};

/// What an operator looks for; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct PostingFilter {
    /// Whose wallet it touches.
    pub user: Option<UserId>,
    /// Exactly this key.
    pub key: Option<String>,
    /// The date it is booked on.
    pub date: Option<BusinessDate>,
    /// Exactly this kind.
    pub kind: Option<PostingKind>,
}

/// A posting as it is kept.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs)]
pub struct PostingEntry {
    pub id: PostingId,
    pub booked_on: BusinessDate,
    pub key: String,
    pub kind: PostingKind,
    pub user_id: Option<UserId>,
    pub run_id: Option<RunId>,
    /// The posting it takes back.
    pub reverses: Option<PostingId>,
    /// The posting that takes it back.
    pub reversed_by: Option<PostingId>,
    pub reason: Option<String>,
    pub lines: Vec<LineEntry>,
    pub created_at: DateTime<Utc>,
}

/// What an account gains by a posting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct LineEntry {
    /// The account.
    pub account: Account,
    /// Its name.
    pub name: String,
    /// Yuan, as text.
    pub amount: String,
}

/// Postings with their lines, newest first. Without a user, key or date: those of the newest date there is, for all of
/// them are too many to count.
///
/// # Errors
/// What PostgreSQL says.
pub async fn postings(
    conn: &impl ConnectionTrait,
    mut filter: PostingFilter,
    page: Page,
) -> Result<Paged<PostingEntry>> {
    if filter.user.is_none() && filter.key.is_none() && filter.date.is_none() {
        let newest = "SELECT booked_on FROM ledger_postings ORDER BY booked_on DESC LIMIT 1";
        filter.date = db::fetch_scalar(conn, newest, []).await?;
    }
    // A user's postings are found by their slips and withdrawals, which have indexes; postings have none by user.
    let of_user = "(p.booked_on, p.id) IN (
             SELECT settle_date, posting_id FROM slips WHERE user_id = $1
             UNION SELECT k.booked_on, k.posting_id FROM withdrawals AS w, ledger_keys AS k
                   WHERE w.user_id = $1 AND k.key IN ('withdrawal:' || w.id || ':hold', 'withdrawal:' || w.id || ':release',
                                                      'withdrawal:' || w.id || ':payout'))";
    let user = match filter.user {
        Some(_) => of_user,
        None => "$1::uuid IS NULL",
    };
    let from = format!(
        "ledger_postings AS p WHERE {user} AND ($2::text IS NULL OR p.key = $2)
             AND ($3::date IS NULL OR p.booked_on = $3) AND ($4::text IS NULL OR p.kind = $4)"
    );
    let columns = format!(
        "p.id, p.booked_on, p.key, p.kind, p.user_id, p.run_id, p.reverses, p.reason, p.created_at,
                  (SELECT posting_id FROM ledger_keys WHERE key = 'reversal:' || p.id) AS reversed_by,
                  (SELECT coalesce(jsonb_agg(jsonb_build_object(
                              'account', l.account,
                              'name', coalesce(h.name, CASE l.account WHEN {available} THEN 'available' ELSE 'held' END),
                              'amount', l.amount::text) ORDER BY l.account), '[]')
                   FROM ledger_lines AS l LEFT JOIN house_accounts AS h USING (account)
                   WHERE l.booked_on = p.booked_on AND l.posting_id = p.id) AS lines",
        available = Account::Available
    );
    let listing = Listing {
        columns: &columns,
        from: &from,
        order: "p.booked_on DESC, p.id DESC",
    };
    let values = vec![
        filter.user.into(),
        filter.key.into(),
        filter.date.into(),
        filter.kind.into(),
    ];
    listing.page(conn, values, page).await
}
