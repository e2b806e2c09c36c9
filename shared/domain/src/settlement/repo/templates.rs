//! Queries of templates.

use crate::settlement::entity::profit_template::{Column, Entity, Model};
use crate::settlement::model::{NewTemplate, Template};
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::{OperatorId, TemplateId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, SelectExt};

/// All versions of all templates, newest version first within a code.
pub(in crate::settlement) async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Template>> {
    let rows = Entity::find()
        .order_by_asc(Column::Code)
        .order_by_desc(Column::Version)
        .all(conn)
        .await?;
    rows.into_iter().map(Template::try_from).collect()
}

/// Whether there is a version of the template for those that have no other.
pub(in crate::settlement) async fn has_default(conn: &impl ConnectionTrait) -> Result<bool> {
    Ok(Entity::find()
        .filter(Column::Code.eq("DEFAULT"))
        .exists(conn)
        .await?)
}

/// Waits for whoever enters a version.
pub(in crate::settlement) async fn lock(conn: &impl ConnectionTrait) -> Result<()> {
    let sql = "LOCK TABLE profit_templates IN SHARE ROW EXCLUSIVE MODE";
    db::execute(conn, sql, []).await.map(|_| ())
}

/// Another template than DEFAULT that runs on one of the new one's dates.
pub(in crate::settlement) async fn clash(
    conn: &impl ConnectionTrait,
    new: &NewTemplate,
) -> Result<Option<String>> {
    let sql = "SELECT code FROM profit_templates WHERE code <> $1 AND code <> 'DEFAULT' AND starts_on <= $3 AND ends_on >= $2 LIMIT 1";
    let values = [new.code.clone().into(), new.starts_on.into(), new.ends_on.into()];
    db::fetch_scalar(conn, sql, values).await
}

/// Writes the next version of the template.
pub(in crate::settlement) async fn insert(
    conn: &impl ConnectionTrait,
    new: &NewTemplate,
    operator: Option<OperatorId>,
    now: DateTime<Utc>,
) -> Result<Template> {
    let sql = "INSERT INTO profit_templates (id, code, version, rule, starts_on, ends_on, created_by, created_at)
               SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6, $7 FROM profit_templates WHERE code = $2
               RETURNING id, code, version, rule, starts_on, ends_on, created_by, created_at";
    let values = [
        TemplateId::new().into(),
        new.code.clone().into(),
        serde_json::to_value(&new.rule)?.into(),
        new.starts_on.into(),
        new.ends_on.into(),
        operator.into(),
        now.into(),
    ];
    db::fetch_one::<Model>(conn, sql, values).await?.try_into()
}
