//! Why a slip is what it is: the movement behind it, and each line with what decided it.

use super::model::{Basis, MOST_DAYS, Shares, shares};
use super::repo;
use super::run::RunSummary;
use super::template::{self, Template};
use crate::ledger::model::AmountType;
use crate::ledger::statement::Slip;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::{GroupId, RunId, SlipId, UserId};
use kernel::money::{Money, Share};
use kernel::page::{Page, PageInfo};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Which of a line's three people the slip's owner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Pulled the group.
    User,
    /// 师傅
    Master,
    /// 师爷
    GrandMaster,
}

/// One line of an explanation.
#[derive(Debug, Clone)]
pub struct Line {
    /// The group.
    pub group_id: GroupId,
    /// Its code.
    pub group_code: String,
    /// Its name today.
    pub group_name: String,
    /// Who pulled it.
    pub importer: UserId,
    /// What they are called; none where it is the slip's owner.
    pub importer_nickname: Option<String>,
    /// What the slip's owner is to it.
    pub role: Role,
    /// What it added.
    pub amount: Share,
    /// What decided it.
    pub basis: Basis,
    /// Which of its days the group was settled for, from 1; none for ads, and where it was not kept.
    pub settle_day: Option<i16>,
    /// For how many days it is settled at its star; new groups only.
    pub settle_days: Option<i16>,
    /// Whether the rule, asked again, gives the same.
    pub confirmed: bool,
}

/// A whole explanation.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The slip.
    pub slip: Slip,
    /// The run, for slips that a settlement wrote.
    pub run: Option<RunSummary>,
    /// before + sum = amount + after
    pub movement: Option<Movement>,
    /// One page of its lines.
    pub lines: Vec<Line>,
    /// How many there are.
    pub info: PageInfo,
}

/// The movement of a remainder.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Movement {
    /// Carried from the run before.
    pub before: Share,
    /// Sum of the lines.
    pub sum: Share,
    /// The slip.
    pub amount: Money,
    /// Carried to the next run.
    pub after: Share,
}

#[derive(FromQueryResult)]
struct Row {
    group_id: GroupId,
    group_code: String,
    group_name: String,
    importer: UserId,
    importer_nickname: String,
    tier: i32,
    amount: Share,
    basis: serde_json::Value,
    settle_day: Option<i16>,
}

/// Explains a slip of this user.
///
/// # Errors
/// 1404 when it is not theirs or does not exist.
pub async fn explain(
    conn: &impl ConnectionTrait,
    user: UserId,
    slip: SlipId,
    page: Page,
) -> Result<Explanation> {
    let sql = "SELECT id, amount_type, direction, amount, balance, settle_date, remark, created_at FROM slips
               WHERE id = $1 AND user_id = $2";
    let found: Option<Slip> = db::fetch_optional(conn, sql, [slip.into(), user.into()]).await?;
    let slip = found.ok_or_else(|| Error::not_found("slip"))?;
    let run: Option<Option<RunId>> = db::fetch_scalar(
        conn,
        "SELECT run_id FROM slips WHERE settle_date = $1 AND id = $2",
        [slip.settle_date.into(), slip.id.into()],
    )
    .await?;
    let Some(run) = run.flatten() else {
        return Ok(Explanation {
            slip,
            run: None,
            movement: None,
            lines: Vec::new(),
            info: page.info(0),
        });
    };
    let run = repo::by_id(conn, run)
        .await?
        .ok_or_else(|| Error::not_found("run"))?;
    let movement = movement(conn, user, &slip, &run).await?;
    let (lines, total) = lines(conn, user, &slip, &run, page).await?;
    Ok(Explanation {
        slip,
        run: Some(run),
        movement,
        lines,
        info: page.info(total),
    })
}

async fn movement(
    conn: &impl ConnectionTrait,
    user: UserId,
    slip: &Slip,
    run: &RunSummary,
) -> Result<Option<Movement>> {
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

async fn lines(
    conn: &impl ConnectionTrait,
    user: UserId,
    slip: &Slip,
    run: &RunSummary,
    page: Page,
) -> Result<(Vec<Line>, u64)> {
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
    let templates = template::all(conn).await?;
    let lines = rows
        .into_iter()
        .map(|row| read(row, &templates))
        .collect::<Result<Vec<_>>>()?;
    Ok((lines, total as u64))
}

/// For how many days a group is settled by this basis.
fn settle_days(basis: &Basis, templates: &[Template]) -> Option<i16> {
    let Basis::New {
        template,
        version,
        star,
        ..
    } = basis
    else {
        return None;
    };
    let found = templates
        .iter()
        .find(|known| known.code == *template && known.version == *version);
    let level = found.and_then(|template| template.rule.level(*star));
    level.map(|level| level.day.min(MOST_DAYS))
}

fn read(row: Row, templates: &[Template]) -> Result<Line> {
    let basis: Basis = serde_json::from_value(row.basis)?;
    let Shares {
        user,
        master,
        grand_master,
    } = shares(&basis);
    let (role, expected) = match row.tier {
        0 => (Role::User, user),
        1 => (Role::Master, master),
        _ => (Role::GrandMaster, grand_master),
    };
    Ok(Line {
        group_id: row.group_id,
        group_code: row.group_code,
        group_name: row.group_name,
        importer: row.importer,
        importer_nickname: (role != Role::User).then_some(row.importer_nickname),
        settle_day: row.settle_day,
        settle_days: settle_days(&basis, templates),
        role,
        amount: row.amount,
        confirmed: row.amount.decimal() == expected.decimal(),
        basis,
    })
}
