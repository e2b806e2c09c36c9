//! Withdrawals, as operators see and decide them.

use super::Area;
use crate::edge::Edge;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::Paging;
use domain::identity::Permission;
use domain::withdrawal::{
    self, ConsoleDetail, ConsoleFilters, ConsoleWithdrawal, Decision, Reviewed, ShownState, State,
};
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::id::{UserId, WithdrawalId};
use kernel::money::Money;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

pub struct WithdrawalsApi;

#[derive(Object)]
struct Review {
    #[oai(validator(min_items = 1, max_items = 200))]
    ids: Vec<WithdrawalId>,
    decision: Decision,
    /// Needed to reject; shown to the user then.
    #[oai(default)]
    reason: String,
    /// Only tell what would become of each, with its amount; nothing changes.
    #[oai(default)]
    dry_run: bool,
}

#[OpenApi(prefix_path = "/api/console/withdrawals", tag = "Area::Withdrawals")]
impl WithdrawalsApi {
    /// List withdrawals, newest first
    ///
    /// Dates are inclusive, in Shanghai.
    #[oai(path = "/", method = "get", operation_id = "listWithdrawals")]
    #[allow(clippy::too_many_arguments)] // one a query parameter
    async fn list(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Of this user.
        user: Query<Option<UserId>>,
        /// With this merchant bill number.
        bill_no: Query<Option<String>>,
        /// In exactly this state.
        detail_state: Query<Option<State>>,
        /// Approved by exactly so many operators.
        #[oai(validator(minimum(value = "0"), maximum(value = "100")))]
        approvals: Query<Option<i64>>,
        /// Of the user with this number, whole.
        phone: Query<Option<String>>,
        /// From this amount.
        amount_from: Query<Option<Money>>,
        /// Up to this amount.
        amount_to: Query<Option<Money>>,
        /// Requested on this date or later.
        requested_from: Query<Option<BusinessDate>>,
        /// Requested on this date or before.
        requested_to: Query<Option<BusinessDate>>,
        /// Ended on this date or later.
        finished_from: Query<Option<BusinessDate>>,
        /// Ended on this date or before.
        finished_to: Query<Option<BusinessDate>>,
        /// Shown in this state.
        status: Query<Option<ShownState>>,
        /// Only those that a person has to look at.
        alerted: Query<Option<bool>>,
        /// Oldest first.
        ascending: Query<Option<bool>>,
        page: Paging,
    ) -> PageOf<Vec<ConsoleWithdrawal>> {
        operator.must(Permission::Read)?;
        let filters = ConsoleFilters {
            user: user.0,
            bill_no: bill_no.0,
            detail_state: detail_state.0,
            approvals: approvals.0,
            phone: phone.0,
            amount_from: amount_from.0,
            amount_to: amount_to.0,
            requested_from: requested_from.0,
            requested_to: requested_to.0,
            finished_from: finished_from.0,
            finished_to: finished_to.0,
            status: status.0,
            alerted: alerted.0.unwrap_or(false),
            ascending: ascending.0.unwrap_or(false),
            ..ConsoleFilters::default()
        };
        paged(withdrawal::list_for_console(edge.context(), &filters, page.0).await?)
    }

    /// One withdrawal
    ///
    /// With its times, the decisions, whether the caller may decide now, and how its money moved.
    #[oai(path = "/:id", method = "get", operation_id = "getWithdrawal")]
    async fn get(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Which one.
        id: Path<WithdrawalId>,
    ) -> Answer<ConsoleDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(withdrawal::get_for_console(edge.context(), &operator, id.0).await?)
    }

    /// Approve or reject withdrawals
    ///
    /// Each on its own; above the configured amount two different operators must approve.
    #[oai(path = "/review", method = "post", operation_id = "reviewWithdrawals")]
    async fn review(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        body: Body<Review>,
    ) -> Answer<Vec<Reviewed>> {
        operator.must(Permission::ReviewWithdrawals)?;
        let Review {
            ids,
            decision,
            reason,
            dry_run,
        } = body.0;
        if dry_run {
            return answer(withdrawal::preview(edge.context(), operator.id, &ids, decision).await?);
        }
        answer(withdrawal::review(edge.context(), operator.id, &ids, decision, &reason).await?)
    }
}
