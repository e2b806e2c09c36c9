//! Operators give groups up.

use super::model::CancelReason;
use super::repo::stays;
use super::unbinding;
use kernel::Context;
use kernel::audit;
use kernel::bulk::check_count;
use kernel::error::{Error, Result};
use kernel::id::{GroupId, OperatorId};
use std::collections::HashSet;

/// What became of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// The group.
    pub id: GroupId,
    /// Whether it is being unbound; also when that was asked for before.
    pub cancelled: bool,
    /// Why not.
    pub problem: Option<&'static str>,
}

/// Gives groups up; tells for each what became of it, in the order of the list. The stays end when the gateway says so.
/// A dry run tells the same and changes nothing.
///
/// # Errors
/// 1403 naming `group_ids` or `reason`.
pub async fn cancel_for_operator(
    context: &Context,
    operator: OperatorId,
    groups: &[GroupId],
    reason: i16,
    dry_run: bool,
) -> Result<Vec<GivenUp>> {
    check_count("group_ids", groups.len())?;
    // 3 and 6 tell what happened to a robot; that is not an operator's to say.
    let given = CancelReason::try_from(reason)
        .ok()
        .filter(|reason| !matches!(reason, CancelReason::Left | CancelReason::RobotBlocked))
        .ok_or_else(|| Error::params("reason", "must be 1, 2, 4, 5 or 7"))?;
    let now = context.clock.now();
    let conn = context.db.begin().await?;
    let active: HashSet<GroupId> = stays::active_among(&conn, groups)
        .await?
        .into_iter()
        .map(|stay| stay.id)
        .collect();
    let result = |id: &GroupId| GivenUp {
        id: *id,
        cancelled: active.contains(id),
        problem: (!active.contains(id)).then_some("is not a group of ours, or cancelled already"),
    };
    if dry_run {
        conn.rollback().await?;
        return Ok(groups.iter().map(result).collect());
    }
    let wanted: Vec<(GroupId, CancelReason)> = active.iter().map(|group| (*group, given)).collect();
    unbinding::cancel(&conn, &wanted, now).await?;
    let deed = |group: &GroupId| {
        let detail = serde_json::json!({ "reason": given.number() });
        (format!("group:{group}"), detail)
    };
    let deeds = active.iter().map(deed).collect();
    audit::record_each(&conn, operator, "cancel_group", deeds, now).await?;
    conn.commit().await?;
    Ok(groups.iter().map(result).collect())
}
