//! The rates of masters and grand-masters, by version.

use crate::settlement::entity::settlement_rate::{Column, Entity};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::audit;
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
///
/// # Errors
/// What PostgreSQL says.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Rates>> {
    Ok(newest_first().all(conn).await?)
}

/// Makes version 1 from the configuration in an empty table.
///
/// # Errors
/// What PostgreSQL says.
pub async fn seed(conn: &impl ConnectionTrait, rates: &RatesConfig, now: DateTime<Utc>) -> Result<()> {
    let sql =
        "INSERT INTO settlement_rates (version, father, grand_father, father_ad, grand_father_ad, created_at)
               SELECT 1, $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM settlement_rates)";
    let values = [
        rates.father.into(),
        rates.grand_father.into(),
        rates.father_ad.into(),
        rates.grand_father_ad.into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// Enters the next version. It rules from the next run on.
///
/// # Errors
/// 1403 naming the rate that is not from 0 to 1 or has more than six places.
pub async fn add_version(context: &Context, operator: OperatorId, rates: RatesConfig) -> Result<Rates> {
    for (field, rate) in [
        ("father", rates.father),
        ("grand_father", rates.grand_father),
        ("father_ad", rates.father_ad),
        ("grand_father_ad", rates.grand_father_ad),
    ] {
        if !(Decimal::ZERO..=Decimal::ONE).contains(&rate) || rate.normalize().scale() > 6 {
            return Err(Error::params(
                field,
                "must be from 0 to 1 with at most six places",
            ));
        }
    }
    let now = context.clock.now();
    let txn = context.db.begin().await?;
    db::execute(
        &txn,
        "LOCK TABLE settlement_rates IN SHARE ROW EXCLUSIVE MODE",
        [],
    )
    .await?;
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
    let rates: Rates = db::fetch_one(&txn, sql, values).await?;
    let detail = serde_json::json!({ "version": rates.version });
    audit::record(
        &txn,
        operator,
        "add_rates_version",
        "settlement_rates",
        detail,
        now,
    )
    .await?;
    txn.commit().await?;
    Ok(rates)
}
