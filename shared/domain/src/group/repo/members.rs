//! Members, their comings and goings, and what they say.

use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::GroupId;
use sea_orm::ConnectionTrait;
use transport::{GroupCode, Member, UserCode};

/// Replaces the members of a group, and the count and owner that follow from them.
pub(in super::super) async fn replace(
    conn: &impl ConnectionTrait,
    group: GroupId,
    members: &[Member],
    owner: Option<UserCode>,
    now: DateTime<Utc>,
) -> Result<()> {
    let codes: Vec<UserCode> = members.iter().map(|member| member.user_code.clone()).collect();
    let owners: Vec<bool> = members.iter().map(|member| member.is_owner).collect();
    let delete = "DELETE FROM group_members WHERE group_id = $1 AND user_code <> ALL($2)";
    db::execute(conn, delete, [group.into(), codes.clone().into()]).await?;
    let upsert = "INSERT INTO group_members (group_id, user_code, is_owner)
                  SELECT $1, user_code, bool_or(is_owner) FROM unnest($2::text[], $3::boolean[]) AS new (user_code, is_owner)
                  GROUP BY user_code
                  ON CONFLICT (group_id, user_code) DO UPDATE SET is_owner = excluded.is_owner
                      WHERE group_members.is_owner <> excluded.is_owner";
    db::execute(conn, upsert, [group.into(), codes.into(), owners.into()]).await?;
    let update = "UPDATE groups SET member_count = $2, owner_user_code = coalesce($3, owner_user_code), updated_at = $4 WHERE id = $1";
    let count = i32::try_from(members.len()).unwrap_or(i32::MAX);
    db::execute(
        conn,
        update,
        [group.into(), count.into(), owner.into(), now.into()],
    )
    .await
    .map(|_| ())
}

/// Counts somebody who came (`joined` 1) or went (`left` 1).
pub(in super::super) async fn count(
    conn: &impl ConnectionTrait,
    group: GroupId,
    day: BusinessDate,
    (joined, left): (i32, i32),
) -> Result<()> {
    let sql = "INSERT INTO group_day_counts (group_id, day, joined, left_) VALUES ($1, $2, $3, $4)
               ON CONFLICT (group_id, day) DO UPDATE
               SET joined = group_day_counts.joined + $3, left_ = group_day_counts.left_ + $4";
    db::execute(conn, sql, [group.into(), day.into(), joined.into(), left.into()])
        .await
        .map(|_| ())
}

/// Keeps who came and went in a group whose bind is under way; false when none is.
pub(in super::super) async fn count_early(
    conn: &impl ConnectionTrait,
    group_code: &GroupCode,
    day: BusinessDate,
    (joined, left): (i32, i32),
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT INTO early_member_counts (group_code, day, joined, left_, expires_at)
               SELECT group_code, $2, $3, $4, expires_at FROM pending_binds WHERE group_code = $1 AND expires_at > $5
               ON CONFLICT (group_code, day) DO UPDATE
               SET joined = early_member_counts.joined + $3, left_ = early_member_counts.left_ + $4,
                   expires_at = greatest(early_member_counts.expires_at, excluded.expires_at)";
    let values = [
        group_code.into(),
        day.into(),
        joined.into(),
        left.into(),
        now.into(),
    ];
    Ok(db::execute(conn, sql, values).await? == 1)
}

/// The group is ours: what was kept early counts.
pub(in super::super) async fn take_early(
    conn: &impl ConnectionTrait,
    group: GroupId,
    group_code: &GroupCode,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "WITH taken AS (DELETE FROM early_member_counts WHERE group_code = $2 RETURNING day, joined, left_, expires_at)
               INSERT INTO group_day_counts (group_id, day, joined, left_)
               SELECT $1, day, joined, left_ FROM taken WHERE expires_at > $3";
    db::execute(conn, sql, [group.into(), group_code.into(), now.into()])
        .await
        .map(|_| ())
}

/// Keeps a message; false when it is here already.
pub(in super::super) async fn keep_message(
    conn: &impl ConnectionTrait,
    group: GroupId,
    user_code: &UserCode,
    message_no: String,
    body: serde_json::Value,
    sent_at: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT INTO group_messages (group_id, user_code, message_no, body, sent_at) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (group_id, message_no) DO NOTHING";
    let values = [
        group.into(),
        user_code.into(),
        message_no.into(),
        body.into(),
        sent_at.into(),
    ];
    Ok(db::execute(conn, sql, values).await? == 1)
}

/// The group with this code that is not cancelled and has a robot; not locked, for what does not change it.
pub(in super::super) async fn group_with_robot(
    conn: &impl ConnectionTrait,
    code: &GroupCode,
) -> Result<Option<GroupId>> {
    let sql = "SELECT id FROM groups WHERE code = $1 AND cancelled_at IS NULL AND robot_id IS NOT NULL";
    db::fetch_scalar(conn, sql, [code.into()]).await
}
