//! Runs that operators ask for. The console only writes them down; a scheduler takes them, oldest first, and a claim
//! that is not renewed goes to the next one.

pub use super::model::RequestState;
pub use super::repo::job_requests::{
    ClaimedRequest, JobRequest, RequestColumn, RequestFilter, by_id, list, take_next,
};
use super::repo::job_requests::{insert, one};
use crate::operations::entity::job_request::Model;
use crate::operations::job_catalogue;
use kernel::Context;
use kernel::audit;
use kernel::clock::BusinessDate;
use kernel::config::Profile;
use kernel::error::{Error, Result};
use kernel::id::{JobRequestId, OperatorId};

/// What is asked for.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewRequest {
    /// The name of a job or worker.
    pub job: String,
    /// The date it is to work on.
    pub business_date: BusinessDate,
    /// Do everything, change nothing.
    pub dry_run: bool,
    /// Let a date that has not ended be settled.
    pub allow_open_day: bool,
}

/// Writes a request down.
///
/// # Errors
/// 1403 naming `name`, `date`, `dry_run`, or in production `allow_open_day`.
pub async fn ask(context: &Context, operator: OperatorId, new: NewRequest) -> Result<JobRequest> {
    if new.allow_open_day && context.config.profile == Profile::Production {
        return Err(Error::params("allow_open_day", "is never allowed in production"));
    }
    let today = BusinessDate::of(context.clock.shared_now(context.db.read()).await?);
    job_catalogue::check_order(
        &new.job,
        new.business_date,
        new.dry_run,
        new.allow_open_day,
        today,
    )?;
    let (id, now) = (JobRequestId::new(), context.clock.now());
    let txn = context.db.begin().await?;
    let request = Model {
        id,
        job: new.job.clone(),
        business_date: new.business_date,
        dry_run: new.dry_run,
        allow_open_day: new.allow_open_day,
        requested_by: operator,
        requested_at: now,
        state: RequestState::Asked,
        fence: 0,
        lease_until: None,
        result: None,
        error: None,
        finished_at: None,
    };
    insert(&txn, request).await?;
    let subject = format!("job:{}", new.job);
    let detail = serde_json::to_value(&new)?;
    audit::record(&txn, operator, "ask_for_run", &subject, detail, now).await?;
    let request = one(&txn, id).await?;
    txn.commit().await?;
    Ok(request)
}
