//! Clean-up plans: looked at, and held in parts, before they are carried out.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, Nothing, PageOf, answer, done, paged};
use crate::http::paging::Paging;
use crate::http::reason::Reason;
use chrono::{DateTime, Utc};
use domain::group::Star;
use domain::group::cleanup::{self, EntryOutcome, PlanState, PlanSummary, Step};
use domain::identity::Permission;
use kernel::Error;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::id::{GroupId, OperatorId, PlanId};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use transport::CancelReason;

pub struct CleanupApi;

/// A plan and what its steps come to.
#[derive(Object)]
struct CleanupPlan {
    id: PlanId,
    business_date: BusinessDate,
    state: PlanState,
    planned_at: DateTime<Utc>,
    carried_out_at: Option<DateTime<Utc>>,
    /// In order; steps that took nothing are left out.
    steps: Vec<CleanupStep>,
}

/// What one step comes to.
#[derive(Object)]
struct CleanupStep {
    step: Step,
    /// Groups planned.
    groups: i64,
    /// Of these, held by an operator.
    held: i64,
    /// Given up.
    asked: i64,
    /// Gone, rated otherwise or held in another plan before their time came.
    lapsed: i64,
}

/// A group of the plan.
#[derive(Object)]
struct CleanupEntry {
    group_id: GroupId,
    code: String,
    name: String,
    user_code: Option<String>,
    star: Option<Star>,
    member_count: Option<i32>,
    bound_at: DateTime<Utc>,
    step: Step,
    cancel_reason: CancelReason,
    /// The operator who keeps it out.
    held_by: Option<OperatorId>,
    held_reason: Option<String>,
    /// Once carried out.
    outcome: Option<EntryOutcome>,
    carried_out_at: Option<DateTime<Utc>>,
}

#[derive(Object)]
struct CleanupHold {
    group_id: GroupId,
    /// Why; kept in the audit trail.
    reason: Reason,
}

#[derive(Object)]
struct CleanupRelease {
    group_id: GroupId,
}

impl CleanupPlan {
    fn of(plan: cleanup::Plan, steps: Vec<cleanup::StepCount>) -> Self {
        CleanupPlan {
            id: plan.id,
            business_date: plan.business_date,
            state: plan.state,
            planned_at: plan.planned_at,
            carried_out_at: plan.carried_out_at,
            steps: steps.into_iter().map(CleanupStep::from).collect(),
        }
    }
}

impl From<cleanup::StepCount> for CleanupStep {
    fn from(count: cleanup::StepCount) -> Self {
        CleanupStep {
            step: count.step,
            groups: count.groups,
            held: count.held,
            asked: count.asked,
            lapsed: count.lapsed,
        }
    }
}

impl From<cleanup::CleanupEntry> for CleanupEntry {
    fn from(entry: cleanup::CleanupEntry) -> Self {
        CleanupEntry {
            group_id: entry.group_id,
            code: entry.code.to_string(),
            name: entry.name,
            user_code: entry.user_code.map(|code| code.to_string()),
            star: entry.star,
            member_count: entry.member_count,
            bound_at: entry.bound_at,
            step: entry.step,
            cancel_reason: entry.cancel_reason,
            held_by: entry.held_by,
            held_reason: entry.held_reason,
            outcome: entry.outcome,
            carried_out_at: entry.carried_out_at,
        }
    }
}

/// The plan of a date.
async fn plan_of(
    app: &AppState,
    date: BusinessDate,
) -> kernel::Result<(cleanup::Plan, Vec<cleanup::StepCount>)> {
    let found = cleanup::find(app.context(), date).await?;
    found
        .and_then(|summary| Some((summary.plan?, summary.steps)))
        .ok_or_else(|| Error::not_found("plan"))
}

#[OpenApi(prefix_path = "/api/console/cleanup/plans", tag = "Area::Cleanup")]
impl CleanupApi {
    /// List plans, newest date first
    ///
    /// With what each comes to.
    #[oai(path = "/", method = "get", operation_id = "listCleanupPlans")]
    async fn list(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        page: Paging,
    ) -> PageOf<Vec<PlanSummary>> {
        operator.must(Permission::Read)?;
        paged(cleanup::list(app.context(), page.0).await?)
    }

    /// The plan of a business date
    ///
    /// What its steps come to; steps that took nothing are left out.
    #[oai(path = "/:date", method = "get", operation_id = "getCleanupPlan")]
    async fn plan(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The plan's business date.
        date: Path<BusinessDate>,
    ) -> Answer<CleanupPlan, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let (plan, steps) = plan_of(&app, date.0).await?;
        answer(CleanupPlan::of(plan, steps))
    }

    /// Its groups, in the order of its steps
    ///
    /// Each with its step, who holds it back, and what became of it.
    #[oai(path = "/:date/entries", method = "get", operation_id = "listCleanupEntries")]
    async fn entries(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The plan's business date.
        date: Path<BusinessDate>,
        page: Paging,
    ) -> PageOf<Vec<CleanupEntry>, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let (plan, _) = plan_of(&app, date.0).await?;
        paged(cleanup::entries(app.context(), plan.id, page.0).await?)
    }

    /// Keep a group out of the carrying out
    ///
    /// Of this plan and every other one, until this plan is carried out, and after that still of those of earlier dates; a
    /// later plan may take it again. The reason is kept in the audit trail. Refused with 2004 once it has been given up.
    #[oai(path = "/:date/hold", method = "post", operation_id = "holdCleanupEntry")]
    async fn hold(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The plan's business date.
        date: Path<BusinessDate>,
        body: Body<CleanupHold>,
    ) -> Answer<Nothing, { codes(&[Code::ResourceNotFound, Code::NotPossible]) }> {
        operator.must(Permission::EditGroups)?;
        let (plan, _) = plan_of(&app, date.0).await?;
        let CleanupHold { group_id, reason } = body.0;
        cleanup::hold(app.context(), operator.id, plan.id, group_id, &reason).await?;
        done()
    }

    /// Let a group go that is held
    ///
    /// It is given up with the others, unless another plan holds it too. After the plan was carried out this is refused with 2004; a group that is not
    /// held stays as it is.
    #[oai(
        path = "/:date/release",
        method = "post",
        operation_id = "releaseCleanupEntries"
    )]
    async fn release(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The plan's business date.
        date: Path<BusinessDate>,
        body: Body<CleanupRelease>,
    ) -> Answer<Nothing, { codes(&[Code::ResourceNotFound, Code::NotPossible]) }> {
        operator.must(Permission::EditGroups)?;
        let (plan, _) = plan_of(&app, date.0).await?;
        cleanup::release(app.context(), operator.id, plan.id, body.0.group_id).await?;
        done()
    }
}
