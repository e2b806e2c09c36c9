//! The routes below `/control`, in one list.

use std::sync::Arc;

use poem::error::BadGateway;
use poem::http::StatusCode;
use poem::web::{Data, Json};
use poem::{EndpointExt, IntoEndpoint, Result, Route, get, handler, post};

use crate::control::books::{gateway_books, launch_books, list_received, set_groups, set_robots, sms_box};
use crate::control::callback::call_back;
use crate::control::events::{inject, inject_raw, list_events, release};
use crate::control::model::{Callback, CallbackAnswer, Health};
use crate::control::payouts::{confirm_bill, list_payouts, set_bill};
use crate::control::script::{add_rules, clear_rules, list_rules};
use crate::partners::Partners;

/// What the handlers get hold of.
pub(super) type Office<'a> = Data<&'a Arc<Partners>>;

/// Everything below `/control`.
pub fn routes(partners: &Arc<Partners>) -> impl IntoEndpoint + use<> {
    Route::new()
        .at("/health", get(health))
        .at("/received", get(list_received))
        .at("/script", get(list_rules).post(add_rules).delete(clear_rules))
        .at("/events", get(list_events).post(inject))
        .at("/events/raw", post(inject_raw))
        .at("/events/release", post(release))
        .at("/gateway", get(gateway_books))
        .at("/gateway/groups", post(set_groups))
        .at("/gateway/robots", post(set_robots))
        .at("/sms", get(sms_box))
        .at("/launch", get(launch_books))
        .at("/payouts", get(list_payouts))
        .at("/wxpay/confirm", post(confirm_bill))
        .at("/wxpay/state", post(set_bill))
        .at("/callback", post(callback))
        .at("/reset", post(reset))
        .data(partners.clone())
}

#[handler]
fn health(office: Office<'_>) -> Json<Health> {
    Json(Health {
        status: "ok".into(),
        broker: office.gateway.connected(),
    })
}

#[handler]
async fn callback(office: Office<'_>, Json(wish): Json<Callback>) -> Result<Json<CallbackAnswer>> {
    let answer = call_back(&office, wish).await;
    answer
        .map(Json)
        .map_err(|error| BadGateway(std::io::Error::other(format!("{error:#}"))))
}

#[handler]
fn reset(office: Office<'_>) -> StatusCode {
    office.reset();
    StatusCode::NO_CONTENT
}
