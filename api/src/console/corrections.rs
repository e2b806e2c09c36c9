//! Corrections that operators book where no posting can be taken back.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::decimal::Change;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use crate::http::reason::Reason;
use domain::identity::Permission;
use domain::ledger::{
    self, Correction, CorrectionColumn, CorrectionDecision, CorrectionFilter, CorrectionState, HouseAccount,
    NewCorrection,
};
use kernel::code::Code;
use kernel::id::{CorrectionId, UserId};
use poem::web::Data;
use poem_openapi::param::{Header, Path};
use poem_openapi::{Object, OpenApi};

pub struct CorrectionsApi;

filters! {
    /// Which corrections.
    struct CorrectionQuery {
        /// What became of it.
        state: CorrectionState,
        /// Of this user's wallet.
        user_id: UserId,
    }
}

#[derive(Object)]
struct CorrectionOrder {
    /// Whose wallet.
    user_id: UserId,
    /// The house's account on the other side.
    account: HouseAccount,
    /// Yuan the wallet gains, a decimal string; below zero, what it loses.
    amount: Change,
    /// Why; the user sees it too.
    reason: Reason,
}

#[derive(Object)]
struct CorrectionReview {
    decision: CorrectionDecision,
}

#[OpenApi(prefix_path = "/api/console/ledger/corrections", tag = "Area::Ledger")]
impl CorrectionsApi {
    /// Book a correction
    ///
    /// Above the amount that withdrawals need two operators for, it waits until another one agrees. The same key with
    /// the same body returns the first answer.
    #[oai(path = "/", method = "post", operation_id = "proposeCorrection")]
    async fn propose(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The client's own key of this request; with it the request can be sent again.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 255))]
        key: Header<String>,
        body: Body<CorrectionOrder>,
    ) -> Answer<Correction, { codes(&[Code::InsufficientAmount, Code::ResourceNotFound]) }> {
        operator.must(Permission::Book)?;
        let new = NewCorrection {
            user: body.0.user_id,
            account: body.0.account,
            amount: body.0.amount.0,
            reason: body.0.reason.into(),
        };
        answer(ledger::propose_correction(app.context(), operator.id, new, Some(&key.0)).await?)
    }

    /// Agree to a correction, or drop it
    ///
    /// Who proposed it cannot agree.
    #[oai(path = "/:id/review", method = "post", operation_id = "reviewCorrection")]
    async fn review(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The correction's id.
        id: Path<CorrectionId>,
        body: Body<CorrectionReview>,
    ) -> Answer<
        Correction,
        {
            codes(&[
                Code::ResourceNotFound,
                Code::DuplicateRequest,
                Code::InsufficientAmount,
            ])
        },
    > {
        operator.must(Permission::Book)?;
        answer(ledger::decide_correction(app.context(), operator.id, id.0, body.0.decision).await?)
    }

    /// One correction
    ///
    /// Who proposed and who decided it, and what was posted.
    #[oai(path = "/:id", method = "get", operation_id = "getCorrection")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The correction's id.
        id: Path<CorrectionId>,
    ) -> Answer<Correction, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(ledger::correction(app.context(), id.0).await?)
    }

    /// List corrections
    ///
    /// Proposed, booked and dropped ones. The dates are those they were proposed on.
    #[oai(path = "/", method = "get", operation_id = "listCorrections")]
    async fn list(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: CorrectionQuery,
        created: FromTo,
        sort: Sorting<CorrectionColumn>,
        page: Paging,
    ) -> PageOf<Vec<Correction>> {
        operator.must(Permission::Read)?;
        let filter = CorrectionFilter {
            state: query.state,
            user: query.user_id,
            created: created.0,
            sort: sort.0,
        };
        paged(ledger::corrections(app.context(), filter, page.0).await?)
    }
}
