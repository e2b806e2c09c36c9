//! Withdrawals, as operators see and decide them.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::export::{self, Column, Export, ExportOrder, Table, amount, export, instant, plain};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use domain::identity::Permission;
use domain::withdrawal::{
    self, ConsoleDetail, ConsoleWithdrawal, Decision, Reviewed, ShownState, State, WithdrawalColumn,
    WithdrawalFilter,
};
use kernel::Error;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::dates::DateFilter;
use kernel::id::{UserId, WithdrawalId};
use kernel::money::Money;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

pub struct WithdrawalsApi;

#[derive(Object)]
struct Review {
    #[oai(validator(min_items = 1, max_items = 200))]
    ids: Vec<WithdrawalId>,
    decision: Decision,
    /// Needed to reject; shown to the user then.
    #[oai(default, validator(max_length = 500))]
    reason: String,
    /// Only tell what would become of each, with its amount; nothing changes.
    #[oai(default)]
    dry_run: bool,
}

filters! {
    /// Which withdrawals.
    struct WithdrawalQuery {
        /// Of this user.
        user: UserId,
        /// With this merchant bill number.
        bill_no: String,
        /// In exactly this state.
        detail_state: State,
        /// Approved by exactly so many operators.
        approvals: i64 [0, 100],
        /// Of the user with this number, whole.
        phone: String,
        /// From this amount.
        amount_from: Money,
        /// Up to this amount.
        amount_to: Money,
        /// Ended on this date or later.
        finished_from: BusinessDate,
        /// Ended on this date or before.
        finished_to: BusinessDate,
        /// Shown in this state.
        status: ShownState,
        /// Only those that a person has to look at.
        alerted: bool,
    }
}

impl WithdrawalQuery {
    fn filters(self, requested: FromTo, sort: Sorting<WithdrawalColumn>) -> kernel::Result<WithdrawalFilter> {
        let finished = DateFilter {
            from: self.finished_from,
            to: self.finished_to,
        };
        if finished.from.zip(finished.to).is_some_and(|(from, to)| from > to) {
            return Err(Error::params("finished_from", "must not be after `finished_to`"));
        }
        Ok(WithdrawalFilter {
            user: self.user,
            bill_no: self.bill_no,
            detail_state: self.detail_state,
            approvals: self.approvals,
            phone: self.phone,
            amount_from: self.amount_from,
            amount_to: self.amount_to,
            requested: requested.0,
            finished,
            status: self.status,
            alerted: self.alerted.unwrap_or(false),
            sort: sort.0,
        })
    }
}

impl Table for ConsoleWithdrawal {
    const NAME: &'static str = "withdrawals";
    const COLUMNS: &'static [Column] = &[
        plain("id", "编号"),
        plain("bill_no", "商户单号"),
        plain("user_id", "用户编号"),
        plain("nickname", "昵称"),
        plain("phone", "手机号"),
        plain("user_status", "用户状态"),
        amount("amount", "金额"),
        plain("state", "状态"),
        plain("detail_state", "详细状态"),
        plain("reason", "原因"),
        plain("partner_state", "微信支付状态"),
        plain("alert", "需要处理"),
        plain("attempts", "付款次数"),
        plain("approvals", "通过人数"),
        instant("created_at", "申请时间"),
        instant("approved_at", "通过时间"),
        instant("submitted_at", "提交时间"),
        instant("finished_at", "结束时间"),
    ];
}

#[OpenApi(prefix_path = "/api/console/withdrawals", tag = "Area::Withdrawals")]
impl WithdrawalsApi {
    /// List withdrawals
    ///
    /// The dates are those they were requested on; with `finished_from` and `finished_to` also those they ended on.
    #[oai(path = "/", method = "get", operation_id = "listWithdrawals")]
    async fn list(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: WithdrawalQuery,
        requested: FromTo,
        sort: Sorting<WithdrawalColumn>,
        page: Paging,
    ) -> PageOf<Vec<ConsoleWithdrawal>> {
        operator.must(Permission::Read)?;
        let filters = query.filters(requested, sort)?;
        paged(withdrawal::list_for_console(app.context(), filters, page.0).await?)
    }

    /// Take the list of withdrawals away as a file
    ///
    /// The rows the same filters find, in the same order; at most 50,000.
    #[oai(path = "/export", method = "get", operation_id = "exportWithdrawals")]
    async fn export(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: WithdrawalQuery,
        requested: FromTo,
        sort: Sorting<WithdrawalColumn>,
        order: ExportOrder,
    ) -> Export {
        operator.must(Permission::Read)?;
        let filters = query.filters(requested, sort)?;
        let rows = withdrawal::list_for_console(app.context(), filters, export::WHOLE);
        export::<_, ConsoleWithdrawal, _>(&app, &operator, order, rows).await
    }

    /// One withdrawal
    ///
    /// With its times, the decisions, whether the caller may decide now, and how its money moved.
    #[oai(path = "/:id", method = "get", operation_id = "getWithdrawal")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The withdrawal's id.
        id: Path<WithdrawalId>,
    ) -> Answer<ConsoleDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(withdrawal::get_for_console(app.context(), &operator, id.0).await?)
    }

    /// Approve or reject withdrawals
    ///
    /// Each on its own; above the configured amount two different operators must approve.
    #[oai(path = "/review", method = "post", operation_id = "reviewWithdrawals")]
    async fn review(
        &self,
        app: Data<&AppState>,
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
            return answer(withdrawal::preview(app.context(), operator.id, &ids, decision).await?);
        }
        answer(withdrawal::review(app.context(), operator.id, &ids, decision, &reason).await?)
    }
}
