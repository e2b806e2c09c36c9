//! One posting: what it belongs to.

use super::Area;
use super::ledger::Posting;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, answer};
use domain::identity::Permission;
use domain::ledger::{self, Origin, PostingSlip};
use kernel::code::Code;
use kernel::id::PostingId;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

pub struct PostingDetailApi;

/// A posting and what it belongs to.
#[derive(Object)]
struct PostingDetail {
    #[oai(flatten)]
    posting: Posting,
    /// What made it; of a settlement, `run_id` says so.
    origin: Origin,
    /// The slip that shows it to the user; null for holds and releases.
    slip: Option<PostingSlip>,
}

impl From<ledger::PostingDetail> for PostingDetail {
    fn from(detail: ledger::PostingDetail) -> Self {
        PostingDetail {
            posting: detail.posting.into(),
            origin: detail.origin,
            slip: detail.slip,
        }
    }
}

#[OpenApi(prefix_path = "/api/console/ledger/postings", tag = "Area::Ledger")]
impl PostingDetailApi {
    /// One posting
    ///
    /// Its lines, what made it, its slip, and the posting it takes back or is taken back by.
    #[oai(path = "/:id", method = "get", operation_id = "getPosting")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// Which one.
        id: Path<PostingId>,
    ) -> Answer<PostingDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(ledger::get_posting(app.context(), id.0).await?.into())
    }
}
