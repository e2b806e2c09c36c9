//! What BI asks for and tells: relations of users, groups without ad clicks.

use super::Area;
use super::signed::{Signed, SignedOrLegacy};
use crate::app_state::AppState;
use crate::http::envelope::{Answer, Nothing, PageOf, done, paged};
use crate::http::paging::Paging;
use domain::group;
use kernel::Error;
use kernel::clock::parse_partner_time;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use transport::GroupCode;

/// Users a page may have.
const LARGEST: u32 = 1000;

pub struct BiApi;

#[derive(Object)]
struct UsersRequest {
    /// Who and what came to be until then; China's time unless it names a zone.
    #[oai(validator(
        pattern = r"^ *((197[1-9]|19[89][0-9]|[2-8][0-9]{3})-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|(19(7[26]|8[048]|9[26])|[2-8][0-9](0[48]|[2468][048]|[13579][26])|(2[048]|3[26]|4[048]|5[26]|6[048]|7[26]|8[048])00)-02-29)[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])? *$"
    ))]
    datetime: String,
}

/// A user with groups.
#[derive(Object)]
struct Importer {
    /// The user's code.
    user_id: String,
    /// Codes of their groups.
    groups: Vec<String>,
    /// Who stands above them; null when nobody does.
    maps: Option<Masters>,
}

/// Codes of a master and of the master's master.
#[derive(Object)]
struct Masters {
    /// Null when no robot has met the master yet.
    father_id: Option<String>,
    grand_father_id: Option<String>,
}

/// Groups without clicks.
#[derive(Object)]
pub struct NoClicks {
    /// Codes of the groups.
    group_codes: Vec<GroupCode>,
}

impl NoClicks {
    /// The codes.
    pub fn read(self) -> Vec<GroupCode> {
        self.group_codes
    }
}

impl From<group::Importer> for Importer {
    fn from(user: group::Importer) -> Self {
        Importer {
            maps: user.has_master.then_some(Masters {
                father_id: user.master_code,
                grand_father_id: user.grand_master_code,
            }),
            user_id: user.code,
            groups: user.group_codes,
        }
    }
}

#[OpenApi(tag = "Area::Data")]
impl BiApi {
    /// Export users with groups, and who stands above them
    ///
    /// In a stable order; codes, not ids.
    #[oai(path = "/bi/users", method = "post", operation_id = "exportUsersWithGroups")]
    async fn users(
        &self,
        app: Data<&AppState>,
        body: SignedOrLegacy<UsersRequest>,
        page: Paging<LARGEST>,
    ) -> PageOf<Vec<Importer>> {
        let until = parse_partner_time(&body.0.datetime)
            .ok_or_else(|| Error::params("datetime", "`datetime` must be like 2019-03-02 00:00:00"))?;
        paged(group::importers(app.context(), until, page.0).await?)
    }

    /// Name the groups without ad clicks
    ///
    /// The day's last list counts, whole.
    #[oai(
        path = "/groups/no_click",
        method = "post",
        operation_id = "nameGroupsWithoutClicks"
    )]
    async fn no_click(&self, app: Data<&AppState>, body: Signed<NoClicks>) -> Answer<Nothing> {
        group::no_click(app.context(), body.0.read()).await?;
        done()
    }
}
