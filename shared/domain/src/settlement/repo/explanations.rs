//! What is behind a slip: its run, its movement, and the lines that make it.

use crate::ledger::AmountType;
use crate::ledger::statement::Slip;
use crate::settlement::model::RunSummary;
use kernel::db;
use kernel::error::Result;
use kernel::id::{GroupId, RunId, SlipId, UserId};
use kernel::money::{Money, Share};
use kernel::page::Page;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A slip of this user.
pub(in crate::settlement) async fn slip(
    conn: &impl ConnectionTrait,
    user: UserId,
    slip: SlipId,
) -> Result<Option<Slip>> {
    let sql = "SELECT id, amount_type, direction, amount, balance, settle_date, remark, created_at FROM slips
               WHERE id = $1 AND user_id = $2";
    db::fetch_optional(conn, sql, [slip.into(), user.into()]).await
}

/// The run that wrote the slip, where one did.
pub(in crate::settlement) async fn run_of(conn: &impl ConnectionTrait, slip: &Slip) -> Result<Option<RunId>> {
    let sql = "SELECT run_id FROM slips WHERE settle_date = $1 AND id = $2";
    let run: Option<Option<RunId>> =
        db::fetch_scalar(conn, sql, [slip.settle_date.into(), slip.id.into()]).await?;
    Ok(run.flatten())
}

/// How the carried remainder moved.
#[derive(Debug, Clone, Copy, FromQueryResult, Object)]
pub struct RemainderMovement {
    /// Yuan carried from the run before, six places.
    pub before: Share,
    /// Yuan of the lines, six places.
    pub sum: Share,
    /// The slip.
    pub amount: Money,
    /// Yuan carried to the next run, six places.
    pub after: Share,
}

/// How the slip's remainder moved in its run.
pub(in crate::settlement) async fn movement(
    conn: &impl ConnectionTrait,
    user: UserId,
    slip: &Slip,
    run: &RunSummary,
) -> Result<Option<RemainderMovement>> {
    let sql = "SELECT before, sum, amount, after FROM settlement_movements
               WHERE settle_date = $1 AND run_id = $2 AND user_id = $3 AND amount_type = $4";
    db::fetch_optional(
        conn,
        sql,
        [
            slip.settle_date.into(),
            run.id.into(),
            user.into(),
            slip.amount_type.into(),
        ],
    )
    .await
}

/// One line behind a slip.
#[derive(FromQueryResult)]
pub(in crate::settlement) struct Row {
    pub group_id: GroupId,
    pub group_code: String,
    pub group_name: String,
    pub importer: UserId,
    pub importer_nickname: String,
    pub tier: i32,
    pub amount: Share,
    pub basis: serde_json::Value,
    pub settle_day: Option<i16>,
}

/// A page of the lines behind a slip, and how many there are.
pub(in crate::settlement) async fn lines(
    conn: &impl ConnectionTrait,
    user: UserId,
    slip: &Slip,
    run: &RunSummary,
    page: Page,
) -> Result<(Vec<Row>, u64)> {
    // Types 1 and 2 are the user's own; 3 and 4 come from importers below them.
    let importers = if matches!(slip.amount_type, AmountType::Groups | AmountType::Ads) {
        "SELECT user_id, 0 AS tier FROM settlement_importers WHERE settle_date = $1 AND run_id = $2 AND user_id = $3"
    } else {
        "SELECT user_id, 1 AS tier FROM settlement_importers WHERE settle_date = $1 AND run_id = $2 AND master_id = $3
         UNION ALL SELECT user_id, 2 FROM settlement_importers WHERE settle_date = $1 AND run_id = $2 AND grand_master_id = $3"
    };
    let joined =
        "JOIN settlement_lines AS l ON l.settle_date = $1 AND l.run_id = $2 AND l.user_id = i.user_id";
    let values = || [run.settle_date.into(), run.id.into(), user.into()];
    let count = format!("SELECT count(*) FROM ({importers}) AS i {joined}");
    let total: i64 = db::fetch_scalar(conn, &count, values()).await?.unwrap_or(0);
    let sql = format!(
        "SELECT l.group_id, g.code AS group_code, g.name AS group_name, l.user_id AS importer, u.nickname AS importer_nickname, i.tier, n.basis,
                l.settle_day,
                CASE i.tier WHEN 0 THEN l.user_share WHEN 1 THEN l.master_share ELSE l.grand_master_share END AS amount
         FROM ({importers}) AS i {joined}
         JOIN settlement_inputs AS n ON n.run_id = l.run_id AND n.input_no = l.input_no
         JOIN groups AS g ON g.id = l.group_id
         JOIN users AS u ON u.id = l.user_id
         ORDER BY i.tier, l.user_id, l.group_id LIMIT $4 OFFSET $5"
    );
    let values = values()
        .into_iter()
        .chain([page.limit().into(), page.offset().into()]);
    let rows: Vec<Row> = db::fetch_all(conn, &sql, values).await?;
    Ok((rows, total as u64))
}
