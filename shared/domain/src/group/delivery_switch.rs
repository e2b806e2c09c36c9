//! The delivery switch: the delivery system decides, our column follows.

use super::repo::switches;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use kernel::outbox::Message;
use partners::launch::{DeliverySwitch, Launch, LaunchCall};
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;
use transport::GroupCode;

/// A user turns delivery of groups of theirs on or off. The last word on a code counts.
///
/// # Errors
/// 1403 for an empty list, 1404 naming a group that is not the user's, 1101 when the delivery system refuses.
pub async fn set_launch_switch(
    context: &Context,
    launch: &Launch,
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
    launch.call(&slots(&switches)).await?;
    let conn = context.db.begin().await?;
    switches::set(&conn, &switches, context.clock.now()).await?;
    Ok(conn.commit().await?)
}

/// The delivery system has turned these: ours follow. The relay calls it when a call from the outbox succeeded.
pub async fn launch_switched(
    conn: &impl ConnectionTrait,
    switches: &[(String, bool)],
    now: DateTime<Utc>,
) -> Result<()> {
    switches::set(conn, switches, now).await.map(|_| ())
}

/// The call that turns one group's delivery, for the outbox; calls about one group keep their order.
pub(super) fn call(group_code: &GroupCode, on: bool) -> Result<Message> {
    slots(&[(group_code.to_string(), on)]).into_message()
}

fn slots(switches: &[(String, bool)]) -> LaunchCall {
    let slot = |(group_code, on): &(String, bool)| DeliverySwitch {
        group_code: group_code.clone(),
        on: *on,
    };
    LaunchCall::Slots {
        slots: switches.iter().map(slot).collect(),
    }
}
