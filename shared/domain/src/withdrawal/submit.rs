//! The call that pays. It is made outside any transaction, between one that claims the withdrawal and one that writes
//! down the answer.

use super::apply::record;
use super::model::{PaidSummary, submitted};
use super::repo::Withdrawal;
use chrono::TimeDelta;
use kernel::Context;
use partners::wxpay::{PayoutConnector, PayoutOrder};

/// How many calls are under way at once.
pub(super) const LANES: usize = 8;

/// Makes the call for a withdrawal that was claimed for it. What cannot be written down is found by its lease.
pub(super) async fn submit(
    context: &Context,
    connector: &dyn PayoutConnector,
    claimed: &Withdrawal,
) -> PaidSummary {
    let mut summary = PaidSummary {
        submitted: 1,
        ..PaidSummary::default()
    };
    let order = PayoutOrder {
        bill_no: claimed.bill_no.clone(),
        open_id: claimed.open_id.clone(),
        amount: claimed.amount,
    };
    let answer = connector.submit(&order).await;
    let transition = submitted(answer.outcome_for(claimed.amount, &claimed.open_id));
    match record(context, claimed, &transition).await {
        Ok(_) => summary.count(transition.state),
        Err(error) => {
            tracing::error!(withdrawal = %claimed.id, error = error.chain(), "cannot record a payout's answer");
            summary.troubles += 1;
        }
    }
    summary
}

/// How long a claim lasts: longer than any call, and what is found after it was cut off.
pub(super) fn lease(context: &Context) -> TimeDelta {
    let call = i64::try_from(context.config.wxpay.timeout_seconds).unwrap_or(i64::MAX / 2_000);
    TimeDelta::seconds(60 + call)
}
