//! Page tracking (埋点), contracts.md 3.6.

use super::Area;
use crate::edge::Edge;
use crate::http::access::ClientAddress;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, Nothing, done};
use poem::Request;
use poem::http::header;
use poem::web::Data;
use poem_openapi::OpenApi;
use shared::Error;
use shared::kernel::code::Code;
use shared::tracking::page::{self, PageAccess};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Bytes a query may have.
const LONGEST_QUERY: usize = 8 * 1024;
/// Arguments a query may have.
const MOST_ARGUMENTS: usize = 100;
/// Accesses a second from one address: a whole carrier's users may share one.
const A_SECOND: u32 = 200;

/// Counts addresses in memory: an access must not cost a further round trip, and a replica more only adds its share.
#[derive(Default)]
pub struct TrackingApi {
    second: Mutex<Option<Second>>,
}

/// What came in since an instant, for a second.
struct Second {
    since: Instant,
    accesses: HashMap<IpAddr, u32>,
}

impl TrackingApi {
    fn charge(&self, address: IpAddr, now: Instant) -> shared::Result<()> {
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        second.take_if(|second| now.duration_since(second.since) >= Duration::from_secs(1));
        let current = second.get_or_insert_with(|| Second {
            since: now,
            accesses: HashMap::new(),
        });
        let accesses = current.accesses.entry(address).or_default();
        *accesses += 1;
        match *accesses > A_SECOND {
            true => Err(Error::too_many(Code::TooManyRequests, 1)),
            false => Ok(()),
        }
    }
}

#[OpenApi(tag = "Area::Tracking")]
impl TrackingApi {
    /// Tell of a page access
    ///
    /// Takes any query arguments and passes them on to BI with address, user agent and time. `_a1` is the visitor's
    /// union_id, if the page knows it; the access of an unknown one is dropped.
    #[oai(path = "/page/access", method = "get", operation_id = "trackPageAccess")]
    async fn access(
        &self,
        edge: Data<&Edge>,
        address: ClientAddress,
        request: &Request,
    ) -> Answer<Nothing, { codes(&[Code::TooManyRequests, Code::ParamsError]) }> {
        self.charge(address.0, Instant::now())?;
        let agent = request.header(header::USER_AGENT).unwrap_or_default().to_owned();
        let arguments = arguments(request)?;
        let access = PageAccess {
            ip: address.0,
            agent,
            arguments,
        };
        page::accessed(edge.context(), access).await?;
        done()
    }
}

fn arguments(request: &Request) -> shared::Result<Vec<(String, String)>> {
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

    #[test]
    fn queries_are_read_within_limits() {
        let read = |query: &str| {
            arguments(
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

    #[test]
    fn one_address_cannot_use_up_what_others_have() {
        let (api, now) = (TrackingApi::default(), Instant::now());
        let (loud, quiet) = ([203, 0, 113, 9].into(), [203, 0, 113, 10].into());
        for _ in 0..A_SECOND {
            api.charge(loud, now).unwrap();
        }
        let refused = api.charge(loud, now).unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after),
            (Code::TooManyRequests, Some(1))
        );
        assert!(api.charge(quiet, now).is_ok());
        assert!(api.charge(loud, now + Duration::from_secs(1)).is_ok());
    }
}
