//! Runs that are done.

use crate::settlement::entity::settlement_run::{Column, Entity};
use crate::settlement::model::{RunKind, RunSummary};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::dates::DateFilter;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::RunId;
use kernel::listing;
use kernel::page::{Page, Paged};
use kernel::sort::Sort;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

pub(in crate::settlement) async fn find(
    conn: &impl ConnectionTrait,
    kind: RunKind,
    settle_date: BusinessDate,
    batch_no: i32,
) -> Result<Option<RunSummary>> {
    let found = Entity::find()
        .filter(Column::Kind.eq(kind))
        .filter(Column::SettleDate.eq(settle_date))
        .filter(Column::BatchNo.eq(batch_no));
    Ok(found.into_model().one(conn).await?)
}

/// Whether this (kind, date, batch) has been settled.
pub async fn is_done(
    conn: &impl ConnectionTrait,
    kind: RunKind,
    date: BusinessDate,
    batch_no: i32,
) -> Result<bool> {
    Ok(find(conn, kind, date, batch_no).await?.is_some())
}

/// One run.
///
/// # Errors
/// 1404 when there is none.
pub(in crate::settlement) async fn run(conn: &impl ConnectionTrait, id: RunId) -> Result<RunSummary> {
    let found = Entity::find_by_id(id).into_model().one(conn).await?;
    found.ok_or_else(|| Error::not_found("run"))
}

/// Which runs; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of this kind.
    pub kind: Option<RunKind>,
    /// Of which dates.
    pub settled: DateFilter,
    /// In which order.
    pub sort: Sort<RunColumn>,
}

kernel::sortable! {
    /// What runs are sorted by.
    pub enum RunColumn: descending(SettleDate), then ["settlement_runs.settled_at", "settlement_runs.id"] {
        /// The date it settled.
        SettleDate = "settle_date" => "settlement_runs.settle_date",
        /// When it was done.
        SettledAt = "settled_at" => "settlement_runs.settled_at",
        /// The sum of its slips.
        Total = "total" => "settlement_runs.total",
    }
}

/// Runs that are done.
pub async fn runs(context: &Context, filter: RunFilter, page: Page) -> Result<Paged<RunSummary>> {
    let found = Entity::find()
        .apply_if(filter.kind, |found, kind| found.filter(Column::Kind.eq(kind)))
        .filter(filter.settled.dates(Column::SettleDate));
    listing::page(context.db.read(), filter.sort.apply(found).into_model(), page).await
}

/// The newest run of each kind.
pub(in crate::settlement) async fn newest(conn: &impl ConnectionTrait) -> Result<Vec<RunId>> {
    let sql = "SELECT DISTINCT ON (kind) id FROM settlement_runs ORDER BY kind, moved DESC";
    db::fetch_column(conn, sql, []).await
}

/// A run changes the shape of these tables at a stroke; plans made before autovacuum comes by would be hopeless. Of the
/// month's partitions only: a table's own statistics would be made from all its months again.
pub(in crate::settlement) async fn refresh_statistics(
    conn: &impl ConnectionTrait,
    date: BusinessDate,
) -> Result<()> {
    let month = date.date().format("%Y%m");
    let months = [
        "settlement_lines",
        "settlement_importers",
        "settlement_movements",
        "ledger_postings",
        "ledger_lines",
        "slips",
    ];
    let months = months.map(|table| format!("{table}_{month}")).join(", ");
    let analyze = format!("ANALYZE accounts, {months}");
    conn.execute_unprepared(&analyze).await?;
    Ok(())
}
