//! Queries of corrections.

use crate::ledger::model::{Account, HouseAccount};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::dates::DateFilter;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::{CorrectionId, OperatorId, PostingId, UserId};
use kernel::listing::{Conditions, Listing};
use kernel::money::Money;
use kernel::page::{Page, Paged};
use kernel::sort::Sort;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};

kernel::named! {
    /// What became of a correction.
    pub enum CorrectionState {
        /// It waits for another operator.
        Proposed = "proposed",
        /// It is in the books.
        Booked = "booked",
        /// It was dropped.
        Dropped = "dropped",
    }
}

/// What an operator wants to be booked.
#[derive(Debug, Clone, Serialize)]
pub struct NewCorrection {
    /// Whose wallet.
    pub user: UserId,
    /// The house's account on the other side.
    pub account: HouseAccount,
    /// What the wallet gains; below zero, what it loses.
    pub amount: Money,
    /// Why; the user sees it too.
    pub reason: String,
}

/// A correction and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromQueryResult, Object)]
#[allow(missing_docs)]
pub struct Correction {
    pub id: CorrectionId,
    pub user_id: UserId,
    /// The house's account on the other side.
    pub account: HouseAccount,
    /// Yuan the wallet gains; below zero, what it loses.
    pub amount: Money,
    pub reason: String,
    /// proposed, booked or dropped.
    pub state: CorrectionState,
    /// The operator's name.
    pub proposed_by: String,
    /// Who agreed or dropped it; the proposer where one operator is enough.
    pub decided_by: Option<String>,
    /// What was posted.
    pub posting_id: Option<PostingId>,
    pub created_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str =
    "c.id, c.user_id, h.name AS account, c.amount, c.reason, c.state, proposer.name AS proposed_by,
                       decider.name AS decided_by, c.posting_id, c.created_at, c.decided_at";
const FROM: &str = "corrections AS c JOIN house_accounts AS h USING (account)
                    JOIN operators AS proposer ON proposer.id = c.proposed_by
                    LEFT JOIN operators AS decider ON decider.id = c.decided_by";

pub(in crate::ledger) async fn insert(
    conn: &impl ConnectionTrait,
    id: CorrectionId,
    new: &NewCorrection,
    operator: OperatorId,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO corrections (id, user_id, account, amount, reason, state, proposed_by, created_at)
               VALUES ($1, $2, $3, $4, $5, 'proposed', $6, $7)";
    let values = [
        id.into(),
        new.user.into(),
        Account::from(new.account).into(),
        new.amount.into(),
        new.reason.trim().into(),
        operator.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// What deciding needs to know.
#[derive(FromQueryResult)]
pub(in crate::ledger) struct Open {
    pub user_id: UserId,
    pub account: Account,
    pub amount: Money,
    pub reason: String,
    pub state: CorrectionState,
    pub proposed_by: OperatorId,
}

const OPEN: &str =
    "SELECT user_id, account, amount, reason, state, proposed_by FROM corrections WHERE id = $1";

pub(in crate::ledger) async fn find(conn: &impl ConnectionTrait, id: CorrectionId) -> Result<Option<Open>> {
    db::fetch_optional(conn, OPEN, [id.into()]).await
}

/// A correction, locked until the transaction ends. Its wallet is locked first.
pub(in crate::ledger) async fn lock(conn: &impl ConnectionTrait, id: CorrectionId) -> Result<Option<Open>> {
    db::fetch_optional(conn, &format!("{OPEN} FOR UPDATE"), [id.into()]).await
}

pub(in crate::ledger) async fn decide(
    conn: &impl ConnectionTrait,
    id: CorrectionId,
    state: CorrectionState,
    operator: OperatorId,
    posting: Option<PostingId>,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql =
        "UPDATE corrections SET state = $2, decided_by = $3, posting_id = $4, decided_at = $5 WHERE id = $1";
    let values = [
        id.into(),
        state.into(),
        operator.into(),
        posting.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

pub(in crate::ledger) async fn by_id(conn: &impl ConnectionTrait, id: CorrectionId) -> Result<Correction> {
    let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE c.id = $1");
    let found = db::fetch_optional(conn, &sql, [id.into()]).await?;
    found.ok_or_else(|| Error::not_found("correction"))
}

/// Which corrections; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct CorrectionFilter {
    /// What became of it.
    pub state: Option<CorrectionState>,
    /// Of this user's wallet.
    pub user: Option<UserId>,
    /// When it was proposed.
    pub created: DateFilter,
    /// In which order.
    pub sort: Sort<CorrectionColumn>,
}

kernel::sortable! {
    /// What corrections are sorted by.
    pub enum CorrectionColumn: descending(CreatedAt), then ["c.id"] {
        /// When it was proposed.
        CreatedAt = "created_at" => "c.created_at",
        /// What the wallet gains.
        Amount = "amount" => "c.amount",
    }
}

/// Corrections.
pub async fn corrections(
    context: &Context,
    filter: CorrectionFilter,
    page: Page,
) -> Result<Paged<Correction>> {
    let listing = Listing {
        columns: COLUMNS,
        from: FROM,
        order: &filter.sort.sql(),
    };
    let conditions = Conditions::default()
        .when("c.state = {}", filter.state)
        .when("c.user_id = {}", filter.user)
        .between("c.created_at >= {}", "c.created_at < {}", filter.created);
    listing.page_where(context.db.read(), conditions, page).await
}

/// Corrections that wait for another operator.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct WaitingCorrections {
    /// How many.
    pub waiting: i64,
    /// How many of them this operator did not propose.
    pub open_to_me: i64,
    /// When the oldest was proposed.
    pub oldest_at: Option<DateTime<Utc>>,
}

/// What waits, and how much of it for this operator.
pub async fn waiting_corrections(
    conn: &impl ConnectionTrait,
    operator: OperatorId,
) -> Result<WaitingCorrections> {
    let sql = "SELECT count(*) AS waiting, count(*) FILTER (WHERE proposed_by <> $1) AS open_to_me, min(created_at) AS oldest_at
               FROM corrections WHERE state = 'proposed'";
    db::fetch_one(conn, sql, [operator.into()]).await
}
