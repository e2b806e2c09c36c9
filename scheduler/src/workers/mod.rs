//! What runs more often than daily: loops with a metric and no `job_run`, each also runnable by hand.

pub mod pay_withdrawals;
pub mod report_deliveries;

use crate::outside::Outside;
use crate::{consumers, relay};
use kernel::{Context, Result};
use serde_json::{Value, json};

/// The workers' names on the command line.
pub const NAMES: [&str; 4] = [
    pay_withdrawals::NAME,
    report_deliveries::NAME,
    "relay_outbox",
    "retry_inbox",
];

/// One pass of a worker to its end; none where there is no such worker.
///
/// # Errors
/// When a store or a way out is away.
pub async fn run_by_hand(context: &Context, outside: &Outside, name: &str) -> Result<Option<Value>> {
    Ok(Some(match name {
        pay_withdrawals::NAME => {
            serde_json::to_value(pay_withdrawals::run_by_hand(context, &outside.partners).await?)?
        }
        report_deliveries::NAME => json!({ "reported": domain::delivery::report(context).await? }),
        "relay_outbox" => json!({ "delivered": relay::drain(context, outside).await? }),
        "retry_inbox" => {
            json!({ "handled": consumers::worker::drain(context, &outside.transports).await? })
        }
        _ => return Ok(None),
    }))
}
