//! The queries of the room.

use chrono::NaiveDate;
use kernel::clock::BusinessDate;
use kernel::dates::DateRange;
use kernel::db;
use kernel::error::Result;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;

/// A date that was sealed.
#[derive(Debug, FromQueryResult)]
pub(super) struct Sealed {
    pub day: BusinessDate,
    pub figures: Value,
}

pub(super) async fn sealed(conn: &impl ConnectionTrait, dates: DateRange) -> Result<Vec<Sealed>> {
    let sql = "SELECT day, figures FROM day_figures WHERE day BETWEEN $1 AND $2 ORDER BY day";
    db::fetch_all(conn, sql, dates.values()).await
}

/// Keeps what these dates came to, in place of what was kept before.
pub(super) async fn keep(conn: &impl ConnectionTrait, days: Vec<(BusinessDate, Value)>) -> Result<u64> {
    let sql = "INSERT INTO day_figures (day, figures)
               SELECT day, figures::jsonb FROM unnest($1::date[], $2::text[]) AS new (day, figures)
               ON CONFLICT (day) DO UPDATE SET figures = excluded.figures";
    let (dates, figures): (Vec<NaiveDate>, Vec<String>) = days
        .into_iter()
        .map(|(day, figures)| (day.date(), figures.to_string()))
        .unzip();
    db::execute(conn, sql, [dates.into(), figures.into()]).await
}
