//! Routes that read the partners' books, and those that set the gateway's.

use poem::handler;
use poem::http::StatusCode;
use poem::web::{Json, Query};
use serde::Deserialize;

use crate::control::model::{GatewayBooks, SmsBox};
use crate::control::routes::Office;
use crate::gateway::{Group, Robot};
use crate::launch::LaunchBooks;
use crate::received::Received;
use crate::script::Partner;

#[derive(Deserialize)]
struct ReceivedFilter {
    partner: Option<Partner>,
    endpoint: Option<String>,
    #[serde(default)]
    since: u64,
}

#[handler]
pub(super) fn list_received(office: Office<'_>, Query(filter): Query<ReceivedFilter>) -> Json<Vec<Received>> {
    Json(
        office
            .received
            .list(filter.partner, filter.endpoint.as_deref(), filter.since),
    )
}

#[handler]
pub(super) fn gateway_books(office: Office<'_>) -> Json<GatewayBooks> {
    let books = office.gateway.books();
    Json(GatewayBooks {
        robots: books.robots.clone(),
        groups: books.groups.clone(),
        sent: books.sent.clone(),
    })
}

#[handler]
pub(super) fn set_groups(office: Office<'_>, Json(groups): Json<Vec<Group>>) -> StatusCode {
    let mut books = office.gateway.books();
    for group in groups {
        if !group.robot_id.is_empty() {
            books.robot(&group.robot_id);
        }
        books.groups.insert(group.group_id.clone(), group);
    }
    StatusCode::NO_CONTENT
}

#[handler]
pub(super) fn set_robots(office: Office<'_>, Json(robots): Json<Vec<Robot>>) -> StatusCode {
    let mut books = office.gateway.books();
    books
        .robots
        .extend(robots.into_iter().map(|robot| (robot.robot_id.clone(), robot)));
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Phone {
    phone: String,
}

#[handler]
pub(super) fn sms_box(office: Office<'_>, Query(Phone { phone }): Query<Phone>) -> Json<SmsBox> {
    let books = office.sms.books();
    let messages: Vec<_> = books
        .sent
        .iter()
        .filter(|message| message.phone == phone)
        .cloned()
        .collect();
    Json(SmsBox {
        code: messages.iter().rev().find_map(|message| message.code()),
        messages,
    })
}

#[handler]
pub(super) fn launch_books(office: Office<'_>) -> Json<LaunchBooks> {
    Json(office.launch.books().clone())
}
