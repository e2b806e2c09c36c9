//! Star ratings. The one route that answers in its partner's form, whatever went wrong and wherever.

use super::Area;
use super::signed::SignedBytes;
use crate::app_state::AppState;
use crate::http::envelope::{Answer, Nothing, done};
use domain::group;
use domain::group::{Rating, Star};
use kernel::Error;
use kernel::code::Code;
use poem::http::StatusCode;
use poem::web::Data;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use serde_json::{Value, json};
use transport::{GroupCode, InvalidCode};

/// Where it is.
pub const PATH: &str = "/groups/star";
/// The one command it knows.
const COMMAND: &str = "update_group_star";
/// Ratings a list may have.
const MOST: usize = 10_000;

#[derive(Deserialize)]
struct Command {
    command: Option<String>,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct StarEntry {
    #[serde(rename = "groupId")]
    group: String,
    state: i64,
    star: i64,
}

/// Ratings, as the description has them.
#[derive(Object)]
struct StarUpdate {
    /// `update_group_star`; any other command is answered with 100 and does nothing.
    command: String,
    /// The ratings; one that is wrong spoils the list.
    #[oai(validator(max_items = 10_000))]
    data: Vec<StarRating>,
}

/// One group's rating.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct StarRating {
    /// The group's code.
    group_id: GroupCode,
    /// 0 undefined, 1 first rating, 2 upgrade, 6 too few conversations; others are kept and cause nothing.
    #[oai(validator(minimum(value = "0"), maximum(value = "32767")))]
    state: i64,
    star: Star,
}

kernel::numbered! {
    /// What became of a list of ratings.
    enum ResultCode: "resultCode" {
        /// Done.
        Done = 100,
        /// Not signed.
        NotSigned = 401,
        /// Not understood.
        NotUnderstood = 403,
        /// Failed, or a store is away.
        Failed = 500,
    }
}

/// An answer in the partner's form.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct StarAnswer {
    /// What became of it.
    result_code: ResultCode,
    /// A sentence for people.
    #[oai(rename = "msg")]
    message: String,
}

pub struct StarApi;

#[OpenApi(tag = "Area::Data")]
impl StarApi {
    /// Rate groups
    ///
    /// Answers in its partner's form, whatever goes wrong. The answer waits for the work: what is answered with 100 is
    /// done. The same rating twice does nothing the second time.
    #[oai(
        path = "/groups/star",
        method = "post",
        operation_id = "rateGroups",
        actual_type = "Json<StarAnswer>"
    )]
    async fn rate(&self, app: Data<&AppState>, body: SignedBytes<StarUpdate>) -> Answer<Nothing> {
        if let Some(ratings) = ratings(&body.0)? {
            group::rate(app.context(), ratings).await?;
        }
        done()
    }
}

/// The ratings of a body; none when it is another command's. One that is wrong spoils the list.
///
/// # Errors
/// 1403 naming the field.
pub fn ratings(body: &[u8]) -> kernel::Result<Option<Vec<Rating>>> {
    let malformed = |_| Error::new(Code::ParamsError, "the body must be JSON with command and data");
    let Command { command, data } = serde_json::from_slice(body).map_err(malformed)?;
    if command.ok_or_else(|| Error::params("command", "`command` is missing"))? != COMMAND {
        return Ok(None);
    }
    let Value::Array(entries) = data else {
        return Err(Error::params("data", "`data` must be an array"));
    };
    if entries.len() > MOST {
        return Err(Error::params(
            "data",
            format!("`data` must have at most {MOST} entries"),
        ));
    }
    let read = |(place, entry)| rating(entry).map_err(|error| placed(error, place));
    entries
        .into_iter()
        .enumerate()
        .map(read)
        .collect::<Result<_, _>>()
        .map(Some)
}

fn rating(entry: Value) -> kernel::Result<Rating> {
    let malformed = |_| Error::new(Code::ParamsError, "must have groupId, state and star");
    let StarEntry { group, state, star } = serde_json::from_value(entry).map_err(malformed)?;
    let group = group
        .parse()
        .map_err(|invalid: InvalidCode| Error::params("groupId", invalid.to_string()))?;
    Rating::new(group, state, star)
}

/// The same error, saying which entry it is about.
fn placed(error: Error, place: usize) -> Error {
    let at = match &error.field {
        Some(field) => format!("data[{place}].{field}"),
        None => format!("data[{place}]"),
    };
    Error::params(at.clone(), format!("{at} {}", error.message))
}

/// Turns every answer of [`PATH`] into `{resultCode, msg}`: 100 done, 401 not signed, 403 not understood, 500 failed.
/// Stands outside of all that can fail.
pub struct PartnersForm;

impl<E: Endpoint> Middleware<E> for PartnersForm {
    type Output = InPartnersForm<E>;

    fn transform(&self, inner: E) -> InPartnersForm<E> {
        InPartnersForm(inner)
    }
}

/// An endpoint behind [`PartnersForm`].
pub struct InPartnersForm<E>(E);

impl<E: Endpoint> Endpoint for InPartnersForm<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let theirs = request.uri().path() == PATH;
        let response = self.0.call(request).await?.into_response();
        match theirs {
            true => Ok(in_partners_form(response).await),
            false => Ok(response),
        }
    }
}

async fn in_partners_form(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let (status, result) = match parts.status.as_u16() {
        200 => (StatusCode::OK, ResultCode::Done),
        401 => (StatusCode::UNAUTHORIZED, ResultCode::NotSigned),
        400..500 => (StatusCode::FORBIDDEN, ResultCode::NotUnderstood),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, ResultCode::Failed),
    };
    let envelope: Value = body.into_json().await.unwrap_or_default();
    let answer =
        poem::web::Json(json!({ "resultCode": result, "msg": envelope["msg"].as_str().unwrap_or_default() }));
    let (mut answer, body) = answer.with_status(status).into_response().into_parts();
    // The length and type of the envelope are not the answer's; what else was said stays.
    parts.headers.extend(answer.headers);
    answer.headers = parts.headers;
    answer.headers.remove(poem::http::header::CONTENT_LENGTH);
    answer.extensions = parts.extensions;
    Response::from_parts(answer, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(body: Value) -> String {
        let error = ratings(body.to_string().as_bytes()).unwrap_err();
        error.field.unwrap_or_default().into_owned()
    }

    #[test]
    fn a_list_is_read_whole_or_not_at_all() {
        let entry = json!({"groupId": "G-100", "state": 1, "star": 3, "more": true});
        let read_of = |data: Value| ratings(json!({"command": COMMAND, "data": data}).to_string().as_bytes());
        assert_eq!(
            read_of(json!([entry])).unwrap().unwrap(),
            [Rating::new("G-100".parse().unwrap(), 1, 3).unwrap()]
        );
        let with = |key: &str, value: Value| {
            let mut entry = entry.clone();
            entry[key] = value;
            json!({"command": COMMAND, "data": [{"groupId": "G-1", "state": 1, "star": 1}, entry]})
        };
        for star in [0, 6, -1] {
            assert_eq!(field(with("star", star.into())), "data[1].star");
        }
        assert_eq!(field(with("groupId", "".into())), "data[1].groupId");
        assert_eq!(field(with("groupId", "a\0".into())), "data[1].groupId");
        assert_eq!(field(with("star", 3.5.into())), "data[1]");
        assert_eq!(field(with("state", Value::Null)), "data[1]");
        assert_eq!(field(json!({"command": COMMAND})), "data");
        assert_eq!(field(json!({"data": []})), "command");
        assert!(read_of(vec![entry.clone(); MOST].into()).is_ok());
        assert!(read_of(vec![entry.clone(); MOST + 1].into()).is_err());
        assert!(ratings(b"{").is_err());
    }

    #[test]
    fn another_command_is_none_of_ours() {
        let body = json!({"command": "update_group_name", "data": 7});
        assert_eq!(ratings(body.to_string().as_bytes()).unwrap(), None);
    }

    #[tokio::test]
    async fn the_envelope_becomes_the_partners_form() {
        let result = |error: Error| async move {
            let response = in_partners_form(crate::http::error::refuse(&error)).await;
            let (status, retry) = (
                response.status().as_u16(),
                response.header("retry-after").is_some(),
            );
            let body: Value = response.into_body().into_json().await.unwrap();
            assert_eq!(body["msg"], error.message.as_ref());
            (status, body["resultCode"].as_u64().unwrap(), retry)
        };
        assert_eq!(result(Error::store_down("Redis", "away")).await, (500, 500, true));
        assert_eq!(result(Error::params("star", "no")).await, (403, 403, false));
        assert_eq!(
            result(Error::new(Code::Unauthenticated, "no")).await,
            (401, 401, false)
        );
    }
}
