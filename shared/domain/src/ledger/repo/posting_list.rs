//! Postings as operators look for them.

use crate::ledger::model::{Account, PostingKind};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::dates::DateFilter;
use kernel::db;
use kernel::error::Result;
use kernel::id::{PostingId, RunId, UserId};
use kernel::listing::{Conditions, Listing};
use kernel::money::Money;
use kernel::page::{Page, Paged};
use kernel::sort::Sort;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromJsonQueryResult, FromQueryResult};
use serde::{Deserialize, Serialize};

/// What an operator looks for; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct PostingFilter {
    /// Whose wallet it touches.
    pub user: Option<UserId>,
    /// Exactly this key.
    pub key: Option<String>,
    /// The dates it is booked on.
    pub booked: DateFilter,
    /// Exactly this kind.
    pub kind: Option<PostingKind>,
    /// Written by this settlement run.
    pub run: Option<RunId>,
    /// Touching this account.
    pub account: Option<Account>,
    /// Moving this amount or more.
    pub amount_from: Option<Money>,
    /// Moving this amount or less.
    pub amount_to: Option<Money>,
    /// In which order.
    pub sort: Sort<PostingColumn>,
}

kernel::sortable! {
    /// What postings are sorted by.
    pub enum PostingColumn: descending(BookedOn), then ["p.id"] {
        /// The date it is booked on.
        BookedOn = "booked_on" => "p.booked_on",
    }
}

/// A user's postings are found by their slips and withdrawals, which have indexes; postings have none by user.
const OF_USER: &str = "(p.booked_on, p.id) IN (
     SELECT settle_date, posting_id FROM slips WHERE user_id = {}
     UNION SELECT k.booked_on, k.posting_id FROM withdrawals AS w, ledger_keys AS k
           WHERE w.user_id = {} AND k.key IN ('withdrawal:' || w.id || ':hold', 'withdrawal:' || w.id || ':release',
                                              'withdrawal:' || w.id || ':payout'))";
/// What a posting moves: its lines sum to zero, and this is the largest of them.
const AT_LEAST: &str = "{} <= (SELECT max(l.amount) FROM ledger_lines AS l WHERE l.booked_on = p.booked_on AND l.posting_id = p.id)";
const AT_MOST: &str = "{} >= (SELECT max(l.amount) FROM ledger_lines AS l WHERE l.booked_on = p.booked_on AND l.posting_id = p.id)";
const TOUCHING: &str = "EXISTS (SELECT FROM ledger_lines AS l
     WHERE l.booked_on = p.booked_on AND l.posting_id = p.id AND l.account = {})";

/// A posting and its lines, which sum to zero.
#[derive(Debug, Clone, FromQueryResult, Object)]
#[oai(rename = "Posting")]
#[allow(missing_docs)]
pub struct PostingEntry {
    pub id: PostingId,
    pub booked_on: BusinessDate,
    /// Its business key; exists once.
    pub key: String,
    pub kind: PostingKind,
    pub user_id: Option<UserId>,
    /// The settlement run that wrote it.
    pub run_id: Option<RunId>,
    /// The posting it takes back.
    pub reverses: Option<PostingId>,
    /// The posting that takes it back.
    pub reversed_by: Option<PostingId>,
    /// Why, where an operator decided it.
    pub reason: Option<String>,
    pub lines: Vec<LineEntry>,
    pub created_at: DateTime<Utc>,
}

/// What one account gains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, Object)]
#[oai(rename = "PostingLine")]
#[allow(missing_docs)]
pub struct LineEntry {
    pub account: Account,
    pub name: String,
    /// Yuan, a decimal string.
    pub amount: String,
}

fn columns() -> String {
    format!(
        "p.id, p.booked_on, p.key, p.kind, p.user_id, p.run_id, p.reverses, p.reason, p.created_at,
         (SELECT posting_id FROM ledger_keys WHERE key = 'reversal:' || p.id) AS reversed_by,
         (SELECT coalesce(jsonb_agg(jsonb_build_object(
                     'account', l.account,
                     'name', coalesce(h.name, CASE l.account WHEN {available} THEN 'available' ELSE 'held' END),
                     'amount', l.amount::text) ORDER BY l.account), '[]')
          FROM ledger_lines AS l LEFT JOIN house_accounts AS h USING (account)
          WHERE l.booked_on = p.booked_on AND l.posting_id = p.id) AS lines",
        available = Account::Available
    )
}

/// One posting with its lines.
pub(in crate::ledger) async fn one(
    conn: &impl ConnectionTrait,
    booked_on: BusinessDate,
    id: PostingId,
) -> Result<Option<PostingEntry>> {
    let sql = format!(
        "SELECT {} FROM ledger_postings AS p WHERE p.booked_on = $1 AND p.id = $2",
        columns()
    );
    db::fetch_optional(conn, &sql, [booked_on.into(), id.into()]).await
}

/// Postings with their lines. Without a user, key or dates: those of the newest date there is, for all of them are too
/// many to count.
pub async fn postings(
    context: &Context,
    mut filter: PostingFilter,
    page: Page,
) -> Result<Paged<PostingEntry>> {
    let conn = context.db.read();
    if filter.user.is_none() && filter.key.is_none() && filter.booked == DateFilter::default() {
        let newest = "SELECT booked_on FROM ledger_postings ORDER BY booked_on DESC LIMIT 1";
        let newest: Option<BusinessDate> = db::fetch_scalar(conn, newest, []).await?;
        filter.booked = newest.map(DateFilter::only).unwrap_or_default();
    }
    let columns = columns();
    let listing = Listing {
        columns: &columns,
        from: "ledger_postings AS p",
        order: &filter.sort.sql(),
    };
    let conditions = Conditions::default()
        .when(OF_USER, filter.user)
        .when("p.key = {}", filter.key)
        .when("p.booked_on >= {}", filter.booked.from)
        .when("p.booked_on <= {}", filter.booked.to)
        .when("p.kind = {}", filter.kind)
        .when("p.run_id = {}", filter.run)
        .when(TOUCHING, filter.account)
        .when(AT_LEAST, filter.amount_from)
        .when(AT_MOST, filter.amount_to);
    listing.page_where(conn, conditions, page).await
}
