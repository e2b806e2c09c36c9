//! Operators give groups up.

use super::repo::stays;
use super::unbind;
use kernel::Context;
use kernel::audit;
use kernel::bulk::check_count;
use kernel::error::Result;
use kernel::id::{GroupId, OperatorId};
use std::collections::HashSet;
use transport::CancelReason;

kernel::numbered! {
    /// Why an operator gives a group up. What happened to a robot is not theirs to say.
    pub enum OperatorReason: "reason" {
        /// An illegal group, never taken again.
        Illegal = 1,
        /// Low delivery quality, never taken again.
        LowDelivery = 2,
        /// It is wanted so.
        Wanted = 4,
        /// The importer has too many groups of one star.
        TooManyOneStar = 5,
        /// Too few conversations.
        TooQuiet = 7,
    }
}

impl From<OperatorReason> for CancelReason {
    fn from(reason: OperatorReason) -> Self {
        match reason {
            OperatorReason::Illegal => CancelReason::Illegal,
            OperatorReason::LowDelivery => CancelReason::LowDelivery,
            OperatorReason::Wanted => CancelReason::Wanted,
            OperatorReason::TooManyOneStar => CancelReason::TooManyOneStar,
            OperatorReason::TooQuiet => CancelReason::TooQuiet,
        }
    }
}

/// What became of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
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
/// 1403 naming `group_ids`.
pub async fn cancel_for_operator(
    context: &Context,
    operator: OperatorId,
    groups: &[GroupId],
    reason: OperatorReason,
    dry_run: bool,
) -> Result<Vec<Cancelled>> {
    check_count("group_ids", groups.len())?;
    let reason = CancelReason::from(reason);
    let now = context.clock.now();
    let conn = context.db.begin().await?;
    let active: HashSet<GroupId> = stays::active_among(&conn, groups)
        .await?
        .into_iter()
        .map(|stay| stay.id)
        .collect();
    let result = |id: &GroupId| Cancelled {
        id: *id,
        cancelled: active.contains(id),
        problem: (!active.contains(id)).then_some("is not a group of ours, or cancelled already"),
    };
    if dry_run {
        conn.rollback().await?;
        return Ok(groups.iter().map(result).collect());
    }
    let wanted: Vec<(GroupId, CancelReason)> = active.iter().map(|group| (*group, reason)).collect();
    unbind::cancel(&conn, &wanted, now).await?;
    let deed = |group: &GroupId| {
        let detail = serde_json::json!({ "reason": reason });
        (format!("group:{group}"), detail)
    };
    let deeds = active.iter().map(deed).collect();
    audit::record_each(&conn, operator, "cancel_group", deeds, now).await?;
    conn.commit().await?;
    Ok(groups.iter().map(result).collect())
}
