//! The delivery switch: the delivery system decides, our column follows.

use super::repo::switches;
use crate::context::Context;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::UserId;
use crate::kernel::outbox::{Destination, Message};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;

/// The delivery system's side of the switch (3.5, `syncslotinfo`).
#[async_trait]
pub trait LaunchSwitch: Send + Sync {
    /// Turns delivery of groups on or off; all of them or none.
    ///
    /// # Errors
    /// 1101 when it refuses or cannot be reached.
    async fn turn(&self, switches: &[(String, bool)]) -> Result<()>;
}

/// A user turns delivery of groups of theirs on or off. The last word on a code counts.
///
/// # Errors
/// 1403 for an empty list, 1404 naming a group that is not the user's, 1101 when the delivery system refuses.
pub async fn set_launch_switch(
    context: &Context,
    launch: &dyn LaunchSwitch,
    user: UserId,
    switches: Vec<(String, bool)>,
) -> Result<()> {
    if switches.is_empty() {
        return Err(Error::params("code", "must name a group"));
    }
    let switches: BTreeMap<String, bool> = switches.into_iter().collect();
    let codes: Vec<String> = switches.keys().cloned().collect();
    let owned = switches::owned(context.db.read(), user, codes.clone()).await?;
    if codes.iter().any(|code| !owned.contains(code)) {
        return Err(Error::not_found("group"));
    }
    let switches: Vec<(String, bool)> = switches.into_iter().collect();
    launch.turn(&switches).await?;
    let conn = context.db.begin().await?;
    switches::turn(&conn, &switches, context.clock.now()).await?;
    Ok(conn.commit().await?)
}

/// The delivery system has turned these: ours follow. The relay calls it when a call from the outbox succeeded.
///
/// # Errors
/// What PostgreSQL says.
pub async fn launch_switched(
    conn: &impl ConnectionTrait,
    switches: &[(String, bool)],
    now: DateTime<Utc>,
) -> Result<()> {
    switches::turn(conn, switches, now).await.map(|_| ())
}

/// The call that turns one group's delivery, for the outbox; calls about one group keep their order.
pub(super) fn call(group_code: &str, on: bool) -> Result<Message> {
    let call = serde_json::json!({"call": "slots", "slots": [{"group_code": group_code, "on": on}]});
    Message::new(
        Destination::Launch,
        "slots",
        format!("launch:slot:{group_code}"),
        &call,
    )
}
