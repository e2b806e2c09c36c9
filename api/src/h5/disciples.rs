//! Whom the user invited.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::H5User;
use crate::http::envelope::{Answer, answer};
use domain::referral::{self, DiscipleCounts};
use poem::web::Data;
use poem_openapi::OpenApi;

pub struct DisciplesApi;

#[OpenApi(prefix_path = "/api/h5/disciples", tag = "Area::Disciples")]
impl DisciplesApi {
    /// How many I invited
    ///
    /// Those the user invited, and those they invited.
    #[oai(path = "/", method = "get", operation_id = "countMyDisciples")]
    async fn counts(&self, app: Data<&AppState>, user: H5User) -> Answer<DiscipleCounts> {
        answer(referral::disciple_counts(app.context(), user.id()).await?)
    }
}
