//! Ad revenue comes in.

use super::Area;
use super::revenues::DayOfAds;
use super::signed::SignedOrLegacyBytes;
use crate::app_state::AppState;
use crate::http::codes::codes;
use crate::http::decimal::Revenue;
use crate::http::envelope::{Answer, answer};
use domain::settlement::ads;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use poem::web::Data;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseFromJSON, ParseResult, ToJSON, Type};
use poem_openapi::{Object, OpenApi};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;

pub struct SettlementApi;

/// A day's ad revenue.
#[derive(Object)]
struct AdRevenue {
    /// The day the clicks were made.
    settle_date: BusinessDate,
    /// By group code: yuan, a number, or a string of the same digits; at most four places.
    data: HashMap<String, AdAmount>,
    /// Unix seconds; with the legacy signature only.
    timestamp: Option<String>,
    /// Lower-case hex MD5 of timestamp, `#` and the key; the legacy signature.
    sign: Option<String>,
}

/// Yuan from 0 to 1 000 000 with at most four places, a number or a string. For the description only: the body is read
/// elsewhere, without a float.
#[derive(Debug)]
struct AdAmount(Value);

impl Type for AdAmount {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "ad_amount".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let number = MetaSchema {
            minimum: Some(0.0),
            maximum: Some(1_000_000.0),
            multiple_of: Some(0.0001),
            ..MetaSchema::new("number")
        };
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            any_of: vec![MetaSchemaRef::Inline(Box::new(number)), Revenue::schema_ref()],
            ..MetaSchema::ANY
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for AdAmount {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(AdAmount(value.unwrap_or_default()))
    }
}

impl ToJSON for AdAmount {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone())
    }
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
        app: Data<&AppState>,
        body: SignedOrLegacyBytes<AdRevenue>,
    ) -> Answer<Acceptance, { codes(&[Code::DuplicateRequest]) }> {
        let day = DayOfAds::read(&body.0)?;
        // As large as what was read from it, and not needed while the database works.
        drop(body);
        let acceptance = ads::accept(app.context(), day.settle_date, day.revenues).await?;
        answer(Acceptance {
            accepted: acceptance.accepted,
            unknown: serde_json::from_value(acceptance.unknown).map_err(kernel::Error::from)?,
        })
    }
}
