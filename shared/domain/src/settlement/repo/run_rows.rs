//! What a run wrote, wallet by wallet and group by group, in the order of the tables' keys: a page is read without the
//! rest, and how many there are stands in the run.

use crate::ledger::AmountType;
use crate::settlement::model::{Basis, RunKind, RunSummary};
use kernel::db;
use kernel::error::Result;
use kernel::id::{BatchId, GroupId, PostingId, SlipId, UserId};
use kernel::money::{Money, Share};
use kernel::page::{Page, Paged};
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// A slip of a run, and how the carried remainder moved: before + sum = amount + after.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct RunSlip {
    /// Whose.
    pub user_id: UserId,
    /// Their code on the chat network.
    pub user_code: Option<String>,
    /// What they are called.
    pub nickname: String,
    /// What it is for.
    pub amount_type: AmountType,
    /// Yuan carried from the run before, six places.
    pub before: Share,
    /// Yuan of the lines, six places.
    pub sum: Share,
    /// The slip.
    pub amount: Money,
    /// Yuan carried to the next run, six places.
    pub after: Share,
    /// The slip, to be explained.
    pub slip_id: SlipId,
    /// Its posting.
    pub posting_id: PostingId,
    /// What could be withdrawn after it.
    pub balance: Money,
}

/// The slips of a run by user, of one user or of all.
pub(in crate::settlement) async fn slips(
    conn: &impl ConnectionTrait,
    run: &RunSummary,
    user: Option<UserId>,
    page: Page,
) -> Result<Paged<RunSlip>> {
    let of_user = if user.is_some() { "AND m.user_id = $5" } else { "" };
    let sql = format!(
        "SELECT m.user_id, u.code AS user_code, u.nickname, m.amount_type, m.before, m.sum, m.amount, m.after,
                s.id AS slip_id, s.posting_id, s.balance
         FROM (SELECT m.* FROM settlement_movements AS m
               WHERE m.settle_date = $1 AND m.run_id = $2 AND m.amount > 0 {of_user}
               ORDER BY m.user_id, m.amount_type LIMIT $3 OFFSET $4) AS m
              JOIN LATERAL (SELECT s.id, s.posting_id, s.balance FROM slips AS s
                            WHERE s.user_id = m.user_id AND s.settle_date = m.settle_date AND s.amount_type = m.amount_type
                              AND s.run_id = m.run_id LIMIT 1) AS s ON true
              JOIN users AS u ON u.id = m.user_id
         ORDER BY m.user_id, m.amount_type"
    );
    let rows: Vec<RunSlip> = db::fetch_all(conn, &sql, values(run, page, user.map(Value::from))).await?;
    let total = match user {
        None => run.slip_count.into(),
        Some(user) => {
            let sql = "SELECT count(*) FROM settlement_movements
                       WHERE settle_date = $1 AND run_id = $2 AND user_id = $3 AND amount > 0";
            let of = [run.settle_date.into(), run.id.into(), user.into()];
            db::fetch_scalar(conn, sql, of).await?.unwrap_or(0)
        }
    };
    Ok(paged(rows, total, page))
}

fn values(run: &RunSummary, page: Page, of: Option<Value>) -> Vec<Value> {
    let mut values = vec![
        run.settle_date.into(),
        run.id.into(),
        page.limit().into(),
        page.offset().into(),
    ];
    values.extend(of);
    values
}

fn paged<T>(rows: Vec<T>, total: i64, page: Page) -> Paged<T> {
    Paged {
        rows,
        info: page.info(u64::try_from(total).unwrap_or(0)),
    }
}

/// A line of a run: what one group made for the three people above it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct RunLine {
    /// The group.
    pub group_id: GroupId,
    /// Its code on the chat network.
    pub group_code: String,
    /// Its name today.
    pub group_name: String,
    /// Who pulled it.
    pub user_id: UserId,
    /// Their code on the chat network.
    pub user_code: Option<String>,
    /// What they are called.
    pub nickname: String,
    /// Of the importer.
    pub user_share: Share,
    /// Of the master, if there was one.
    pub master_share: Share,
    /// Of the grand-master, if there was one.
    pub grand_master_share: Share,
    /// Which of its days the group was settled for, from 1.
    pub settle_day: Option<i16>,
    basis: serde_json::Value,
}

impl RunLine {
    /// What decided it.
    ///
    /// # Errors
    /// 1500 when what was kept is no basis.
    pub fn basis(&self) -> Result<Basis> {
        Ok(serde_json::from_value(self.basis.clone())?)
    }
}

/// Whose lines are wanted; everything that is given must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct LineFilter {
    /// Of this importer.
    pub user: Option<UserId>,
    /// Of this group.
    pub group: Option<GroupId>,
}

/// The lines of a run by importer and group.
pub(in crate::settlement) async fn lines(
    conn: &impl ConnectionTrait,
    run: &RunSummary,
    filter: LineFilter,
    page: Page,
) -> Result<Paged<RunLine>> {
    // The key of a line begins with the importer, whom the group knows.
    let (wanted, of): (&str, Option<Value>) = match (filter.user, filter.group) {
        (None, None) => ("", None),
        (Some(user), None) => ("AND l.user_id = $5", Some(user.into())),
        (user, Some(group)) => {
            let sql = "SELECT user_id FROM groups WHERE id = $1";
            let importer: Option<UserId> = db::fetch_scalar(conn, sql, [group.into()]).await?;
            match importer {
                Some(importer) if user.is_none_or(|user| user == importer) => (
                    "AND l.user_id = (SELECT user_id FROM groups WHERE id = $5) AND l.group_id = $5",
                    Some(group.into()),
                ),
                _ => return Ok(paged(Vec::new(), 0, page)),
            }
        }
    };
    let sql = format!(
        "SELECT l.group_id, g.code AS group_code, g.name AS group_name, l.user_id, u.code AS user_code, u.nickname,
                l.user_share, l.master_share, l.grand_master_share, l.settle_day, n.basis
         FROM (SELECT l.* FROM settlement_lines AS l WHERE l.settle_date = $1 AND l.run_id = $2 {wanted}
               ORDER BY l.user_id, l.group_id LIMIT $3 OFFSET $4) AS l
              JOIN settlement_inputs AS n ON n.run_id = l.run_id AND n.input_no = l.input_no
              JOIN groups AS g ON g.id = l.group_id JOIN users AS u ON u.id = l.user_id
         ORDER BY l.user_id, l.group_id"
    );
    let rows: Vec<RunLine> = db::fetch_all(conn, &sql, values(run, page, of.clone())).await?;
    let total = match of {
        None => run.group_count.into(),
        Some(of) => {
            let wanted = wanted.replace("$5", "$3");
            let sql = format!(
                "SELECT count(*) FROM settlement_lines AS l WHERE l.settle_date = $1 AND l.run_id = $2 {wanted}"
            );
            let of = [run.settle_date.into(), run.id.into(), of];
            db::fetch_scalar(conn, &sql, of).await?.unwrap_or(0)
        }
    };
    Ok(paged(rows, total, page))
}

/// The rates of masters and grand-masters that a run went by, each from 0 to 1.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct RunRates {
    /// Their version.
    pub version: i32,
    /// Of groups, for the master.
    pub father: Share,
    /// Of groups, for the grand-master.
    pub grand_father: Share,
    /// Of ads, for the master.
    pub father_ad: Share,
    /// Of ads, for the grand-master.
    pub grand_father_ad: Share,
}

pub(in crate::settlement) async fn rates_of_run(
    conn: &impl ConnectionTrait,
    run: &RunSummary,
) -> Result<RunRates> {
    let sql = "SELECT version, father, grand_father, father_ad, grand_father_ad FROM settlement_rates WHERE version = $1";
    db::fetch_one(conn, sql, [run.rates_version.into()]).await
}

/// The batch of an ads run; none where it was of groups.
pub(in crate::settlement) async fn batch_of_run(
    conn: &impl ConnectionTrait,
    run: &RunSummary,
) -> Result<Option<BatchId>> {
    if run.kind != RunKind::Ads {
        return Ok(None);
    }
    let sql = "SELECT id FROM ad_batches WHERE settle_date = $1 AND batch_no = $2";
    db::fetch_scalar(conn, sql, [run.settle_date.into(), run.batch_no.into()]).await
}
