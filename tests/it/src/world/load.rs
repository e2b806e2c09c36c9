//! A world as rows. Stored as it is, odd combinations included; dates are noon of that day in Shanghai.

use anyhow::{Context, Result};
use domain::settlement::ads::{self, Revenue};
use kernel::clock::BusinessDate;
use kernel::db;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

/// Statements over the world's JSON, in order.
const STEPS: &[(&str, &str)] = &[
    (
        "rates",
        "INSERT INTO settlement_rates (version, father, grand_father, father_ad, grand_father_ad, created_at)
         SELECT coalesce((SELECT max(version) FROM settlement_rates), 0) + 1, (r->>'father')::numeric,
                (r->>'grand_father')::numeric, (r->>'father_ad')::numeric, (r->>'grand_father_ad')::numeric, $2
         FROM (SELECT $1::jsonb->'rates' AS r) AS world",
    ),
    (
        "templates",
        "INSERT INTO profit_templates (id, code, version, rule, created_at)
         SELECT gen_random_uuid(), key, 1, value, $2 FROM jsonb_each($1::jsonb->'templates')
         ON CONFLICT (code, version) DO UPDATE SET rule = excluded.rule",
    ),
    (
        "users",
        "INSERT INTO users (id, code, nickname, created_at, updated_at)
         SELECT gen_random_uuid(), code, code, $2, $2 FROM jsonb_to_recordset($1::jsonb->'users') AS u (code text)",
    ),
    (
        "wallets",
        "INSERT INTO accounts (user_id, carried_groups, carried_ads, carried_disciple_groups, carried_disciple_ads)
         SELECT u.id, coalesce(c.t1, 0), coalesce(c.t2, 0), coalesce(c.t3, 0), coalesce(c.t4, 0)
         FROM users AS u LEFT JOIN (
             SELECT \"user\" AS code, max(amount) FILTER (WHERE amount_type = 1) AS t1, max(amount) FILTER (WHERE amount_type = 2) AS t2,
                    max(amount) FILTER (WHERE amount_type = 3) AS t3, max(amount) FILTER (WHERE amount_type = 4) AS t4
             FROM jsonb_to_recordset($1::jsonb->'carried') AS c (\"user\" text, amount_type int, amount numeric) GROUP BY 1) AS c
             USING (code) WHERE $2::timestamptz IS NOT NULL",
    ),
    (
        "referrals",
        "INSERT INTO referrals (user_id, master_id, created_at)
         SELECT u.id, m.id, $2 FROM jsonb_to_recordset($1::jsonb->'users') AS w (code text, master text)
         JOIN users AS u ON u.code = w.code JOIN users AS m ON m.code = w.master",
    ),
    (
        "groups",
        "INSERT INTO groups (id, code, name, user_id, owner_user_code, member_count, status, running_status, star, old_group,
                             repeat_rate, template_id, bound_at, cancelled_at, cancel_reason, updated_at)
         SELECT gen_random_uuid(), g.code, g.code, u.id, CASE WHEN g.owner_is_user THEN u.code ELSE 'not-' || u.code END,
                g.member_count, g.status, g.running_status, g.star, g.old_group, g.repeat_rate, t.id,
                (g.bound_on || ' 12:00+08')::timestamptz, (g.cancelled_on || ' 12:00+08')::timestamptz,
                CASE WHEN g.status = 3 THEN 4 END, $2
         FROM jsonb_to_recordset($1::jsonb->'groups') AS g (code text, \"user\" text, owner_is_user boolean, member_count int,
              status smallint, running_status smallint, star smallint, old_group boolean, repeat_rate numeric, template text,
              bound_on text, cancelled_on text)
         JOIN users AS u ON u.code = g.\"user\" JOIN profit_templates AS t ON t.code = g.template AND t.version = 1",
    ),
    (
        "settle counts",
        "INSERT INTO group_settle_counts (group_id, settle_count)
         SELECT g.id, w.settle_count FROM jsonb_to_recordset($1::jsonb->'groups') AS w (code text, settle_count smallint)
         JOIN groups AS g ON g.code = w.code WHERE $2::timestamptz IS NOT NULL",
    ),
];

/// Loads a world into a migrated and seeded database that holds none. Its ads come in through the product's own door.
///
/// # Errors
/// When the text is no world.
pub async fn load(context: &kernel::Context, text: &str) -> Result<()> {
    let world: serde_json::Value = serde_json::from_str(text).context("the world is not JSON")?;
    let settle_date: BusinessDate = world["settle_date"]
        .as_str()
        .context("the world has no settle_date")?
        .parse()?;
    let txn = context.db.begin().await?;
    txn.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    for (what, sql) in STEPS {
        step(&txn, sql, text, context)
            .await
            .with_context(|| format!("cannot load the {what}"))?;
    }
    txn.commit().await?;
    context.db.autocommit().execute_unprepared("ANALYZE").await?;
    let revenue = world["ad_revenue"].as_object().into_iter().flatten();
    let revenues = revenue
        .map(|(code, amount)| Revenue::new(code.clone(), amount.as_str().unwrap_or_default()))
        .collect::<kernel::Result<Vec<_>>>()?;
    ads::accept(context, settle_date, revenues).await?;
    Ok(())
}

async fn step(
    txn: &DatabaseTransaction,
    sql: &str,
    text: &str,
    context: &kernel::Context,
) -> kernel::Result<u64> {
    db::execute(txn, sql, [text.into(), context.clock.now().into()]).await
}
