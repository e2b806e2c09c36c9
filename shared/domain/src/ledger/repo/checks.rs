//! Kept checks of the books.

use crate::ledger::entity::ledger_check;
use crate::ledger::model::{Finding, Report};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::CheckId;
use kernel::listing;
use kernel::page::{Page, Paged};
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QuerySelect};

/// Makes the transaction see one moment, with time to look; the number of that moment, higher than all before it:
/// PostgreSQL's and no clock's.
pub(in crate::ledger) async fn begin(txn: &DatabaseTransaction) -> Result<i64> {
    db::execute(txn, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", []).await?;
    // The first query: the moment is now.
    let number = db::fetch_scalar(txn, "SELECT nextval('ledger_check_numbers')", []).await?;
    txn.execute_unprepared(
        "SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '128MB'; SET LOCAL jit = off",
    )
    .await?;
    number.ok_or_else(|| Error::internal("a sequence gave no number"))
}

pub(in crate::ledger) async fn insert(
    conn: &impl ConnectionTrait,
    number: i64,
    report: &Report,
) -> Result<()> {
    let kept = ledger_check::Model {
        id: CheckId::new(),
        checked_at: report.checked_at,
        clean: report.clean,
        findings: serde_json::to_value(&report.findings)?,
        number,
    };
    let insert = ledger_check::Entity::insert(kept.into_active_model());
    insert.exec_without_returning(conn).await?;
    Ok(())
}

/// Whether the newest check was clean; true before the first.
pub async fn newest_is_clean(conn: &impl ConnectionTrait) -> Result<bool> {
    let newest = ledger_check::Entity::newest_first();
    let clean = newest
        .select_only()
        .column(ledger_check::Column::Clean)
        .into_tuple();
    Ok(clean.one(conn).await?.unwrap_or(true))
}

/// What the newest check came to.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct LedgerState {
    /// Whether everything held; true before the first check.
    pub clean: bool,
    /// When the books were as the check saw them; null before the first.
    pub checked_at: Option<DateTime<Utc>>,
}

/// What the newest check came to.
pub async fn newest(conn: &impl ConnectionTrait) -> Result<LedgerState> {
    let newest = ledger_check::Entity::newest_first();
    let columns = [ledger_check::Column::Clean, ledger_check::Column::CheckedAt];
    let newest = newest.select_only().columns(columns).into_tuple();
    let newest: Option<(bool, DateTime<Utc>)> = newest.one(conn).await?;
    Ok(LedgerState {
        clean: newest.is_none_or(|(clean, _)| clean),
        checked_at: newest.map(|(_, at)| at),
    })
}

/// A check that was kept.
#[derive(Debug, Clone, Object)]
pub struct KeptCheck {
    /// To ask for it again.
    pub id: CheckId,
    /// When.
    pub checked_at: DateTime<Utc>,
    /// Whether everything held.
    pub clean: bool,
    /// The first offending rows of each rule.
    pub findings: Vec<Finding>,
}

/// Checks that were kept, newest first.
pub async fn kept_checks(context: &Context, page: Page) -> Result<Paged<KeptCheck>> {
    let found = ledger_check::Entity::newest_first();
    let found = listing::page(context.db.read(), found, page).await?;
    Ok(Paged {
        rows: found.rows.into_iter().map(read).collect::<Result<_>>()?,
        info: found.info,
    })
}

/// A check that was kept.
///
/// # Errors
/// 1404 when there is none.
pub async fn kept_check(context: &Context, id: CheckId) -> Result<KeptCheck> {
    let found = ledger_check::Entity::find_by_id(id)
        .one(context.db.read())
        .await?;
    read(found.ok_or_else(|| Error::not_found("check"))?)
}

fn read(kept: ledger_check::Model) -> Result<KeptCheck> {
    Ok(KeptCheck {
        id: kept.id,
        checked_at: kept.checked_at,
        clean: kept.clean,
        findings: serde_json::from_value(kept.findings)?,
    })
}
