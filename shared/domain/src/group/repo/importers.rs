//! Who has groups and who stands above them, for BI.

use crate::identity::UserStatus;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::db;
use kernel::error::Result;
use kernel::page::{Page, Paged};
use sea_orm::FromQueryResult;

/// A user with at least one group that is not cancelled.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Importer {
    /// The user's code.
    pub code: String,
    /// Codes of their groups, oldest first.
    pub group_codes: Vec<String>,
    /// Whether somebody invited them.
    pub has_master: bool,
    /// Code of the one who did, if a robot knows them.
    pub master_code: Option<String>,
    /// Code of the one who invited the master.
    pub grand_master_code: Option<String>,
}

/// Users and groups that came to be until $1, a group counting while it is not cancelled.
fn from() -> String {
    format!(
        "FROM users AS u
         WHERE u.status <> {deleted} AND u.code IS NOT NULL AND u.created_at <= $1
           AND EXISTS (SELECT FROM groups AS g WHERE g.user_id = u.id AND g.cancelled_at IS NULL AND g.bound_at <= $1)",
        deleted = UserStatus::Deleted
    )
}

/// One page of the importers, in the order of their ids, so that no page moves under another.
pub async fn importers(context: &Context, until: DateTime<Utc>, page: Page) -> Result<Paged<Importer>> {
    let conn = context.db.read();
    let from = from();
    let total: Option<i64> =
        db::fetch_scalar(conn, &format!("SELECT count(*) {from}"), [until.into()]).await?;
    let sql = format!(
        "SELECT u.code,
                (SELECT array_agg(g.code ORDER BY g.bound_at, g.id) FROM groups AS g
                 WHERE g.user_id = u.id AND g.cancelled_at IS NULL AND g.bound_at <= $1) AS group_codes,
                master.id IS NOT NULL AS has_master, master.code AS master_code, grand_master.code AS grand_master_code
         FROM (SELECT u.id, u.code {from} ORDER BY u.id LIMIT $2 OFFSET $3) AS u
         LEFT JOIN referrals AS invited ON invited.user_id = u.id
         LEFT JOIN users AS master ON master.id = invited.master_id
         LEFT JOIN referrals AS above ON above.user_id = master.id
         LEFT JOIN users AS grand_master ON grand_master.id = above.master_id
         ORDER BY u.id"
    );
    let values = [until.into(), page.limit().into(), page.offset().into()];
    Ok(Paged {
        rows: db::fetch_all(conn, &sql, values).await?,
        info: page.info(total.and_then(|total| u64::try_from(total).ok()).unwrap_or(0)),
    })
}
