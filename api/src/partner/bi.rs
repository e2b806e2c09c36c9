//! What BI asks for and tells: relations of users, groups without ad clicks.

use super::Area;
use super::signed::{Signed, SignedOrLegacy};
use crate::edge::Edge;
use crate::http::chat_code::code;
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
    group_codes: Vec<String>,
}

impl NoClicks {
    /// The codes.
    ///
    /// # Errors
    /// 1403 naming `group_codes` when one is none.
    pub fn read(&self) -> kernel::Result<Vec<GroupCode>> {
        let codes = self.group_codes.iter();
        codes.map(|group| code("group_codes", group)).collect()
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
    #[oai(path = "/bi/users", method = "post", operation_id = "exportUsers")]
    async fn users(
        &self,
        edge: Data<&Edge>,
        body: SignedOrLegacy<UsersRequest>,
        page: Paging<LARGEST>,
    ) -> PageOf<Vec<Importer>> {
        let until = parse_partner_time(&body.0.datetime)
            .ok_or_else(|| Error::params("datetime", "`datetime` must be like 2019-03-02 00:00:00"))?;
        paged(group::importers(edge.db.autocommit(), until, page.0).await?)
    }

    /// Name the groups without ad clicks
    ///
    /// The day's last list counts, whole.
    #[oai(
        path = "/groups/no_click",
        method = "post",
        operation_id = "nameGroupsWithoutClicks"
    )]
    async fn no_click(&self, edge: Data<&Edge>, body: Signed<NoClicks>) -> Answer<Nothing> {
        group::no_click(edge.context(), body.0.read()?).await?;
        done()
    }
}
