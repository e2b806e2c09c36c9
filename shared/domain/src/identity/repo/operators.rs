//! Every query about operators.

use crate::identity::Role;
use crate::identity::entity::operator;
use crate::identity::model::{Operator, OperatorStatus};
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::OperatorId;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

/// The operator and their password's hash.
pub(in super::super) async fn by_name(
    conn: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<(Operator, String)>> {
    let found = operator::Entity::serving().filter(operator::Column::Name.eq(name));
    let read = |row: operator::Model| {
        let (id, name, role) = (row.id, row.name, row.role);
        (Operator { id, name, role }, row.password_hash)
    };
    Ok(found.one(conn).await?.map(read))
}

/// Asked with every request of the console.
pub(in super::super) async fn by_id(conn: &impl ConnectionTrait, id: OperatorId) -> Result<Option<Operator>> {
    let sql = "SELECT id, name, role FROM operators WHERE id = $1 AND status = $2";
    let values = [id.into(), OperatorStatus::Serving.into()];
    db::fetch_optional(conn, sql, values).await
}

/// Adds or renews, and tells the id.
pub(in super::super) async fn put(
    conn: &impl ConnectionTrait,
    id: OperatorId,
    name: &str,
    password_hash: &str,
    role: Role,
    now: DateTime<Utc>,
) -> Result<OperatorId> {
    let sql = "INSERT INTO operators (id, name, password_hash, role, created_at, updated_at)
               VALUES ($1, $2, $3, $4, $5, $5)
               ON CONFLICT (name) DO UPDATE SET password_hash = $3, role = $4, status = $6, updated_at = $5
               RETURNING id";
    let values = [
        id.into(),
        name.into(),
        password_hash.into(),
        role.into(),
        now.into(),
        OperatorStatus::Serving.into(),
    ];
    let id = db::fetch_scalar::<uuid::Uuid>(conn, sql, values).await?;
    id.map(OperatorId)
        .ok_or_else(|| Error::internal("an upsert returned no row"))
}
