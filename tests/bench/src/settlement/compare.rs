//! What a run left in each table it touches.

use anyhow::{Result, bail};
use sqlx::{AssertSqlSafe, PgConnection, Row};

/// Tables, with the condition for the rows that count and what is added up of them.
const TABLES: &[(&str, &str, &str)] = &[
    ("settlement_runs", "true", "total + group_count + slip_count"),
    (
        "settlement_inputs",
        "true",
        "user_share + master_share + grand_master_share",
    ),
    (
        "settlement_lines",
        "true",
        "user_share + master_share + grand_master_share",
    ),
    (
        "settlement_importers",
        "true",
        "user_share + master_share + grand_master_share",
    ),
    (
        "settlement_movements",
        "true",
        "amount_type * (sum + 7 * amount + 11 * after)",
    ),
    ("ledger_postings", "true", "0"),
    ("ledger_lines", "true", "account * amount"),
    ("slips", "true", "amount_type * amount + 3 * balance"),
    (
        "accounts",
        "available > 0",
        "available + 3 * income + 7 * carried_groups + 11 * carried_disciple_groups",
    ),
    ("house_accounts", "balance <> 0", "balance"),
    ("group_settle_counts", "true", "settle_count"),
    ("groups", "status = 2", "status"),
    (
        "outbox",
        "topic = 'settlement_posted'",
        "(payload -> 'body' ->> 'total')::numeric",
    ),
];

/// A table after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Rows that the run made or changed.
    pub rows: i64,
    /// The sum over them, as PostgreSQL prints it.
    pub sum: String,
}

/// Reads them all.
pub async fn read(conn: &mut PgConnection) -> Result<Vec<Table>> {
    let mut tables = Vec::with_capacity(TABLES.len());
    for (name, condition, value) in TABLES {
        let sql = format!(
            "SELECT count(*), trim_scale(coalesce(sum({value}), 0)::numeric)::text FROM {name} WHERE {condition}"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *conn).await?;
        tables.push(Table {
            name,
            rows: row.try_get(0)?,
            sum: row.try_get(1)?,
        });
    }
    Ok(tables)
}

/// Asserts that both sides left the same, and something.
///
/// # Errors
/// Naming each table that differs or stayed empty.
pub fn same(product: &[Table], by_hand: &[Table]) -> Result<()> {
    let wrong: Vec<String> = product
        .iter()
        .zip(by_hand)
        .filter(|(a, b)| a != b || (a.rows == 0 && a.name != "groups"))
        .map(|(a, b)| {
            format!(
                "{}: {} rows, sum {}; by hand {} rows, sum {}",
                a.name, a.rows, a.sum, b.rows, b.sum
            )
        })
        .collect();
    if !wrong.is_empty() {
        bail!("the two sides differ:\n{}", wrong.join("\n"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slips(rows: i64, sum: &str) -> Vec<Table> {
        vec![Table {
            name: "slips",
            rows,
            sum: sum.to_owned(),
        }]
    }

    #[test]
    fn a_fen_or_a_row_that_differs_is_named() {
        assert!(same(&slips(2, "0.03"), &slips(2, "0.03")).is_ok());
        let error = same(&slips(2, "0.03"), &slips(2, "0.04"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("slips: 2 rows, sum 0.03; by hand 2 rows, sum 0.04"),
            "{error}"
        );
        assert!(same(&slips(2, "0.03"), &slips(1, "0.03")).is_err());
        assert!(same(&slips(0, "0"), &slips(0, "0")).is_err());
    }
}
