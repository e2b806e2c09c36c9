//! Page tracking (埋点).

use super::Area;
use super::visits::Visits;
use crate::app_state::AppState;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, Nothing, done};
use crate::http::request_log::ClientAddress;
use domain::tracking::{self, PageAccess, PageBacklog};
use kernel::Error;
use kernel::code::Code;
use poem::Request;
use poem::http::header;
use poem::web::Data;
use poem_openapi::OpenApi;
use std::time::{Duration, Instant};

/// Bytes a query may have.
const LONGEST_QUERY: usize = 8 * 1024;
/// Arguments a query may have.
const MOST_ARGUMENTS: usize = 100;

/// Counts in memory: an access must not cost a further round trip, and a replica more only adds its share.
pub struct TrackingApi {
    all: Visits,
    anonymous: Visits,
    backlog: PageBacklog,
}

impl Default for TrackingApi {
    fn default() -> Self {
        TrackingApi {
            all: Visits::within(Duration::from_secs(1)),
            anonymous: Visits::within(Duration::from_secs(60)),
            backlog: PageBacklog::default(),
        }
    }
}

#[OpenApi(tag = "Area::Tracking")]
impl TrackingApi {
    /// Tell of a page access
    ///
    /// Takes any query arguments and passes them on to BI with address, user agent and time. `_a1` is the visitor's
    /// union_id, if the page knows it; the access of an unknown one is dropped. An address may send so many a second, and
    /// so many without `_a1` a minute.
    #[oai(path = "/page/access", method = "get", operation_id = "trackPageAccess")]
    async fn access(
        &self,
        app: Data<&AppState>,
        address: ClientAddress,
        request: &Request,
    ) -> Answer<Nothing, { codes(&[Code::TooManyRequests, Code::ParamsError]) }> {
        let (limits, now) = (&app.config.tracking, Instant::now());
        self.all.charge(address.0, limits.accesses_per_second, now)?;
        let agent = request.header(header::USER_AGENT).unwrap_or_default().to_owned();
        let arguments = page_arguments(request)?;
        let access = PageAccess {
            ip: address.0,
            agent,
            arguments,
        };
        if access.anonymous() {
            self.anonymous
                .charge(address.0, limits.anonymous_per_minute, now)?;
        }
        tracking::page_accessed(app.context(), &self.backlog, access).await?;
        done()
    }
}

/// The arguments of a page access.
///
/// # Errors
/// 1403 naming `query` when it is too long, has too many, or is none.
pub fn page_arguments(request: &Request) -> kernel::Result<Vec<(String, String)>> {
    if request
        .uri()
        .query()
        .is_some_and(|query| query.len() > LONGEST_QUERY)
    {
        let message = format!("the query must have at most {LONGEST_QUERY} bytes");
        return Err(Error::params("query", message));
    }
    let arguments: Vec<(String, String)> = request
        .params()
        .map_err(|_| Error::params("query", "the query must be name=value pairs"))?;
    match arguments.len() > MOST_ARGUMENTS {
        true => Err(Error::params(
            "query",
            format!("the query must have at most {MOST_ARGUMENTS} arguments"),
        )),
        false => Ok(arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::code::Code;

    #[test]
    fn queries_are_read_within_limits() {
        let read = |query: &str| {
            page_arguments(
                &Request::builder()
                    .uri_str(format!("/page/access?{query}"))
                    .finish(),
            )
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [pair("p", "/home page"), pair("名", "值"), pair("bare", "")];
        assert_eq!(read("p=%2Fhome+page&%E5%90%8D=%E5%80%BC&bare").unwrap(), expected);
        assert!(read("").unwrap().is_empty());
        assert!(read(&"a=1&".repeat(100)).is_ok());
        assert_eq!(read(&"a=1&".repeat(101)).unwrap_err().code, Code::ParamsError);
        assert!(read(&"a".repeat(LONGEST_QUERY + 1)).is_err());
    }
}
