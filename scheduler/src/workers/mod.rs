//! What runs more often than daily: loops with a metric and no `job_run`, each also runnable by hand.

pub mod pay_withdrawals;
pub mod report_deliveries;

use crate::{consumers, relay};
use domain::operations::job_catalogue;
use kernel::{Context, Result};
use partners::Partners;
use serde_json::{Value, json};
use std::sync::Arc;

/// One pass of a worker to its end.
///
/// # Errors
/// 1403 where there is no such worker; when a store or a way out is away.
pub async fn run_by_hand(context: &Context, partners: &Arc<Partners>, name: &str) -> Result<Value> {
    Ok(match name {
        pay_withdrawals::NAME => {
            serde_json::to_value(pay_withdrawals::run_by_hand(context, partners).await?)?
        }
        report_deliveries::NAME => json!({ "reported": domain::delivery::report(context).await? }),
        "relay_outbox" => json!({ "delivered": relay::drain(context, partners).await? }),
        "retry_inbox" => {
            json!({ "handled": consumers::worker::drain(context, partners.robots.as_ref()).await? })
        }
        _ => return Err(job_catalogue::unknown()),
    })
}
