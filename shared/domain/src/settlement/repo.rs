//! The queries of the room that are not steps of a run.

pub mod earnings;
pub(super) mod rules;

use super::model::RunKind;
use super::run::RunSummary;
use crate::settlement::entity::settlement_run::{Column, Entity};
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::id::RunId;
use kernel::listing;
use kernel::page::{Page, Paged};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};

pub(super) async fn find(
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

pub(super) async fn by_id(conn: &impl ConnectionTrait, id: RunId) -> Result<Option<RunSummary>> {
    Ok(Entity::find_by_id(id).into_model().one(conn).await?)
}

pub(super) async fn list(
    conn: &impl ConnectionTrait,
    kind: Option<RunKind>,
    page: Page,
) -> Result<Paged<RunSummary>> {
    let found = Entity::find()
        .apply_if(kind, |found, kind| found.filter(Column::Kind.eq(kind)))
        .order_by_desc(Column::SettleDate)
        .order_by_desc(Column::SettledAt)
        .order_by_desc(Column::Id);
    listing::page(conn, found.into_model(), page).await
}
