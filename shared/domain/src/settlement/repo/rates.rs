//! Queries of rates.

use crate::settlement::entity::settlement_rate::{Column, Entity};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::config::RatesConfig;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::OperatorId;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryOrder, SelectModel, Selector};

/// One version of the rates, each from 0 to 1 with at most six places.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Rates {
    /// Counts from 1; the highest rules.
    pub version: i32,
    /// F, of groups, for the master.
    pub father: Decimal,
    /// G, of groups, for the grand-master.
    pub grand_father: Decimal,
    /// Fa, of ads, for the master.
    pub father_ad: Decimal,
    /// Ga, of ads, for the grand-master.
    pub grand_father_ad: Decimal,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
}

fn newest_first() -> Selector<SelectModel<Rates>> {
    Entity::find().order_by_desc(Column::Version).into_model()
}

/// The rates that rule now.
///
/// # Errors
/// When there are none: the database was not seeded.
pub async fn current(conn: &impl ConnectionTrait) -> Result<Rates> {
    let newest = newest_first().one(conn).await?;
    newest.ok_or_else(|| Error::internal("there are no settlement rates; run `api migrate`"))
}

/// All versions, newest first.
pub async fn all(context: &Context) -> Result<Vec<Rates>> {
    Ok(newest_first().all(context.db.read()).await?)
}

/// Makes version 1 from the configuration in an empty table.
pub async fn seed(conn: &impl ConnectionTrait, rates: &RatesConfig, now: DateTime<Utc>) -> Result<()> {
    let sql =
        "INSERT INTO settlement_rates (version, father, grand_father, father_ad, grand_father_ad, created_at)
               SELECT 1, $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM settlement_rates) ON CONFLICT DO NOTHING";
    let values = [
        rates.father.into(),
        rates.grand_father.into(),
        rates.father_ad.into(),
        rates.grand_father_ad.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// Waits for whoever enters a version.
pub(in crate::settlement) async fn lock(conn: &impl ConnectionTrait) -> Result<()> {
    let sql = "LOCK TABLE settlement_rates IN SHARE ROW EXCLUSIVE MODE";
    db::execute(conn, sql, []).await.map(|_| ())
}

/// Writes the next version.
pub(in crate::settlement) async fn insert(
    conn: &impl ConnectionTrait,
    rates: &RatesConfig,
    operator: OperatorId,
    now: DateTime<Utc>,
) -> Result<Rates> {
    let sql = "INSERT INTO settlement_rates (version, father, grand_father, father_ad, grand_father_ad, created_by, created_at)
               SELECT coalesce(max(version), 0) + 1, $1, $2, $3, $4, $5, $6 FROM settlement_rates
               RETURNING version, father, grand_father, father_ad, grand_father_ad, created_at";
    let values = [
        rates.father.into(),
        rates.grand_father.into(),
        rates.father_ad.into(),
        rates.grand_father_ad.into(),
        operator.into(),
        now.into(),
    ];
    db::fetch_one(conn, sql, values).await
}
