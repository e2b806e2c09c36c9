//! A batch that should not have come in is voided before a run settles it.

use crate::settlement::repo::batch_list::{self, AdBatch};
use crate::settlement::repo::batches as rows;
use kernel::Context;
use kernel::audit;
use kernel::code::Code;
use kernel::db::lock::Lock;
use kernel::error::{Error, Result};
use kernel::external::given_reason;
use kernel::id::{BatchId, OperatorId};

/// Voids a batch; one that is void already stays as it is. No run settles it, it pays nobody, and the partner may hand in
/// the date again when it was theirs.
///
/// # Errors
/// 1403 without a reason, 1404 for no such batch, 1409 when a run has settled it; 503 while one is at it.
pub async fn void(context: &Context, operator: OperatorId, id: BatchId, reason: &str) -> Result<AdBatch> {
    let reason = given_reason(reason)?;
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    let unknown = || Error::not_found("ads batch");
    let date = rows::date_of(&txn, id).await?.ok_or_else(unknown)?;
    Lock::AdsOf(date).wait(&txn).await?;
    let batch = rows::lock(&txn, id).await?.ok_or_else(unknown)?;
    if !batch.voided {
        if let Some(run) = batch.run {
            let message = "a run has settled this batch; reverse the run";
            let data = serde_json::json!({ "run_id": run });
            return Err(Error::new(Code::DuplicateRequest, message).with_data(data));
        }
        rows::void(&txn, id, operator, reason, now).await?;
        let detail = serde_json::json!({ "settle_date": batch.settle_date, "batch_no": batch.batch_no, "reason": reason });
        audit::record(&txn, operator, "void_ads_batch", &id.to_string(), detail, now).await?;
    }
    let answer = batch_list::one(&txn, id).await?;
    txn.commit().await?;
    Ok(answer)
}
