//! How values of the business are described to clients. poem-openapi's traits stand beside serde's: a type says once what
//! it looks like in JSON, in parameters and in the API's description, and rows of lists derive `Object` as they are.
//! Enums have macros of their own, see [`super::enums`].

use super::clock::BusinessDate;
use super::money::{Money, Share};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseResult, Type};
use serde_json::Value;
use std::fmt::Display;
use std::str::FromStr;

/// What a code of a chat network looks like: 1 to 255 characters, none of them a control character.
pub const CODE: &str = r"^[^\x00-\x1f\x7f-\x9f]{1,255}$";

/// The schema of a string with a format, a pattern where the format is not a standard one, and the fewest and most
/// characters where the pattern does not say.
pub fn string(
    format: &'static str,
    pattern: Option<&str>,
    characters: Option<(usize, usize)>,
) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema {
        pattern: pattern.map(str::to_owned),
        min_length: characters.map(|(least, _)| least),
        max_length: characters.map(|(_, most)| most),
        ..MetaSchema::new_with_format("string", format)
    }))
}

/// Reads a value from its textual form.
pub fn from_text<T: Type + FromStr>(text: &str, format: &str) -> ParseResult<T> {
    text.parse()
        .map_err(|_| ParseError::custom(format!("not a {format}")))
}

/// Reads a value from a JSON string.
pub fn from_json<T: Type + FromStr>(value: Option<Value>, format: &str) -> ParseResult<T> {
    match value {
        Some(Value::String(text)) => from_text(&text, format),
        other => Err(ParseError::expected_type(other.unwrap_or_default())),
    }
}

/// The JSON string of a value.
pub fn to_json(value: &impl Display) -> Option<Value> {
    Some(Value::String(value.to_string()))
}

/// Describes a type whose one textual form is that of `FromStr` and `Display`.
#[macro_export]
macro_rules! textual {
    ($type:ty, $format:literal, $pattern:expr) => {
        $crate::textual!($type, $format, $pattern, None);
    };
    ($type:ty, $format:literal, $pattern:expr, $characters:expr) => {
        impl poem_openapi::types::Type for $type {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                concat!("string_", $format).into()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                $crate::openapi::string($format, $pattern, $characters)
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl poem_openapi::types::ParseFromJSON for $type {
            fn parse_from_json(value: Option<serde_json::Value>) -> poem_openapi::types::ParseResult<Self> {
                $crate::openapi::from_json(value, $format)
            }
        }

        impl poem_openapi::types::ParseFromParameter for $type {
            fn parse_from_parameter(text: &str) -> poem_openapi::types::ParseResult<Self> {
                $crate::openapi::from_text(text, $format)
            }
        }

        impl poem_openapi::types::ToJSON for $type {
            fn to_json(&self) -> Option<serde_json::Value> {
                $crate::openapi::to_json(self)
            }
        }
    };
}

textual!(Money, "decimal", Some(r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"));
textual!(Share, "decimal", Some(r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"));
textual!(BusinessDate, "date", None);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use poem_openapi::types::{ParseFromJSON, ParseFromParameter, ToJSON};
    use serde_json::json;

    fn described<T: Type>() -> (&'static str, Option<&'static str>, Option<String>) {
        let schema = T::schema_ref();
        let schema = schema.unwrap_inline();
        (schema.ty, schema.format, schema.pattern.clone())
    }

    #[test]
    fn values_are_strings_with_a_format() {
        assert_eq!(described::<UserId>(), ("string", Some("uuid"), None));
        assert_eq!(described::<BusinessDate>(), ("string", Some("date"), None));
        assert_eq!(described::<Money>().1, Some("decimal"));
        assert!(described::<Money>().2.is_some());
    }

    #[test]
    fn what_is_read_is_what_is_shown() {
        let amount = Money::parse_from_json(Some(json!("20"))).unwrap();
        assert_eq!(amount.to_json(), Some(json!("20.00")));
        let share = Share::parse_from_parameter("0.0000015").err();
        assert!(share.is_some(), "seven places");
        assert_eq!(
            Share::parse_from_parameter("1.5").unwrap().to_json(),
            Some(json!("1.500000"))
        );
        let id = UserId::new();
        assert_eq!(
            UserId::parse_from_parameter(&id.to_string().to_uppercase()).unwrap(),
            id
        );
        for wrong in [json!(20.0), json!(null), json!("20.001")] {
            assert!(Money::parse_from_json(Some(wrong)).is_err());
        }
        assert!(BusinessDate::parse_from_json(Some(json!("2026-2-1"))).is_err());
    }
}
