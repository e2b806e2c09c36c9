//! What the gateway lists against what we hold.

use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{GroupId, RobotId};
use sea_orm::ConnectionTrait;
use transport::GroupCode;

/// What the gateway listed for one robot, and the night it did.
pub(in super::super) struct Listing<'a> {
    pub robot: RobotId,
    pub codes: &'a [GroupCode],
    pub night: BusinessDate,
    /// Groups bound later may not be listed yet.
    pub bound_before: DateTime<Utc>,
}

/// Groups that are listed again are not missing any more.
pub(in super::super) async fn found(conn: &impl ConnectionTrait, listing: &Listing<'_>) -> Result<()> {
    let sql = "UPDATE groups SET missing_on = NULL
               WHERE robot_id = $1 AND cancelled_at IS NULL AND missing_on IS NOT NULL AND code = ANY($2)";
    db::execute(conn, sql, [listing.robot.into(), listing.codes.to_vec().into()])
        .await
        .map(|_| ())
}

/// Groups that are not listed, and were not the night before either; locked.
pub(in super::super) async fn missing_again(
    conn: &impl ConnectionTrait,
    listing: &Listing<'_>,
) -> Result<Vec<GroupId>> {
    let sql = "SELECT id FROM groups
               WHERE robot_id = $1 AND cancelled_at IS NULL AND code <> ALL($2) AND bound_at <= $3 AND missing_on = $4
               ORDER BY id FOR NO KEY UPDATE";
    let values = [
        listing.robot.into(),
        listing.codes.to_vec().into(),
        listing.bound_before.into(),
        listing.night.minus_days(1).into(),
    ];
    db::fetch_column(conn, sql, values).await
}

/// Notes the other groups that are not listed; tells how many.
pub(in super::super) async fn note_missing(
    conn: &impl ConnectionTrait,
    listing: &Listing<'_>,
) -> Result<u64> {
    let sql = "UPDATE groups SET missing_on = $4
               WHERE robot_id = $1 AND cancelled_at IS NULL AND code <> ALL($2) AND bound_at <= $3
                 AND (missing_on IS NULL OR missing_on < $4)";
    let values = [
        listing.robot.into(),
        listing.codes.to_vec().into(),
        listing.bound_before.into(),
        listing.night.into(),
    ];
    db::execute(conn, sql, values).await
}

/// Listed groups that are neither ours with this robot nor about to become or stop being so.
pub(in super::super) async fn unheld(
    conn: &impl ConnectionTrait,
    listing: &Listing<'_>,
) -> Result<Vec<GroupCode>> {
    let sql = "SELECT DISTINCT listed.code FROM unnest($2::text[]) AS listed (code)
               WHERE NOT EXISTS (SELECT FROM groups g WHERE g.code = listed.code AND g.robot_id = $1 AND g.cancelled_at IS NULL)
                 AND NOT EXISTS (SELECT FROM pending_binds p WHERE p.group_code = listed.code AND p.robot_id = $1)
                 AND NOT EXISTS (SELECT FROM expected_unbinds x JOIN robots r ON r.code = x.robot_code
                                 WHERE x.group_code = listed.code AND r.id = $1)
               ORDER BY listed.code";
    db::fetch_column(conn, sql, [listing.robot.into(), listing.codes.to_vec().into()]).await
}
