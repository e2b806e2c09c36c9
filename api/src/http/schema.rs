//! Values of the business as JSON strings: money, ids, dates. The business knows no OpenAPI, so thin wrappers do.

use kernel::clock::BusinessDate;
use kernel::money::Money;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::{Debug, Display};
use std::str::FromStr;

/// A value with one textual form.
pub trait Textual: FromStr + Display + Debug + Send + Sync {
    /// The schema's format.
    const FORMAT: &'static str;
    /// The schema's pattern, where the format is not a standard one.
    const PATTERN: Option<&'static str> = None;
}

impl Textual for Money {
    const FORMAT: &'static str = "decimal";
    const PATTERN: Option<&'static str> = Some("^-?[0-9]{1,12}(\\.[0-9]{1,2})?$");
}

impl Textual for BusinessDate {
    const FORMAT: &'static str = "date";
}

macro_rules! ids {
    ($($id:ident),* $(,)?) => {$(
        impl Textual for kernel::id::$id {
            const FORMAT: &'static str = "uuid";
        }
    )*};
}
ids!(
    UserId,
    OperatorId,
    RobotId,
    GroupId,
    TemplateId,
    RunId,
    PostingId,
    SlipId,
    WithdrawalId,
    PlanId,
    BatchId,
    MessageId,
    AuditId,
    CheckId,
    CorrectionId,
    JobRequestId,
);

/// Such a value in a request or an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<T>(pub T);

impl<T> From<T> for Text<T> {
    fn from(value: T) -> Self {
        Text(value)
    }
}

impl<T: Textual> Type for Text<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        format!("string_{}", T::FORMAT).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let mut schema = MetaSchema::new_with_format("string", T::FORMAT);
        schema.pattern = T::PATTERN.map(str::to_owned);
        MetaSchemaRef::Inline(Box::new(schema))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: Textual> ParseFromJSON for Text<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => Self::parse_from_parameter(&text),
            other => Err(ParseError::expected_type(other.unwrap_or_default())),
        }
    }
}

impl<T: Textual> ParseFromParameter for Text<T> {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        let malformed = |_| ParseError::custom(format!("not a {}", T::FORMAT));
        text.parse().map(Text).map_err(malformed)
    }
}

impl<T: Textual> ToJSON for Text<T> {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.to_string()))
    }
}
