//! What the gateway has been asked to unbind.

use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::GroupId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use transport::{CancelReason, GroupCode, RobotCode};
use uuid::Uuid;

/// A group of ours to unbind.
#[derive(Debug, FromQueryResult)]
pub(in super::super) struct ToUnbind {
    pub group_code: GroupCode,
    pub robot_code: RobotCode,
    pub reason: CancelReason,
}

/// Notes that these stays are to end and tells which of them the gateway has not been asked about yet. The first reason
/// stays. Stays without a robot are not among them.
pub(in super::super) async fn request(
    conn: &impl ConnectionTrait,
    groups: &[(GroupId, CancelReason)],
    now: DateTime<Utc>,
) -> Result<Vec<ToUnbind>> {
    let ids: Vec<Uuid> = groups.iter().map(|(group, _)| group.0).collect();
    let reasons: Vec<i16> = groups.iter().map(|(_, reason)| reason.number()).collect();
    let sql = "WITH new AS (
                   INSERT INTO unbind_requests (group_id, reason, asked_at)
                   SELECT g.id, wanted.reason, $3
                   FROM unnest($1::uuid[], $2::smallint[]) AS wanted (group_id, reason)
                        JOIN groups g ON g.id = wanted.group_id
                   WHERE g.cancelled_at IS NULL AND g.robot_id IS NOT NULL
                   ON CONFLICT (group_id) DO NOTHING RETURNING group_id, reason)
               SELECT g.code AS group_code, r.code AS robot_code, new.reason
               FROM new JOIN groups g ON g.id = new.group_id JOIN robots r ON r.id = g.robot_id ORDER BY g.id";
    db::fetch_all(conn, sql, [ids.into(), reasons.into(), now.into()]).await
}

/// Requests the gateway was last asked about before `before` and has not confirmed, asked again now.
pub(in super::super) async fn unconfirmed(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<ToUnbind>> {
    let sql = "WITH again AS (
                   UPDATE unbind_requests q SET asked_at = $2 FROM groups g
                   WHERE q.asked_at < $1 AND g.id = q.group_id AND g.cancelled_at IS NULL
                   RETURNING g.code AS group_code, g.robot_id, q.reason)
               SELECT again.group_code, r.code AS robot_code, again.reason
               FROM again JOIN robots r ON r.id = again.robot_id ORDER BY again.group_code";
    db::fetch_all(conn, sql, [before.into(), now.into()]).await
}

/// Notes unbindings whose confirmation ends no stay.
pub(in super::super) async fn expect(
    conn: &impl ConnectionTrait,
    pairs: Vec<(GroupCode, RobotCode)>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (groups, robots): (Vec<GroupCode>, Vec<RobotCode>) = pairs.into_iter().unzip();
    let sql = "INSERT INTO expected_unbinds (group_code, robot_code, asked_at)
               SELECT DISTINCT group_code, robot_code, $3::timestamptz
               FROM unnest($1::text[], $2::text[]) AS new (group_code, robot_code)
               ON CONFLICT (group_code, robot_code) DO UPDATE SET asked_at = $3";
    db::execute(conn, sql, [groups.into(), robots.into(), now.into()])
        .await
        .map(|_| ())
}

/// Takes the note of an expected unbinding; true when there was one.
pub(in super::super) async fn take_expected(
    conn: &impl ConnectionTrait,
    group_code: &GroupCode,
    robot_code: &RobotCode,
) -> Result<bool> {
    let sql = "DELETE FROM expected_unbinds WHERE group_code = $1 AND robot_code = $2";
    Ok(db::execute(conn, sql, [group_code.into(), robot_code.into()]).await? == 1)
}
