//! What runs more often than daily: loops with a metric and no `job_run`, each also runnable by hand.

pub mod pay_withdrawals;
pub mod report_deliveries;

use crate::connections::Connections;
use crate::{consumers, relay};
use domain::operations::job_catalogue;
use kernel::{Context, Result};
use serde_json::{Value, json};

/// One pass of a worker to its end.
///
/// # Errors
/// 1403 where there is no such worker; when a store or a destination is away.
pub async fn run_by_hand(context: &Context, connections: &Connections, name: &str) -> Result<Value> {
    Ok(match name {
        pay_withdrawals::NAME => {
            serde_json::to_value(pay_withdrawals::run_by_hand(context, &connections.partners).await?)?
        }
        report_deliveries::NAME => json!({ "reported": domain::delivery::report(context).await? }),
        "relay_outbox" => json!({ "delivered": relay::drain(context, connections).await? }),
        "retry_inbox" => {
            json!({ "handled": consumers::worker::drain(context, &connections.transports).await? })
        }
        _ => return Err(job_catalogue::unknown()),
    })
}
