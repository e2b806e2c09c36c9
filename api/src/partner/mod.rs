//! Routes partners call, under the names they know.
//!
//! Bodies are signed by the `X-Gpet-` headers; `/settlement` and `/bi/users` take the legacy MD5 too where the
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

// What reads their bodies, before anything is done.
pub use bi::NoClicks;
pub use revenues::DayOfAds;
pub use star::{PartnersForm, ratings};
pub use task::DeliveryTask;
pub use tracking::page_arguments;

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
    /// What became of payouts.
    #[oai(rename = "partner payouts")]
    Payouts,
}

/// All of them.
pub type Apis = (
    settlement::SettlementApi,
    star::StarApi,
    bi::BiApi,
    robots::RobotsApi,
    task::TaskApi,
    tracking::TrackingApi,
    wxpay::WxpayApi,
);

/// All of them.
pub fn apis() -> Apis {
    (
        settlement::SettlementApi,
        star::StarApi,
        bi::BiApi,
        robots::RobotsApi,
        task::TaskApi,
        tracking::TrackingApi::default(),
        wxpay::WxpayApi,
    )
}
