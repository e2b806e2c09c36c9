//! Withdrawals, as operators see and decide them.

use super::Area;
use crate::edge::Edge;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::envelope::{Answer, answer, paged};
use crate::http::paging::Paging;
use crate::http::schema::Text;
use chrono::{DateTime, Utc};
use domain::identity::role::Permission;
use domain::withdrawal::service::{self, ConsoleFilters, ConsoleWithdrawal, Reviewed};
use kernel::clock::BusinessDate;
use kernel::id::{UserId, WithdrawalId};
use kernel::money::Money;
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Enum, Object, OpenApi};

pub struct WithdrawalsApi;

/// A withdrawal, as operators see it.
#[derive(Object)]
struct WithdrawalRow {
    id: Text<WithdrawalId>,
    user_id: Text<UserId>,
    phone: Option<String>,
    nickname: String,
    amount: Text<Money>,
    /// 0 under review, 1 paying, 2 refused, 3 paid, 4 failed.
    state: i16,
    detail_state: String,
    reason: Option<String>,
    /// The merchant bill number.
    bill_no: String,
    /// The partner's word, or why nobody knows.
    partner_state: Option<String>,
    /// Why a person has to look.
    alert: Option<String>,
    approvals: i64,
    created_at: DateTime<Utc>,
}

impl From<ConsoleWithdrawal> for WithdrawalRow {
    fn from(row: ConsoleWithdrawal) -> Self {
        WithdrawalRow {
            id: row.id.into(),
            user_id: row.user_id.into(),
            phone: row.phone,
            nickname: row.nickname,
            amount: row.amount.into(),
            state: row.state,
            detail_state: row.detail_state,
            reason: row.reason,
            bill_no: row.bill_no,
            partner_state: row.partner_state,
            alert: row.alert,
            approvals: row.approvals,
            created_at: row.created_at,
        }
    }
}

/// What an operator decides.
#[derive(Enum, Clone, Copy)]
#[oai(rename_all = "snake_case")]
enum Decision {
    Approve,
    Reject,
}

#[derive(Object)]
struct Review {
    #[oai(validator(min_items = 1, max_items = 200))]
    ids: Vec<Text<WithdrawalId>>,
    decision: Decision,
    /// Needed to reject; shown to the user then.
    #[oai(default)]
    reason: String,
}

/// What became of one decision.
#[derive(Object)]
struct ReviewResult {
    id: Text<WithdrawalId>,
    /// 1200, or why nothing changed.
    code: u16,
    msg: String,
    state: Option<i16>,
    detail_state: Option<String>,
}

impl From<Reviewed> for ReviewResult {
    fn from(result: Reviewed) -> Self {
        let Reviewed {
            id,
            code,
            msg,
            state,
            detail_state,
        } = result;
        ReviewResult {
            id: id.into(),
            code,
            msg,
            state,
            detail_state,
        }
    }
}

#[OpenApi(prefix_path = "/api/console/withdrawals", tag = "Area::Withdrawals")]
impl WithdrawalsApi {
    /// List withdrawals, newest first
    #[oai(path = "/", method = "get")]
    #[allow(clippy::too_many_arguments)] // one a query parameter
    async fn list(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        phone: Query<Option<String>>,
        amount_from: Query<Option<Text<Money>>>,
        amount_to: Query<Option<Text<Money>>>,
        requested_from: Query<Option<Text<BusinessDate>>>,
        requested_to: Query<Option<Text<BusinessDate>>>,
        finished_from: Query<Option<Text<BusinessDate>>>,
        finished_to: Query<Option<Text<BusinessDate>>>,
        status: Query<Option<i16>>,
        alerted: Query<Option<bool>>,
        ascending: Query<Option<bool>>,
        page: Paging,
    ) -> Answer<Vec<WithdrawalRow>> {
        operator.must(Permission::Read)?;
        let filters = ConsoleFilters {
            phone: phone.0,
            amount_from: amount_from.0.map(|text| text.0),
            amount_to: amount_to.0.map(|text| text.0),
            requested_from: requested_from.0.map(|text| text.0),
            requested_to: requested_to.0.map(|text| text.0),
            finished_from: finished_from.0.map(|text| text.0),
            finished_to: finished_to.0.map(|text| text.0),
            status: status.0,
            alerted: alerted.0.unwrap_or(false),
            ascending: ascending.0.unwrap_or(false),
            ..ConsoleFilters::default()
        };
        paged(service::list_for_console(edge.context(), &filters, page.0).await?)
    }

    /// Approve or reject withdrawals
    ///
    /// Each on its own; above the configured amount two different operators must approve.
    #[oai(path = "/review", method = "post")]
    async fn review(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        body: Body<Review>,
    ) -> Answer<Vec<ReviewResult>> {
        operator.must(Permission::ReviewWithdrawals)?;
        let ids: Vec<WithdrawalId> = body.0.ids.iter().map(|id| id.0).collect();
        let decision = match body.0.decision {
            Decision::Approve => service::Decision::Approve,
            Decision::Reject => service::Decision::Reject,
        };
        let results = service::review(edge.context(), operator.id, &ids, decision, &body.0.reason).await?;
        answer(results.into_iter().map(ReviewResult::from).collect())
    }
}
