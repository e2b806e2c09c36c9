//! JSON that is kept by one and shown to another as it is, whatever is in it.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseFromJSON, ParseResult, ToJSON, Type};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// A `jsonb` column that rows of lists show to clients; described as any value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct AnyJson(pub Value);

impl Type for AnyJson {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "any".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::ANY))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for AnyJson {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(AnyJson(value.unwrap_or_default()))
    }
}

impl ToJSON for AnyJson {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone())
    }
}
