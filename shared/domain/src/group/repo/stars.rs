//! Which stars a group had.

use crate::group::model::Star;
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::GroupId;
use kernel::listing::Listing;
use kernel::page::{Page, Paged};
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A rating that changed something.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct StarChange {
    /// When it came in.
    pub changed_at: DateTime<Utc>,
    /// The new star.
    pub star: Star,
    /// Why, as the rating partner says it: 1 first, 2 upgrade, 6 too few conversations, others are theirs.
    pub state: i16,
}

const COLUMNS: &str = "changed_at, star, state";
/// The identity is drawn in the order of the changes of a group, whose row each of them locks.
const NEWEST_FIRST: &str = "id DESC";

/// The newest changes of a group, so many at most.
pub(in crate::group) async fn newest_stars(
    conn: &impl ConnectionTrait,
    group: GroupId,
    most: i64,
) -> Result<Vec<StarChange>> {
    let sql =
        format!("SELECT {COLUMNS} FROM star_changes WHERE group_id = $1 ORDER BY {NEWEST_FIRST} LIMIT $2");
    db::fetch_all(conn, &sql, [group.into(), most.into()]).await
}

/// All changes of a group, newest first.
pub(in crate::group) async fn stars(
    conn: &impl ConnectionTrait,
    group: GroupId,
    page: Page,
) -> Result<Paged<StarChange>> {
    let listing = Listing {
        columns: COLUMNS,
        from: "star_changes WHERE group_id = $1",
        order: NEWEST_FIRST,
    };
    listing.page(conn, vec![group.into()], page).await
}
