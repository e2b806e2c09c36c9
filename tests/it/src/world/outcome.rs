//! What a settlement made of a world, in the oracle's form and order.

use anyhow::Result;
use kernel::Context;
use kernel::db;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

/// The oracle's `expected`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Sorted by user and amount type.
    pub slips: Vec<Slip>,
    /// Those above zero, sorted likewise.
    pub remainders: Vec<Remainder>,
    /// Sorted by code.
    pub groups_after: Vec<Group>,
}

/// One slip.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, FromQueryResult)]
#[allow(missing_docs)]
pub struct Slip {
    pub user: String,
    pub amount_type: i16,
    pub settle_date: String,
    pub amount: String,
}

/// One carried remainder.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, FromQueryResult)]
#[allow(missing_docs)]
pub struct Remainder {
    pub user: String,
    pub amount_type: i32,
    pub amount: String,
}

/// One group's state.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, FromQueryResult)]
#[allow(missing_docs)]
pub struct Group {
    pub code: String,
    pub settle_count: i16,
    pub status: i16,
}

/// Reads it from the product's tables.
pub async fn outcome(context: &Context) -> Result<Outcome> {
    let conn = context.db.autocommit();
    let slips =
        "SELECT u.code AS user, s.amount_type, s.settle_date::text AS settle_date, s.amount::text AS amount
                 FROM slips AS s JOIN users AS u ON u.id = s.user_id WHERE s.amount_type <= 4
                 ORDER BY u.code COLLATE \"C\", s.amount_type";
    let remainders = "SELECT u.code AS user, c.amount_type, c.amount::text AS amount
                      FROM accounts AS a JOIN users AS u ON u.id = a.user_id,
                           LATERAL (VALUES (1, carried_groups), (2, carried_ads), (3, carried_disciple_groups),
                                           (4, carried_disciple_ads)) AS c (amount_type, amount)
                      WHERE c.amount > 0 ORDER BY u.code COLLATE \"C\", c.amount_type";
    let groups = "SELECT g.code, c.settle_count, g.status FROM groups AS g JOIN group_settle_counts AS c ON c.group_id = g.id
                  ORDER BY g.code COLLATE \"C\"";
    Ok(Outcome {
        slips: db::fetch_all(conn, slips, []).await?,
        remainders: db::fetch_all(conn, remainders, []).await?,
        groups_after: db::fetch_all(conn, groups, []).await?,
    })
}
