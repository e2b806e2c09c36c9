//! Why a slip is what it is: the movement behind it, and each line with what decided it.

use super::model::{Basis, MOST_DAYS, RunSummary, Shares, Template, shares};
use super::repo::explanations::{self as behind, RemainderMovement, Row};
use super::repo::{runs, templates};
use crate::ledger::statement::Slip;
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::id::{GroupId, SlipId, UserId};
use kernel::money::Share;
use kernel::page::{Page, PageInfo};

kernel::named! {
    /// What the slip's owner is to the group's importer.
    pub enum LineRole {
        /// The importer.
        User = "user",
        /// 师傅
        Master = "master",
        /// 师爷
        GrandMaster = "grand_master",
    }
}

/// One line of an explanation.
#[derive(Debug, Clone)]
pub struct ExplanationLine {
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
    pub role: LineRole,
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
    pub movement: Option<RemainderMovement>,
    /// One page of its lines.
    pub lines: Vec<ExplanationLine>,
    /// How many there are.
    pub info: PageInfo,
}

/// Explains a slip of this user.
///
/// # Errors
/// 1404 when it is not theirs or does not exist.
pub async fn explain(context: &Context, user: UserId, slip: SlipId, page: Page) -> Result<Explanation> {
    let conn = context.db.read();
    let found = behind::slip(conn, user, slip).await?;
    let slip = found.ok_or_else(|| Error::not_found("slip"))?;
    let Some(run) = behind::run_of(conn, &slip).await? else {
        return Ok(Explanation {
            slip,
            run: None,
            movement: None,
            lines: Vec::new(),
            info: page.info(0),
        });
    };
    let run = runs::run(conn, run).await?;
    let movement = behind::movement(conn, user, &slip, &run).await?;
    let (rows, total) = behind::lines(conn, user, &slip, &run, page).await?;
    let templates = templates::all(conn).await?;
    let lines = rows
        .into_iter()
        .map(|row| read(row, &templates))
        .collect::<Result<Vec<_>>>()?;
    Ok(Explanation {
        slip,
        run: Some(run),
        movement,
        lines,
        info: page.info(total),
    })
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
    let level = found.map(|template| template.rule.level(*star));
    level.map(|level| level.day.min(MOST_DAYS))
}

fn read(row: Row, templates: &[Template]) -> Result<ExplanationLine> {
    let basis: Basis = serde_json::from_value(row.basis)?;
    let Shares {
        user,
        master,
        grand_master,
    } = shares(&basis);
    let (role, expected) = match row.tier {
        0 => (LineRole::User, user),
        1 => (LineRole::Master, master),
        _ => (LineRole::GrandMaster, grand_master),
    };
    Ok(ExplanationLine {
        group_id: row.group_id,
        group_code: row.group_code,
        group_name: row.group_name,
        importer: row.importer,
        importer_nickname: (role != LineRole::User).then_some(row.importer_nickname),
        settle_day: row.settle_day,
        settle_days: settle_days(&basis, templates),
        role,
        amount: row.amount,
        confirmed: row.amount.decimal() == expected.decimal(),
        basis,
    })
}
