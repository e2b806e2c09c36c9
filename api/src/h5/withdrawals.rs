//! Withdrawals of the user's own money.

use super::Area;
use crate::edge::Edge;
use crate::http::auth::H5User;
use crate::http::body::Body;
use crate::http::envelope::{Answer, answer, paged};
use crate::http::paging::Paging;
use crate::http::schema::Text;
use chrono::{DateTime, Utc};
use domain::withdrawal::service::{self, WithdrawalView};
use kernel::id::WithdrawalId;
use kernel::money::Money;
use poem::web::Data;
use poem_openapi::param::{Header, Path};
use poem_openapi::{Object, OpenApi};

pub struct WithdrawalsApi;

#[derive(Object)]
struct WithdrawalRequest {
    /// Yuan, one of the amounts that are offered, like "20.00".
    amount: Text<Money>,
}

/// A withdrawal and how far it is.
#[derive(Object)]
struct Withdrawal {
    id: Text<WithdrawalId>,
    amount: Text<Money>,
    /// 0 under review, 1 paying, 2 refused, 3 paid, 4 failed.
    state: i16,
    /// The state by its own name, such as `wait_user_confirm`.
    detail_state: String,
    /// Why it was refused or failed.
    reason: Option<String>,
    /// For `requestMerchantTransfer`, while the user must confirm.
    confirm: Option<Confirmation>,
    created_at: DateTime<Utc>,
}

/// Parameters of `requestMerchantTransfer`.
#[derive(Object)]
struct Confirmation {
    mch_id: String,
    app_id: String,
    package: String,
}

impl From<WithdrawalView> for Withdrawal {
    fn from(view: WithdrawalView) -> Self {
        Withdrawal {
            id: view.id.into(),
            amount: view.amount.into(),
            state: view.state,
            detail_state: view.detail_state,
            reason: view.reason,
            confirm: view.confirm.map(|confirm| Confirmation {
                mch_id: confirm.mch_id,
                app_id: confirm.app_id,
                package: confirm.package,
            }),
            created_at: view.created_at,
        }
    }
}

#[OpenApi(prefix_path = "/api/h5/withdrawals", tag = "Area::Withdrawals")]
impl WithdrawalsApi {
    /// Request a withdrawal
    ///
    /// The same key with the same body returns the first answer.
    #[oai(path = "/", method = "post")]
    async fn request(
        &self,
        edge: Data<&Edge>,
        user: H5User,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<WithdrawalRequest>,
    ) -> Answer<Withdrawal> {
        let view = service::request(edge.context(), user.id(), body.0.amount.0, key.0.as_deref()).await?;
        answer(view.into())
    }

    /// List my withdrawals, newest first
    #[oai(path = "/", method = "get")]
    async fn list(&self, edge: Data<&Edge>, user: H5User, page: Paging<100>) -> Answer<Vec<Withdrawal>> {
        paged(service::list_for_user(edge.context(), user.id(), page.0).await?)
    }

    /// One of my withdrawals
    #[oai(path = "/:id", method = "get")]
    async fn get(&self, edge: Data<&Edge>, user: H5User, id: Path<Text<WithdrawalId>>) -> Answer<Withdrawal> {
        answer(service::get(edge.context(), user.id(), id.0.0).await?.into())
    }
}
