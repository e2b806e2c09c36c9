//! What groups earned, by the lines of the runs. Every line is found by the whole key of its table: the runs of the dates
//! are few, and tell the rest of it.

use crate::ledger::AmountType;
use crate::settlement::model::RunKind;
use kernel::clock::BusinessDate;
use kernel::dates::DateRange;
use kernel::db;
use kernel::error::Result;
use kernel::id::{GroupId, RunId, UserId};
use kernel::money::Share;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashMap;
use uuid::Uuid;

/// Runs with the lines of importer $1 in them.
const LINES: &str = "settlement_runs AS r
    JOIN settlement_lines AS l ON l.settle_date = r.settle_date AND l.run_id = r.id AND l.user_id = $1";

/// Whether what the importer got by a line was taken back with its run; of ads only.
fn taken_back() -> String {
    format!(
        "EXISTS (SELECT FROM run_reversal_movements AS b
                 WHERE b.run_id = r.id AND b.user_id = l.user_id AND b.amount_type = {ads})",
        ads = AmountType::Ads.number(),
    )
}

/// What a group brought its importer on a date. What was taken back does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult, Object)]
#[oai(rename = "GroupDay")]
pub struct GroupDay {
    /// The settle date.
    pub day: BusinessDate,
    /// By its star or repeat rate, yuan, six places.
    pub groups: Share,
    /// By its ads, yuan, six places.
    pub ads: Share,
}

/// What a group of this importer brought them on each date that brought something, newest first.
pub(in crate::settlement) async fn days_of_group(
    conn: &impl ConnectionTrait,
    user: UserId,
    group: GroupId,
    range: DateRange,
) -> Result<Vec<GroupDay>> {
    let taken_back = taken_back();
    let sql = format!(
        "SELECT r.settle_date AS day, coalesce(sum(l.user_share) FILTER (WHERE r.kind = 'groups'), 0) AS groups,
                coalesce(sum(l.user_share) FILTER (WHERE r.kind = 'ads'), 0) AS ads
         FROM {LINES} AND l.group_id = $2
         WHERE r.settle_date BETWEEN $3 AND $4 AND NOT {taken_back}
         GROUP BY r.settle_date ORDER BY r.settle_date DESC"
    );
    let values = [user.into(), group.into(), range.from().into(), range.to().into()];
    db::fetch_all(conn, &sql, values).await
}

/// What a run made of a group, for the three people above it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
#[oai(rename = "GroupLine")]
pub struct GroupLine {
    /// The settle date.
    pub day: BusinessDate,
    /// The run.
    pub run_id: RunId,
    /// What it settled.
    pub kind: RunKind,
    /// 0, or the number of a supplementary ads batch.
    pub batch_no: i32,
    /// Of the importer, yuan, six places.
    pub user_share: Share,
    /// Of the master, if there was one.
    pub master_share: Share,
    /// Of the grand-master, if there was one.
    pub grand_master_share: Share,
    /// Which of its days the group was settled for, from 1; null for ads, and where it was not kept.
    pub settle_day: Option<i16>,
    /// Whether the importer's part was taken back with the run.
    pub taken_back: bool,
}

/// The lines of a group of this importer, newest first: one or two a date, and one for each supplementary ads batch.
pub(in crate::settlement) async fn lines_of_group(
    conn: &impl ConnectionTrait,
    user: UserId,
    group: GroupId,
    range: DateRange,
) -> Result<Vec<GroupLine>> {
    let taken_back = taken_back();
    let sql = format!(
        "SELECT r.settle_date AS day, r.id AS run_id, r.kind, r.batch_no, l.user_share, l.master_share, l.grand_master_share,
                l.settle_day, {taken_back} AS taken_back
         FROM {LINES} AND l.group_id = $2
         WHERE r.settle_date BETWEEN $3 AND $4 ORDER BY r.settle_date DESC, r.kind DESC, r.batch_no DESC"
    );
    let values = [user.into(), group.into(), range.from().into(), range.to().into()];
    db::fetch_all(conn, &sql, values).await
}

/// What a group brought its importer so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromQueryResult)]
pub struct Earned {
    /// For the one date.
    pub on_day: Share,
    /// For all dates that are kept.
    pub total: Share,
}

#[derive(FromQueryResult)]
struct EarnedRow {
    group_id: GroupId,
    on_day: Share,
    total: Share,
}

/// What groups of this importer brought them on a date, and since `oldest`; groups that brought nothing are left out. A
/// group can bring something for dates before it was bound: ads of a date that no stay covered.
pub(in crate::settlement) async fn earned_by_groups(
    conn: &impl ConnectionTrait,
    user: UserId,
    groups: &[GroupId],
    day: BusinessDate,
    oldest: BusinessDate,
) -> Result<HashMap<GroupId, Earned>> {
    if groups.is_empty() {
        return Ok(HashMap::new());
    }
    let taken_back = taken_back();
    let sql = format!(
        "SELECT l.group_id, sum(l.user_share) AS total,
                coalesce(sum(l.user_share) FILTER (WHERE r.settle_date = $3), 0) AS on_day
         FROM {LINES} AND l.group_id = ANY($2)
         WHERE r.settle_date >= $4 AND NOT {taken_back} GROUP BY l.group_id"
    );
    let ids: Vec<Uuid> = groups.iter().map(|group| group.0).collect();
    let values = [user.into(), ids.into(), day.into(), oldest.into()];
    let rows: Vec<EarnedRow> = db::fetch_all(conn, &sql, values).await?;
    let earned = |row: EarnedRow| {
        let EarnedRow {
            group_id,
            on_day,
            total,
        } = row;
        (group_id, Earned { on_day, total })
    };
    Ok(rows.into_iter().map(earned).collect())
}
