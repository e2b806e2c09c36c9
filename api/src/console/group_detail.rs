//! One group, with its stays, stars, income and clean-ups.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::{FromTo, Paging};
use domain::group::{self, StarChange};
use domain::identity::Permission;
use domain::settlement::{self, GroupDetail};
use kernel::code::Code;
use kernel::id::GroupId;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct GroupDetailApi;

#[OpenApi(prefix_path = "/api/console/groups", tag = "Area::Groups")]
impl GroupDetailApi {
    /// One group
    ///
    /// One stay of a robot in a chat group, with the stays beside it, its stars, the rule it is paid by, what each run made
    /// of it, and its clean-ups. Without dates: income of the last 30 days.
    #[oai(path = "/:id", method = "get", operation_id = "getGroup")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The group's id.
        id: Path<GroupId>,
        income: FromTo,
    ) -> Answer<GroupDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(settlement::get_group(app.context(), id.0, income.0).await?)
    }

    /// List the changes of a group's star, newest first
    ///
    /// Ratings that said nothing new are not among them.
    #[oai(path = "/:id/stars", method = "get", operation_id = "listGroupStars")]
    async fn stars(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The group's id.
        id: Path<GroupId>,
        page: Paging,
    ) -> PageOf<Vec<StarChange>, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        paged(group::list_stars(app.context(), id.0, page.0).await?)
    }
}
