//! Whom the user invited.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::H5User;
use crate::http::envelope::{Answer, answer};
use domain::referral::{self, DiscipleCounts};
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

pub struct DisciplesApi;

/// How many stand below the user.
#[derive(Object)]
struct Disciples {
    /// Invited by the user.
    disciples: i64,
    /// Invited by those.
    grand_disciples: i64,
}

impl From<DiscipleCounts> for Disciples {
    fn from(counts: DiscipleCounts) -> Self {
        Disciples {
            disciples: counts.disciples,
            grand_disciples: counts.grand_disciples,
        }
    }
}

#[OpenApi(prefix_path = "/api/h5/disciples", tag = "Area::Disciples")]
impl DisciplesApi {
    /// How many I invited
    ///
    /// Those the user invited, and those they invited.
    #[oai(path = "/", method = "get", operation_id = "countMyDisciples")]
    async fn counts(&self, app: Data<&AppState>, user: H5User) -> Answer<Disciples> {
        answer(referral::disciple_counts(app.db.read(), user.id()).await?.into())
    }
}
