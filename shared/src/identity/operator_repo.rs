//! Every query about operators.

use super::operator::Operator;
use super::role::Role;
use crate::kernel::db;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::OperatorId;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct Row {
    id: OperatorId,
    name: String,
    role: String,
    password_hash: String,
}

impl Row {
    fn read(self) -> Result<(Operator, String)> {
        let role = self.role.parse().map_err(Error::internal)?;
        Ok((
            Operator {
                id: self.id,
                name: self.name,
                role,
            },
            self.password_hash,
        ))
    }
}

const OPERATOR: &str = "SELECT id, name, role, password_hash FROM operators WHERE status = 1 AND";

pub(super) async fn by_name(conn: &impl ConnectionTrait, name: &str) -> Result<Option<(Operator, String)>> {
    let row: Option<Row> = db::fetch_optional(conn, &format!("{OPERATOR} name = $1"), [name.into()]).await?;
    row.map(Row::read).transpose()
}

pub(super) async fn by_id(conn: &impl ConnectionTrait, id: OperatorId) -> Result<Option<Operator>> {
    let row: Option<Row> = db::fetch_optional(conn, &format!("{OPERATOR} id = $1"), [id.into()]).await?;
    Ok(row.map(Row::read).transpose()?.map(|(operator, _)| operator))
}

/// Adds or renews, and tells the id.
pub(super) async fn put(
    conn: &impl ConnectionTrait,
    id: OperatorId,
    name: &str,
    password_hash: &str,
    role: Role,
    now: DateTime<Utc>,
) -> Result<OperatorId> {
    let sql = "INSERT INTO operators (id, name, password_hash, role, created_at, updated_at)
               VALUES ($1, $2, $3, $4, $5, $5)
               ON CONFLICT (name) DO UPDATE SET password_hash = $3, role = $4, status = 1, updated_at = $5
               RETURNING id";
    let values = [
        id.into(),
        name.into(),
        password_hash.into(),
        role.name().into(),
        now.into(),
    ];
    let id = db::fetch_scalar::<uuid::Uuid>(conn, sql, values).await?;
    id.map(OperatorId)
        .ok_or_else(|| Error::internal("an upsert returned no row"))
}
