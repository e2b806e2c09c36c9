//! Every kind of failure becomes an envelope here, and is logged here, once.

use super::codes::members;
use super::envelope::Problem;
use super::limit::BodyTooLarge;
use kernel::Error;
use kernel::code::Code;
use poem::error::{MethodNotAllowedError, NotFoundError, ReadBodyError, ResponseError};
use poem::http::{StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::error::{AuthorizationError, ContentTypeError, ParseParamError, ParseRequestPayloadError};
use poem_openapi::registry::{
    MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use std::fmt;
use std::io;

/// The content type of every answer.
pub const JSON: &str = "application/json; charset=utf-8";

/// An [`Error`] of the business on its way out.
#[derive(Debug)]
pub struct Failure(pub Error);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl ResponseError for Failure {
    fn status(&self) -> StatusCode {
        status(&self.0)
    }

    fn as_response(&self) -> Response {
        envelope(&self.0)
    }
}

/// What a handler refuses with: an [`Error`] with one of these codes (see [`codes`](super::codes::codes)), or with one
/// that any operation of its kind may answer with.
#[derive(Debug)]
pub struct Refusal<const CODES: u64>(Error);

impl<const CODES: u64> From<Error> for Refusal<CODES> {
    fn from(error: Error) -> Self {
        Refusal(error)
    }
}

impl<const CODES: u64> From<Refusal<CODES>> for poem::Error {
    fn from(refusal: Refusal<CODES>) -> Self {
        Failure(refusal.0).into()
    }
}

/// Tells the codes; the description makes answers by HTTP status of them.
impl<const CODES: u64> ApiResponse for Refusal<CODES> {
    fn meta() -> MetaResponses {
        let schema = MetaSchema {
            all_of: vec![Problem::schema_ref()],
            enum_items: members(CODES).map(|code| code.number().into()).collect(),
            ..MetaSchema::new("integer")
        };
        MetaResponses {
            responses: vec![MetaResponse {
                description: "What went wrong",
                status: None,
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: JSON,
                    schema: MetaSchemaRef::Inline(Box::new(schema)),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}

fn status(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The envelope of an error. Carries no cause.
fn envelope(error: &Error) -> Response {
    let data = match (&error.data, &error.field) {
        (Some(data), _) => (**data).clone(),
        (None, Some(field)) => serde_json::json!({ "field": field }),
        (None, None) => serde_json::Value::Null,
    };
    let body = serde_json::json!({ "code": error.code.number(), "data": data, "msg": error.message });
    let mut response = poem::web::Json(body).into_response();
    response.set_status(status(error));
    if let Some(seconds) = error.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, u64::from(seconds).into());
    }
    response
}

/// Logs an error and makes its envelope. Inputs are not logged: a message may quote them.
pub fn refuse(error: &Error) -> Response {
    let (code, status) = (error.code.number(), error.http_status());
    if status >= 500 {
        tracing::error!(code, status, cause = error.chain(), "request failed");
    } else if status >= 400 {
        tracing::info!(code, status, field = error.field.as_deref(), "request refused");
    }
    envelope(error)
}

/// What poem reports, in the business's terms.
pub fn translate(error: poem::Error) -> Error {
    let error = match error.downcast::<Failure>() {
        Ok(Failure(error)) => return error,
        Err(error) => error,
    };
    if error.is::<NotFoundError>() {
        return Error::not_found("route");
    }
    if error.is::<MethodNotAllowedError>() {
        return narrowed(405, "this method is not allowed here");
    }
    if error.is::<AuthorizationError>() {
        return Error::new(Code::Unauthenticated, "a bearer token is required");
    }
    if let Some(ParseParamError { name, .. }) = error.downcast_ref() {
        return Error::params(*name, format!("`{name}` is missing or malformed"));
    }
    if error.is::<ContentTypeError>() {
        return narrowed(415, "the content type must be application/json");
    }
    if error.is::<ParseRequestPayloadError>() {
        return Error::new(Code::ParamsError, "the body is not what this route takes");
    }
    if let Some(ReadBodyError::Io(cause)) = error.downcast_ref() {
        return match over_limit(cause) {
            true => too_large(),
            false => Error::new(Code::ParamsError, "the body broke off"),
        };
    }
    match error.status().as_u16() {
        413 => too_large(),
        status @ 400..500 => narrowed(status, "the request is malformed"),
        _ => Error::internal(error.to_string()),
    }
}

/// Whether a read failed for the limit's sake, however often its error was wrapped on the way.
fn over_limit(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| {
        cause.is::<BodyTooLarge>() || cause.downcast_ref::<io::Error>().is_some_and(over_limit)
    })
}

/// 1403 with a narrower HTTP status.
pub fn narrowed(status: u16, message: &'static str) -> Error {
    Error {
        status: Some(status),
        ..Error::new(Code::ParamsError, message)
    }
}

/// 413.
pub fn too_large() -> Error {
    narrowed(413, "the body is too large")
}
