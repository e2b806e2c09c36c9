//! Routes partners call, under the names they know.
//!
//! Bodies are signed as contracts.md 3.7 has it; `/settlement` and `/bi/users` take the legacy MD5 too where the
//! configuration lets it pass. Visitors of our pages call some of these as well: adopting a robot, and page tracking.

mod bi;
mod revenues;
mod robots;
mod settlement;
mod signed;
mod star;
mod task;
mod tracking;
mod visits;
mod wxpay;

pub use star::PartnersForm;

use poem::{Route, post};
use poem_openapi::Tags;

/// What the routes are about.
#[derive(Tags)]
enum Area {
    /// Revenue, stars and exports.
    #[oai(rename = "partner data")]
    Data,
    /// Which robot to adopt.
    #[oai(rename = "partner robots")]
    Robots,
    /// Ads sent to groups.
    #[oai(rename = "partner delivery")]
    Delivery,
    /// Page tracking.
    #[oai(rename = "tracking")]
    Tracking,
}

/// All that answer in the envelope.
pub type Apis = (
    settlement::SettlementApi,
    bi::BiApi,
    robots::RobotsApi,
    task::TaskApi,
    tracking::TrackingApi,
);

/// All that answer in the envelope.
pub fn apis() -> Apis {
    (
        settlement::SettlementApi,
        bi::BiApi,
        robots::RobotsApi,
        task::TaskApi,
        tracking::TrackingApi::default(),
    )
}

/// Adds the route that answers in its partner's form; see [`PartnersForm`].
pub fn add_to(routes: Route) -> Route {
    routes
        .at(star::PATH, post(star::take))
        .at(wxpay::PATH, post(wxpay::notified))
}
