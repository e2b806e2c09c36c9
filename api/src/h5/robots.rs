//! The robots the user knows.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::H5User;
use crate::http::envelope::{PageOf, paged};
use crate::http::paging::Paging;
use domain::robot::{self, KnownRobot};
use poem::web::Data;
use poem_openapi::OpenApi;

pub struct RobotsApi;

#[OpenApi(prefix_path = "/api/h5/robots", tag = "Area::Robots")]
impl RobotsApi {
    /// My robots, newest first
    ///
    /// Friends, and robots that were only given to the user.
    #[oai(path = "/", method = "get", operation_id = "listMyRobots")]
    async fn list(&self, app: Data<&AppState>, user: H5User, page: Paging) -> PageOf<Vec<KnownRobot>> {
        paged(robot::of_user(app.context(), user.id(), page.0).await?)
    }
}
