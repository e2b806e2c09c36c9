//! Robots as operators see them, and the robots a user knows.

use crate::robot::entity::robot::{Column, Entity};
use crate::robot::model::{Robot, RobotStatus};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::dates::DateFilter;
use kernel::error::Result;
use kernel::id::{RobotId, UserId};
use kernel::listing::{self, Listing};
use kernel::page::{Page, Paged};
use kernel::sort::Sort;
use poem_openapi::Object;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryTrait};
use transport::RobotCode;

/// What an operator looks for; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct RobotFilter {
    /// Exactly this chat code.
    pub code: Option<RobotCode>,
    /// A part of the name.
    pub name: Option<String>,
    /// Exactly this channel.
    pub channel: Option<String>,
    /// How it stands.
    pub status: Option<RobotStatus>,
    /// When it was taken into service.
    pub created: DateFilter,
    /// In which order.
    pub sort: Sort<RobotColumn>,
}

kernel::sortable! {
    /// What robots are sorted by.
    pub enum RobotColumn: descending(CreatedAt), then ["robots.id"] {
        /// When it was taken into service.
        CreatedAt = "created_at" => "robots.created_at",
        /// What it is called.
        Name = "name" => "robots.name",
        /// How many groups it is bound to.
        CountDistribute = "count_distribute" => "robots.count_distribute",
    }
}

/// Robots; deleted ones only where they are asked for.
pub async fn list(context: &Context, filter: RobotFilter, page: Page) -> Result<Paged<Robot>> {
    let found = match filter.status {
        Some(status) => Entity::find().filter(Column::Status.eq(status)),
        None => Entity::living(),
    };
    let part_of_name = "strpos(lower(name), lower($1)) > 0";
    let found = found
        .apply_if(filter.code, |found, code| found.filter(Column::Code.eq(code)))
        .apply_if(filter.name, |found, name| {
            found.filter(Expr::cust_with_values(part_of_name, [name]))
        })
        .apply_if(filter.channel, |found, channel| {
            found.filter(Column::Channel.eq(channel))
        })
        .filter(filter.created.instants(Column::CreatedAt));
    listing::page(context.db.read(), filter.sort.apply(found).into_model(), page).await
}

/// A robot a user knows.
#[derive(Debug, Clone, FromQueryResult, Object)]
#[allow(missing_docs)]
pub struct KnownRobot {
    pub id: RobotId,
    pub name: String,
    /// What people search for to add it.
    pub wechat_no: String,
    pub head_url: String,
    pub qr_code: String,
    /// Whether it is a friend of the user's; else it was only given to them.
    pub friend: bool,
    /// Whether it is blocked and cannot speak.
    pub blocked: bool,
    /// When the two met.
    pub known_since: DateTime<Utc>,
}

/// The robots a user befriended or was given, newest first. Deleted ones are left out.
pub async fn of_user(context: &Context, user: UserId, page: Page) -> Result<Paged<KnownRobot>> {
    let columns = format!(
        "robot.id, robot.name, robot.wechat_no, robot.head_url, robot.qr_code,
                  friend.robot_id IS NOT NULL AS friend, robot.status = {blocked} AS blocked,
         coalesce(friend.created_at, given.created_at) AS known_since",
        blocked = RobotStatus::Blocked
    );
    let from = format!(
        "(SELECT robot_id, created_at FROM friendships WHERE user_id = $1) AS friend
               FULL JOIN (SELECT robot_id, created_at FROM robot_distributions WHERE user_id = $1) AS given USING (robot_id)
               JOIN robots AS robot ON robot.id = robot_id
               WHERE robot.status <> {deleted}",
        deleted = RobotStatus::Deleted
    );
    let listing = Listing {
        columns: &columns,
        from: &from,
        order: "known_since DESC, robot.id DESC",
    };
    listing.page(context.db.read(), vec![user.into()], page).await
}
