//! Whether payouts run. Only new calls stop; what the partner has is still asked about.

use super::repo::switch;
use crate::ledger::check;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::audit;
use kernel::error::Result;
use kernel::external::given_reason;
use kernel::id::OperatorId;
use poem_openapi::Object;
use sea_orm::ConnectionTrait;
use serde::Serialize;

/// The switch and what else decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "PayoutSwitch")]
pub struct PayoutState {
    /// Whether new payouts are made.
    pub running: bool,
    /// Whether somebody, or the system, stopped them.
    pub paused: bool,
    /// Why.
    pub reason: String,
    /// The operator's name, or `system`.
    pub changed_by: String,
    /// Since when it stands so.
    pub changed_at: Option<DateTime<Utc>>,
    /// Whether the newest ledger check was clean; payouts wait for that too.
    pub ledger_clean: bool,
}

/// Whether payouts run, and if not, why.
pub async fn payout_state(context: &Context) -> Result<PayoutState> {
    state(context.db.read()).await
}

/// The same, in the caller's transaction.
async fn state(conn: &impl ConnectionTrait) -> Result<PayoutState> {
    let switch = switch::read(conn).await?;
    let ledger_clean = check::newest_is_clean(conn).await?;
    Ok(PayoutState {
        running: !switch.paused && ledger_clean,
        paused: switch.paused,
        reason: switch.reason,
        changed_by: switch.changed_by,
        changed_at: switch.changed_at,
        ledger_clean,
    })
}

/// Stops new payouts.
///
/// # Errors
/// 1403 without a reason.
pub async fn pause(context: &Context, operator: OperatorId, reason: &str) -> Result<PayoutState> {
    set_paused(context, operator, true, given_reason(reason)?).await
}

/// Lets payouts run again. The failure rate is measured anew from here on.
pub async fn resume(context: &Context, operator: OperatorId) -> Result<PayoutState> {
    set_paused(context, operator, false, "").await
}

async fn set_paused(
    context: &Context,
    operator: OperatorId,
    paused: bool,
    reason: &str,
) -> Result<PayoutState> {
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    if switch::set_paused(&txn, paused, reason, Some(operator), now).await? {
        let action = if paused { "pause_payouts" } else { "resume_payouts" };
        let detail = serde_json::json!({ "reason": reason });
        audit::record(&txn, operator, action, "payouts", detail, now).await?;
    }
    let state = state(&txn).await?;
    txn.commit().await?;
    Ok(state)
}

/// Why no payout may be made now, if so. Pulls the switch when too many of the last payouts failed.
pub(super) async fn obstacle(context: &Context) -> Result<Option<String>> {
    let conn = context.db.autocommit();
    let state = state(conn).await?;
    if state.paused {
        return Ok(Some(format!("paused by {}: {}", state.changed_by, state.reason)));
    }
    if !state.ledger_clean {
        return Ok(Some("the newest ledger check found differences".to_owned()));
    }
    let config = &context.config.withdrawal;
    let sample = config.failure_rate_sample;
    let endings = switch::endings(conn, state.changed_at, sample).await?;
    let enough = sample > 0 && endings.finished >= i64::from(sample);
    if !enough || endings.failed * 100 < endings.finished * i64::from(config.failure_rate_percent) {
        return Ok(None);
    }
    let reason = format!(
        "{} of the last {} payouts failed",
        endings.failed, endings.finished
    );
    let now = context.clock.shared_now(conn).await?;
    if switch::set_paused(conn, true, &reason, None, now).await? {
        tracing::error!(reason, "payouts paused themselves");
    }
    Ok(Some(format!("paused by system: {reason}")))
}
