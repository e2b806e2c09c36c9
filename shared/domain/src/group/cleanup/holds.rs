//! Operators keep groups out of a plan's carrying out, and let them go again.

use super::super::repo;
use super::super::repo::cleanup::{self as rows, EntryState};
use kernel::Context;
use kernel::audit;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::external::given_reason;
use kernel::id::{GroupId, OperatorId, PlanId};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

/// Keeps a group out of the carrying out: of this plan, of every other one until this is carried out, and of those of
/// earlier dates after that too.
///
/// # Errors
/// 1403 without a reason, 1404 when the group is not in the plan, 2004 when it has been given up already.
pub async fn hold(
    context: &Context,
    operator: OperatorId,
    plan: PlanId,
    group: GroupId,
    reason: &str,
) -> Result<()> {
    let reason = given_reason(reason)?;
    let conn = context.db.begin().await?;
    // Between two batches of any plan's carrying out: what is held then is given up by none.
    repo::lock_cleanup(&conn).await?;
    let entry = lock_entry(&conn, plan, group).await?;
    if entry.carried_out || entry.going {
        return Err(Error::new(Code::NotPossible, "the group has been given up"));
    }
    rows::hold(&conn, plan, group, operator, reason).await?;
    let detail = json!({ "plan": plan, "reason": reason });
    note(&conn, context, operator, "hold_cleanup", group, detail).await?;
    Ok(conn.commit().await?)
}

/// Lets a group go that was kept out: it is given up with the others. One that is not held stays as it is.
///
/// # Errors
/// 1404 when the group is not in the plan, 2004 when the plan has been carried out: nothing would happen any more.
pub async fn release(context: &Context, operator: OperatorId, plan: PlanId, group: GroupId) -> Result<()> {
    let conn = context.db.begin().await?;
    // Between two batches of a carrying out, or after its last: never an entry that is open in a plan that is over.
    repo::lock_cleanup(&conn).await?;
    let entry = lock_entry(&conn, plan, group).await?;
    if entry.carried_out || entry.plan_over {
        return Err(Error::new(Code::NotPossible, "the plan has been carried out"));
    }
    let Some(held_by) = entry.held_by else {
        return Ok(conn.rollback().await?);
    };
    rows::release(&conn, plan, group).await?;
    let detail = json!({ "plan": plan, "held_by": held_by, "reason": entry.held_reason });
    note(&conn, context, operator, "release_cleanup", group, detail).await?;
    Ok(conn.commit().await?)
}

async fn lock_entry(conn: &impl ConnectionTrait, plan: PlanId, group: GroupId) -> Result<EntryState> {
    let entry = rows::lock_entry(conn, plan, group).await?;
    entry.ok_or_else(|| Error::not_found("entry"))
}

async fn note(
    conn: &impl ConnectionTrait,
    context: &Context,
    operator: OperatorId,
    action: &str,
    group: GroupId,
    detail: Value,
) -> Result<()> {
    let subject = format!("group:{group}");
    audit::record(conn, operator, action, &subject, detail, context.clock.now()).await
}
