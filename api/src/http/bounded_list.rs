//! Bodies that are a list.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, Type};
use serde_json::Value;
use std::borrow::Cow;

/// A list of 1 to `MOST` items.
#[derive(Debug)]
pub struct BoundedList<T, const MOST: usize>(pub Vec<T>);

impl<T: Type, const MOST: usize> Type for BoundedList<T, MOST> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        format!("list_{}", T::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            items: Some(Box::new(T::schema_ref())),
            min_items: Some(1),
            max_items: Some(MOST),
            ..MetaSchema::new("array")
        }))
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: ParseFromJSON, const MOST: usize> ParseFromJSON for BoundedList<T, MOST> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let items = Vec::<T>::parse_from_json(value).map_err(ParseError::propagate)?;
        match (1..=MOST).contains(&items.len()) {
            true => Ok(BoundedList(items)),
            false => Err(ParseError::custom(format!(
                "the `body` must have 1 to {MOST} items"
            ))),
        }
    }
}
