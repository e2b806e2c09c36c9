//! What the app must know before anybody logs in.

use super::Area;
use crate::app_state::AppState;
use crate::http::envelope::{Answer, answer};
use kernel::money::Money;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

pub struct ConfigApi;

/// What the app must know before anybody logs in.
#[derive(Object)]
#[oai(rename = "AppConfig")]
struct AppConfig {
    /// The amounts that are offered for withdrawal, yuan.
    withdrawal_amounts: Vec<Money>,
    /// What somebody may withdraw in a month without an ID card on file, yuan.
    month_limit: Money,
    /// What a withdrawal costs, yuan.
    withdrawal_fee: Money,
    /// What befriending a robot costs, yuan; taken from what is earned.
    adoption_fee: Money,
    /// Seconds before another SMS code may be asked for.
    sms_interval_seconds: u64,
    /// SMS codes a phone gets in a day.
    sms_per_day: u32,
    /// Seconds an SMS code is good for.
    sms_lifetime_seconds: u64,
    /// Our app at WeChat, for its login page.
    wechat_app_id: String,
}

#[OpenApi(prefix_path = "/api/h5/config", tag = "Area::Auth")]
impl ConfigApi {
    /// What the app must know before anybody logs in
    ///
    /// Open to all. Changes only with a new version of the server.
    #[oai(path = "/", method = "get", operation_id = "getAppConfig")]
    async fn config(&self, app: Data<&AppState>) -> Answer<AppConfig> {
        let (withdrawal, identity) = (&app.config.withdrawal, &app.config.identity);
        answer(AppConfig {
            withdrawal_amounts: withdrawal.amounts.clone(),
            month_limit: withdrawal.monthly_limit,
            // Nothing is taken: a payout is of the amount that was asked for.
            withdrawal_fee: Money::ZERO,
            adoption_fee: app.config.groups.adoption_fee,
            sms_interval_seconds: identity.code_interval_seconds,
            sms_per_day: identity.code_per_day,
            sms_lifetime_seconds: identity.code_lifetime_seconds,
            wechat_app_id: app.config.wechat.app_id.clone(),
        })
    }
}
