//! Routes about what partners will do next.

use poem::handler;
use poem::http::StatusCode;
use poem::web::Json;

use crate::control::routes::Office;
use crate::script::Rule;

#[handler]
pub(super) fn list_rules(office: Office<'_>) -> Json<Vec<Rule>> {
    Json(office.script.list())
}

#[handler]
pub(super) fn add_rules(office: Office<'_>, Json(rules): Json<Vec<Rule>>) -> Json<Vec<Rule>> {
    office.script.add(rules);
    Json(office.script.list())
}

#[handler]
pub(super) fn clear_rules(office: Office<'_>) -> StatusCode {
    office.script.clear();
    StatusCode::NO_CONTENT
}
