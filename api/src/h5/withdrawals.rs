//! Withdrawals of the user's own money.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::H5User;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::Paging;
use domain::withdrawal::{self, Options, ShownState, WithdrawalView};
use kernel::code::Code;
use kernel::id::WithdrawalId;
use kernel::money::Money;
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};

pub struct WithdrawalsApi;

/// What a request is refused with.
const REFUSED: u64 = codes(&[
    Code::InsufficientAmount,
    Code::PhoneMissing,
    Code::WithdrawalRefused,
    Code::IdCardMissing,
    Code::WithdrawnToday,
    Code::ResourceNotFound,
]);

#[derive(Object)]
struct WithdrawalRequest {
    /// Yuan, one of the amounts that are offered, like "20.00".
    amount: Money,
}

#[OpenApi(prefix_path = "/api/h5/withdrawals", tag = "Area::Withdrawals")]
impl WithdrawalsApi {
    /// Request a withdrawal
    ///
    /// The same key with the same body returns the first answer.
    #[oai(path = "/", method = "post", operation_id = "requestWithdrawal")]
    async fn request(
        &self,
        app: Data<&AppState>,
        user: H5User,
        /// The client's own key of this request; with it the request can be sent again.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 255))]
        key: Header<String>,
        body: Body<WithdrawalRequest>,
    ) -> Answer<WithdrawalView, REFUSED> {
        answer(withdrawal::request(app.context(), user.id(), body.0.amount, Some(&key.0)).await?)
    }

    /// List my withdrawals, newest first
    ///
    /// With the parameters for WeChat's confirmation page while the user has to tap.
    #[oai(path = "/", method = "get", operation_id = "listMyWithdrawals")]
    async fn list(
        &self,
        app: Data<&AppState>,
        user: H5User,
        /// Shown in this state.
        state: Query<Option<ShownState>>,
        page: Paging<100>,
    ) -> PageOf<Vec<WithdrawalView>> {
        paged(withdrawal::list_for_user(app.context(), user.id(), state.0, page.0).await?)
    }

    /// What could be asked for now
    ///
    /// Every amount, and the refusal that a request of it would get.
    #[oai(path = "/options", method = "get", operation_id = "getWithdrawalOptions")]
    async fn options(
        &self,
        app: Data<&AppState>,
        user: H5User,
    ) -> Answer<Options, { codes(&[Code::ResourceNotFound]) }> {
        answer(withdrawal::options(app.context(), user.id()).await?)
    }

    /// One of my withdrawals
    ///
    /// How far it is, and why it was refused or failed.
    #[oai(path = "/:id", method = "get", operation_id = "getMyWithdrawal")]
    async fn get(
        &self,
        app: Data<&AppState>,
        user: H5User,
        /// The withdrawal's id.
        id: Path<WithdrawalId>,
    ) -> Answer<WithdrawalView, { codes(&[Code::ResourceNotFound]) }> {
        answer(withdrawal::get(app.context(), user.id(), id.0).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::codes::members;
    use domain::withdrawal::RefusalCode;

    #[test]
    fn a_request_is_described_with_every_refusal() {
        for refusal in RefusalCode::ALL {
            let code = refusal.code();
            assert!(members(REFUSED).any(|described| described == code), "{code:?}");
        }
    }
}
