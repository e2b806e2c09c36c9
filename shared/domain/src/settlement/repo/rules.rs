//! By which rule groups are paid.

use crate::group::Star;
use crate::settlement::repo::run::cases::eligible;
use kernel::db;
use kernel::error::Result;
use kernel::id::GroupId;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

/// A group and what decides its income.
#[derive(Debug, FromQueryResult)]
pub(in crate::settlement) struct Ruled {
    pub id: GroupId,
    /// Code of its template.
    pub template: String,
    pub version: i32,
    pub rule: serde_json::Value,
    pub star: Option<Star>,
    pub old_group: bool,
    pub repeat_rate: Option<Decimal>,
    /// Whether the importer owns the chat group.
    pub owned: bool,
    /// Whether a run of today would settle it.
    pub eligible: bool,
}

/// These groups, as far as there are such.
pub(in crate::settlement) async fn of_groups(
    conn: &impl ConnectionTrait,
    groups: &[GroupId],
) -> Result<Vec<Ruled>> {
    let sql = format!(
        "SELECT g.id, t.code AS template, t.version, t.rule, g.star, g.old_group, g.repeat_rate,
                coalesce(g.owner_user_code = u.code, false) AS owned, coalesce({eligible}, false) AS eligible
         FROM groups AS g JOIN profit_templates AS t ON t.id = g.template_id JOIN users AS u ON u.id = g.user_id
              LEFT JOIN group_settle_counts AS c ON c.group_id = g.id
         WHERE g.id = ANY($1)",
        eligible = eligible(),
    );
    let ids: Vec<Uuid> = groups.iter().map(|group| group.0).collect();
    db::fetch_all(conn, &sql, [ids.into()]).await
}
