//! The queries of the room that are not steps of a run.

use super::model::RunKind;
use super::service::RunSummary;
use crate::kernel::clock::BusinessDate;
use crate::kernel::db;
use crate::kernel::error::Result;
use crate::kernel::id::RunId;
use crate::kernel::page::{Page, Paged};
use sea_orm::ConnectionTrait;

const SUMMARY: &str = "SELECT id, kind, settle_date, batch_no, rates_version, group_count, slip_count, total, timings, settled_at FROM settlement_runs";

pub(super) async fn find(
    conn: &impl ConnectionTrait,
    kind: RunKind,
    settle_date: BusinessDate,
    batch_no: i32,
) -> Result<Option<RunSummary>> {
    let sql = format!("{SUMMARY} WHERE kind = $1 AND settle_date = $2 AND batch_no = $3");
    db::fetch_optional(
        conn,
        &sql,
        [kind.name().into(), settle_date.into(), batch_no.into()],
    )
    .await
}

pub(super) async fn by_id(conn: &impl ConnectionTrait, id: RunId) -> Result<Option<RunSummary>> {
    db::fetch_optional(conn, &format!("{SUMMARY} WHERE id = $1"), [id.into()]).await
}

pub(super) async fn list(
    conn: &impl ConnectionTrait,
    kind: Option<RunKind>,
    page: Page,
) -> Result<Paged<RunSummary>> {
    let kind: Option<String> = kind.map(|kind| kind.name().to_owned());
    let count = "SELECT count(*) FROM settlement_runs WHERE $1::text IS NULL OR kind = $1";
    let total: i64 = db::fetch_scalar(conn, count, [kind.clone().into()])
        .await?
        .unwrap_or(0);
    let sql = format!(
        "{SUMMARY} WHERE $1::text IS NULL OR kind = $1 ORDER BY settle_date DESC, settled_at DESC LIMIT $2 OFFSET $3"
    );
    let rows = db::fetch_all(
        conn,
        &sql,
        [kind.into(), page.limit().into(), page.offset().into()],
    )
    .await?;
    Ok(Paged {
        rows,
        info: page.info(total as u64),
    })
}
