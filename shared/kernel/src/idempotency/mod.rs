//! First answers to requests that carry an `Idempotency-Key`. Kept for ever: keys guard money.

pub(crate) mod entity;

use super::crypto;
use super::error::{Error, Result};
use crate::idempotency::entity::{Entity, Model};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use serde::{Serialize, de::DeserializeOwned};

/// A key, the caller it belongs to, and what was asked with it.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    scope: String,
    key: String,
    request_hash: Vec<u8>,
}

impl IdempotencyKey {
    /// A key of `scope` (use case and caller) for this request.
    ///
    /// # Errors
    /// 1403 when the header is missing, empty or longer than 255 characters.
    pub fn new(scope: String, header: Option<&str>, request: &impl Serialize) -> Result<Self> {
        let key = header
            .map(str::trim)
            .filter(|key| !key.is_empty() && key.len() <= 255);
        let key = key.ok_or_else(|| Error::params("Idempotency-Key", "is required, 1 to 255 characters"))?;
        Ok(IdempotencyKey {
            scope,
            key: key.to_owned(),
            request_hash: crypto::sha256(&serde_json::to_vec(request)?),
        })
    }

    /// The first answer, if this was asked before.
    ///
    /// # Errors
    /// 1403 when the same key was used for another request.
    pub async fn first_answer<T: DeserializeOwned>(&self, conn: &impl ConnectionTrait) -> Result<Option<T>> {
        let saved = Entity::find_by_id((self.scope.clone(), self.key.clone()));
        let Some(saved) = saved.one(conn).await? else {
            return Ok(None);
        };
        if saved.request_hash != self.request_hash {
            return Err(Error::params("Idempotency-Key", "was used for another request"));
        }
        Ok(Some(serde_json::from_value(saved.answer)?))
    }

    /// Keeps the first answer, in the transaction that earned it.
    ///
    /// # Errors
    /// A database error; a unique violation when somebody was faster.
    pub async fn keep(
        &self,
        conn: &impl ConnectionTrait,
        answer: &impl Serialize,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let saved = Model {
            scope: self.scope.clone(),
            key: self.key.clone(),
            request_hash: self.request_hash.clone(),
            answer: serde_json::to_value(answer)?,
            created_at: now,
        };
        let insert = Entity::insert(saved.into_active_model());
        insert.exec_without_returning(conn).await?;
        Ok(())
    }
}
