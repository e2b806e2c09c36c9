//! What an empty database needs before it can serve: the schema, version 1 of every rule, this season's partitions.

use kernel::db;
use kernel::id::TemplateId;
use kernel::partitions;
use kernel::{Context, Result};
use rust_decimal::Decimal;
use sea_orm::ConnectionTrait;

/// Months whose partitions are made ahead, this one included.
const MONTHS: u32 = 3;

/// Brings the schema up to date and sows what is missing. Doing it again changes nothing.
///
/// # Errors
/// What PostgreSQL says.
pub async fn migrate(context: &Context) -> Result<()> {
    use migrations::MigratorTrait;
    migrations::Migrator::up(context.db.pool(), None).await?;
    let transaction = context.db.begin().await?;
    rates(&transaction, context).await?;
    default_template(&transaction, context).await?;
    transaction.commit().await?;
    partitions::make_ahead(&context.db, context.clock.today(), MONTHS).await
}

async fn rates(conn: &impl ConnectionTrait, context: &Context) -> Result<()> {
    let rates = &context.config.rates;
    let sql = "INSERT INTO settlement_rates (version, father, grand_father, father_ad, grand_father_ad, created_at)
               SELECT 1, $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM settlement_rates) ON CONFLICT DO NOTHING";
    let values = [
        rates.father.into(),
        rates.grand_father.into(),
        rates.father_ad.into(),
        rates.grand_father_ad.into(),
        context.clock.now().into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// A group earns for 30 days; one to five stars earn these yuan a day.
async fn default_template(conn: &impl ConnectionTrait, context: &Context) -> Result<()> {
    let stars = [("one", 2), ("two", 5), ("three", 10), ("four", 30), ("five", 100)];
    let line = |fen: i64| {
        serde_json::json!({
            "day": 30, "profit": Decimal::new(fen, 2).to_string(), "rate": "1", "activity_profit": "0",
        })
    };
    let rule: serde_json::Map<_, _> = stars
        .into_iter()
        .map(|(star, fen)| (star.to_owned(), line(fen)))
        .collect();
    let sql = "INSERT INTO profit_templates (id, code, version, rule, created_at)
               VALUES ($1, 'DEFAULT', 1, $2, $3) ON CONFLICT (code, version) DO NOTHING";
    let values = [
        TemplateId::new().into(),
        serde_json::Value::Object(rule).into(),
        context.clock.now().into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}
