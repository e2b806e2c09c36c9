//! Ad revenue comes in.

use super::Area;
use super::revenues::DayOfAds;
use super::signed::SignedOrLegacyBytes;
use crate::edge::Edge;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, answer};
use domain::settlement::ads;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use poem::web::Data;
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;
use std::collections::HashMap;

pub struct SettlementApi;

/// A day's ad revenue.
#[derive(Object)]
struct AdRevenue {
    /// The day the clicks were made.
    settle_date: BusinessDate,
    /// By group code: yuan, a number, or a string of the same digits; at most four places.
    data: HashMap<String, Any<Value>>,
    /// Unix seconds; with the legacy signature only.
    timestamp: Option<String>,
    /// Lower-case hex MD5 of timestamp, `#` and the key; the legacy signature.
    sign: Option<String>,
}

/// What became of a day's ad revenue.
#[derive(Object)]
struct Acceptance {
    /// Groups whose revenue will be paid.
    accepted: i32,
    /// Codes that are unknown or were cancelled before the date.
    unknown: Vec<String>,
}

#[OpenApi(tag = "Area::Data")]
impl SettlementApi {
    /// Hand in a day's ad revenue
    ///
    /// Once a date: `{settle_date, data: {group code: yuan}}`, amounts as numbers or strings with at most four decimal
    /// places, up to 64 MB. Signed by the `X-Gpet-` headers, or by `timestamp` and `sign` in the body where the legacy
    /// signature is allowed. A second batch of a date is refused with 1409 and the first answer in `data`.
    #[oai(path = "/settlement", method = "post", operation_id = "handInAdRevenue")]
    async fn settle(
        &self,
        edge: Data<&Edge>,
        body: SignedOrLegacyBytes<AdRevenue>,
    ) -> Answer<Acceptance, { codes(&[Code::DuplicateRequest]) }> {
        let day = DayOfAds::read(&body.0)?;
        // As large as what was read from it, and not needed while the database works.
        drop(body);
        let acceptance = ads::accept(edge.context(), day.settle_date, day.revenues).await?;
        answer(Acceptance {
            accepted: acceptance.accepted,
            unknown: serde_json::from_value(acceptance.unknown).map_err(kernel::Error::from)?,
        })
    }
}
