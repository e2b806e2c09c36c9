//! One group with everything operators ask about it.

use super::lists::UserGroup;
use super::repo::details::{self as rows, GroupCleanup, GroupStay};
use super::repo::lists::{self, ConsoleGroup};
use super::repo::stars::{self, StarChange};
use crate::robot::{self, Robot};
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::id::{GroupId, RobotId, UserId};
use kernel::page::{Page, Paged};

/// How many rows of a kind come with a group.
const NEWEST: i64 = 50;
/// How many changes of its star a user is shown.
const NEWEST_STARS: i64 = 100;

/// A group and what hangs on it; of each kind the newest, newest first.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct GroupDetail {
    pub group: ConsoleGroup,
    /// All stays in the chat group, this one among them.
    pub stays: Vec<GroupStay>,
    pub stars: Vec<StarChange>,
    pub cleanups: Vec<GroupCleanup>,
    /// How many people in it are known one by one.
    pub known_members: i64,
    pub robot_id: Option<RobotId>,
}

/// One group for an operator.
///
/// # Errors
/// 1404 when there is none.
pub async fn get_for_console(context: &Context, id: GroupId) -> Result<GroupDetail> {
    let conn = context.db.read();
    let group = lists::one(conn, id).await?;
    Ok(GroupDetail {
        group: group.ok_or_else(|| Error::not_found("group"))?,
        stays: rows::stays_beside(conn, id, NEWEST).await?,
        robot_id: rows::robot_of(conn, id).await?,
        stars: stars::newest_stars(conn, id, NEWEST).await?,
        cleanups: rows::cleanups_of(conn, id, NEWEST).await?,
        known_members: rows::known_members(conn, id).await?,
    })
}

/// A group of a user's and what hangs on it.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct UserGroupDetail {
    pub group: UserGroup,
    /// The robot in it; none where there is none.
    pub robot: Option<Robot>,
    /// The newest hundred changes of its star, newest first.
    pub stars: Vec<StarChange>,
}

/// One group of a user's, cancelled or not.
///
/// # Errors
/// 1404 when it is not theirs or does not exist.
pub async fn get_for_user(context: &Context, user: UserId, id: GroupId) -> Result<UserGroupDetail> {
    let conn = context.db.read();
    let found = lists::one_of_user(conn, user, id).await?;
    let group = UserGroup::from(found.ok_or_else(|| Error::not_found("group"))?);
    let robot = match group.robot_id {
        Some(robot) => robot::by_id(conn, robot).await?,
        None => None,
    };
    Ok(UserGroupDetail {
        stars: stars::newest_stars(conn, id, NEWEST_STARS).await?,
        robot,
        group,
    })
}

/// All changes of a group's star, newest first.
///
/// # Errors
/// 1404 when there is no such group.
pub async fn list_stars(context: &Context, id: GroupId, page: Page) -> Result<Paged<StarChange>> {
    let conn = context.db.read();
    if !lists::exists(conn, id).await? {
        return Err(Error::not_found("group"));
    }
    stars::stars(conn, id, page).await
}
