//! Everything at a glance: the dashboard, what waits for the caller, a search.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::envelope::{Answer, answer};
use crate::http::paging::FromTo;
use domain::identity::Permission;
use domain::overview::{self, Dashboard, Hit, Inbox};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

pub struct OverviewApi;

#[OpenApi(prefix_path = "/api/console", tag = "Area::Overview")]
impl OverviewApi {
    /// How goes the day
    ///
    /// Figures by date over a range, and how things stand now. 1403 names `from` where the range is longer than 92 dates or
    /// begins before the books that are at hand, 24 months before this one.
    #[oai(path = "/dashboard", method = "get", operation_id = "getDashboard")]
    async fn dashboard(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        dates: FromTo,
    ) -> Answer<Dashboard> {
        operator.must(Permission::Read)?;
        answer(overview::dashboard(app.context(), dates.0).await?)
    }

    /// What waits for a decision
    ///
    /// Counts only, cheap enough to ask twice a minute; the lists have the rest.
    #[oai(path = "/inbox", method = "get", operation_id = "getInbox")]
    async fn inbox(&self, app: Data<&AppState>, operator: ConsoleOperator) -> Answer<Inbox> {
        operator.must(Permission::Read)?;
        answer(overview::inbox(app.context(), &operator).await?)
    }

    /// Look for something by what is in hand
    ///
    /// Users by phone, code, union_id or open_id, all whole, or by the beginning of their nickname; groups and robots by code
    /// or the beginning of their name; withdrawals by bill number, postings by key, runs and batches by settle date; all but
    /// postings by id. At most five of a kind, what is named exactly first.
    #[oai(path = "/search", method = "get", operation_id = "search")]
    async fn search(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// 1 to 64 characters, blanks at the ends aside.
        #[oai(validator(min_length = 1))]
        q: Query<String>,
    ) -> Answer<Vec<Hit>> {
        operator.must(Permission::Read)?;
        answer(overview::search(app.context(), &q.0).await?)
    }
}
