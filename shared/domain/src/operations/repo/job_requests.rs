//! Requests for runs, and the claims of schedulers on them.

use crate::identity::entity::operator;
use crate::operations::entity::job_request::{Column, Entity, Model};
use crate::operations::model::RequestState;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::any_json::AnyJson;
use kernel::clock::BusinessDate;
use kernel::dates::DateFilter;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::JobRequestId;
use kernel::job_run::LEASE;
use kernel::listing;
use kernel::page::{Page, Paged};
use kernel::sort::Sort;
use poem_openapi::Object;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QuerySelect,
    QueryTrait, Select,
};
use serde_json::Value;

/// A run that was asked for.
#[derive(Debug, Clone, FromQueryResult, Object)]
#[allow(missing_docs)]
pub struct JobRequest {
    pub id: JobRequestId,
    pub job: String,
    pub business_date: BusinessDate,
    pub dry_run: bool,
    pub allow_open_day: bool,
    /// The operator's name.
    #[sea_orm(alias = "operator")]
    pub requested_by: String,
    pub requested_at: DateTime<Utc>,
    pub state: RequestState,
    /// What the job returned.
    pub result: Option<AnyJson>,
    pub error: Option<String>,
    pub finished_at: Option<DateTime<Utc>>,
}

pub(in crate::operations) async fn insert(conn: &impl ConnectionTrait, request: Model) -> Result<()> {
    let insert = Entity::insert(request.into_active_model());
    insert.exec_without_returning(conn).await?;
    Ok(())
}

/// Requests with the names of those who asked.
fn requests() -> Select<Entity> {
    Entity::find()
        .inner_join(operator::Entity)
        .column_as(operator::Column::Name, "operator")
}

/// One request, as operators ask for it.
///
/// # Errors
/// 1404 when there is none.
pub async fn by_id(context: &Context, id: JobRequestId) -> Result<JobRequest> {
    one(context.db.read(), id).await
}

/// One request.
///
/// # Errors
/// 1404 when there is none.
pub(in crate::operations) async fn one(conn: &impl ConnectionTrait, id: JobRequestId) -> Result<JobRequest> {
    let found = requests().filter(Column::Id.eq(id)).into_model();
    found.one(conn).await?.ok_or_else(|| Error::not_found("request"))
}

/// Which requests; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    /// For this job.
    pub job: Option<String>,
    /// When it was made.
    pub requested: DateFilter,
    /// In which order.
    pub sort: Sort<RequestColumn>,
}

kernel::sortable! {
    /// What requests are sorted by.
    pub enum RequestColumn: descending(RequestedAt), then ["job_requests.id"] {
        /// When it was made.
        RequestedAt = "requested_at" => "job_requests.requested_at",
    }
}

/// Requests.
pub async fn list(context: &Context, filter: RequestFilter, page: Page) -> Result<Paged<JobRequest>> {
    let found = requests()
        .apply_if(filter.job, |found, job| found.filter(Column::Job.eq(job)))
        .filter(filter.requested.instants(Column::RequestedAt));
    listing::page(context.db.read(), filter.sort.apply(found).into_model(), page).await
}

/// A request that is ours to work on, for as long as it is renewed.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs)]
pub struct ClaimedRequest {
    pub id: JobRequestId,
    pub job: String,
    pub business_date: BusinessDate,
    pub dry_run: bool,
    pub allow_open_day: bool,
    /// Grows with each claim; older ones write nothing.
    fence: i64,
}

/// Takes the oldest request that nobody works on.
pub async fn take_next(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Option<ClaimedRequest>> {
    let sql = "UPDATE job_requests SET state = 'running', fence = fence + 1, lease_until = $2
               WHERE id = (SELECT id FROM job_requests
                           WHERE state = 'asked' OR state = 'running' AND lease_until < $1
                           ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
               RETURNING id, job, business_date, dry_run, allow_open_day, fence";
    db::fetch_optional(conn, sql, [now.into(), (now + LEASE).into()]).await
}

impl ClaimedRequest {
    /// Prolongs the claim; false when somebody else has it by now.
    pub async fn renew(&self, conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool> {
        let sql =
            "UPDATE job_requests SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'running'";
        let values = [self.id.into(), self.fence.into(), (now + LEASE).into()];
        Ok(db::execute(conn, sql, values).await? == 1)
    }

    /// Writes down what came of it, unless the claim was lost.
    pub async fn finish(
        &self,
        conn: &impl ConnectionTrait,
        outcome: Result<Value, String>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let state = match outcome {
            Ok(_) => RequestState::Done,
            Err(_) => RequestState::Failed,
        };
        let error = outcome.as_ref().err().cloned();
        let sql = "UPDATE job_requests SET state = $3, result = $4, error = $5, finished_at = $6, lease_until = NULL
                   WHERE id = $1 AND fence = $2 AND state = 'running'";
        let values = [
            self.id.into(),
            self.fence.into(),
            state.into(),
            outcome.ok().into(),
            error.into(),
            now.into(),
        ];
        db::execute(conn, sql, values).await.map(|_| ())
    }
}
