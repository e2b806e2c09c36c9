//! Every movement of the user's wallet.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::H5User;
use crate::http::codes::codes;
use crate::http::envelope::{PageOf, paged};
use crate::http::paging::{FromTo, Paging};

use domain::ledger::{self, Movement, MovementKind};
use kernel::code::Code;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

pub struct StatementApi;

#[OpenApi(prefix_path = "/api/h5/statement", tag = "Area::Profit")]
impl StatementApi {
    /// Every movement of my wallet, newest first
    ///
    /// With the balances after each. Dates are inclusive, in Shanghai; without them the last 30 days.
    #[oai(path = "/", method = "get", operation_id = "listMyMovements")]
    async fn list(
        &self,
        app: Data<&AppState>,
        user: H5User,
        moved: FromTo,
        /// Of this kind.
        kind: Query<Option<MovementKind>>,
        page: Paging,
    ) -> PageOf<Vec<Movement>, { codes(&[Code::ResourceNotFound]) }> {
        paged(ledger::list_movements(app.context(), user.id(), moved.0, kind.0, page.0).await?)
    }
}
