//! Every query of the room, by theme.

pub(super) mod cleanup;
pub(super) mod details;
pub(super) mod figures;
pub(super) mod importers;
pub(super) mod lists;
pub(super) mod members;
pub(super) mod pending;
pub(super) mod ratings;
pub(super) mod reconciliation;
pub(super) mod search;
pub(super) mod stars;
pub(super) mod stays;
pub(super) mod switches;
pub(super) mod unbinds;

use crate::notice::throttle;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::db::{self, lock::Lock};
use kernel::error::Result;
use sea_orm::ConnectionTrait;
use transport::{Binding, GroupCode, RobotCode, UserCode};

/// Waits for everybody else who handles something of this chat user, until the transaction ends.
pub(super) async fn lock_user(conn: &impl ConnectionTrait, user_code: &UserCode) -> Result<()> {
    Lock::GroupsOfUser(user_code.as_str()).wait(conn).await
}

/// Waits for everybody else who handles an event of this group, until the transaction ends. After [`lock_user`].
pub(super) async fn lock_group(conn: &impl ConnectionTrait, group_code: &GroupCode) -> Result<()> {
    Lock::Group(group_code.as_str()).wait(conn).await
}

/// Waits for other lists of ratings: they count the importers' groups of one star.
pub(super) async fn lock_ratings(conn: &impl ConnectionTrait) -> Result<()> {
    Lock::Ratings.wait(conn).await
}

/// Waits for other clean-ups.
pub(super) async fn lock_cleanup(conn: &impl ConnectionTrait) -> Result<()> {
    Lock::CleanUp.wait(conn).await
}

/// What copies of a message about this binding are known by.
pub(super) fn binding_key(what: &str, binding: &Binding) -> String {
    let codes = [
        binding.group_code.as_str(),
        binding.robot_code.as_str(),
        binding.user_code.as_str(),
    ];
    throttle::key(what, &codes)
}

/// What copies of a `wait_for_bind` are known by.
pub(super) fn wait_for_bind_key(
    group_code: &GroupCode,
    robot_code: &RobotCode,
    user_code: &UserCode,
) -> String {
    let codes = [group_code.as_str(), robot_code.as_str(), user_code.as_str()];
    throttle::key("wait_for_bind", &codes)
}

/// Drops what has run out: unbindings whose bind never came, binds nobody answered for a day.
pub(super) async fn sweep(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<()> {
    let yesterday = now - TimeDelta::days(1);
    for (sql, before) in [
        ("DELETE FROM unbind_tombstones WHERE expires_at < $1", now),
        ("DELETE FROM pending_binds WHERE expires_at < $1", yesterday),
        ("DELETE FROM early_member_counts WHERE expires_at < $1", yesterday),
    ] {
        db::execute(conn, sql, [before.into()]).await?;
    }
    Ok(())
}
