//! JSON bodies. Unlike poem-openapi's own, a refusal names the field at fault.

use super::error::{Failure, narrowed};
use super::nul::refuse_in_json;
use kernel::Error;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::id::UserId;
use poem::http::header;
use poem::{FromRequest, Request, RequestBody, Result};
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, ParseFromParameter};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use regex::Regex;
use serde_json::Value;

/// A JSON body.
pub struct Body<T>(pub T);

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: Json::<T>::CONTENT_TYPE,
                schema: T::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let kind = request.header(header::CONTENT_TYPE).unwrap_or_default();
        if !Json::<T>::check_content_type(kind) {
            return Err(Failure(narrowed(415, "the content type must be application/json")).into());
        }
        let bytes = <Vec<u8> as FromRequest>::from_request(request, body).await?;
        Ok(Body(parse(&bytes).map_err(Failure)?))
    }
}

/// Reads a body.
///
/// # Errors
/// 1403, naming the field where one is at fault.
pub fn parse<T: ParseFromJSON>(bytes: &[u8]) -> kernel::Result<T> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|_| Error::new(Code::ParamsError, "the body must be JSON"))?;
    refuse_in_json(&value)?;
    let given = value.clone();
    T::parse_from_json(Some(value)).map_err(|error| {
        match field_at_fault::<T>(&given).or_else(|| quoted(error.message())) {
            Some(field) => Error::params(field.clone(), format!("`{field}` is missing or malformed")),
            None => Error::new(Code::ParamsError, "the body is not what this route takes"),
        }
    })
}

/// The first field that is required and missing, or not of its schema's type or format. Fields of inner objects are
/// named with their path, like `rule.one.day`; those in a list like those of one object.
fn field_at_fault<T: ParseFromJSON>(given: &Value) -> Option<String> {
    let mut registry = Registry::new();
    T::register(&mut registry);
    at_fault(&registry, &T::schema_ref(), given, "")
}

fn at_fault(registry: &Registry, schema: &MetaSchemaRef, given: &Value, path: &str) -> Option<String> {
    let schema = match schema {
        MetaSchemaRef::Reference(name) => registry.schemas.get(name)?,
        MetaSchemaRef::Inline(schema) => schema,
    };
    if !fits(given, schema) {
        return Some(path.to_owned()).filter(|path| !path.is_empty());
    }
    // A field with a description of its own refers to its component from inside.
    let mut parts = schema.all_of.iter();
    if let Some(fault) = parts.find_map(|part| at_fault(registry, part, given, path)) {
        return Some(fault);
    }
    if let (Some(items), Some(given)) = (&schema.items, given.as_array()) {
        return given
            .iter()
            .find_map(|item| at_fault(registry, items, item, path));
    }
    let given = given.as_object()?;
    let present = |name: &str| given.get(name).filter(|value| !value.is_null());
    let inside = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    let missing = schema.required.iter().find(|name| present(name).is_none());
    missing.map(|name| inside(name)).or_else(|| {
        let mut fields = schema.properties.iter();
        fields.find_map(|(name, field)| at_fault(registry, field, present(name)?, &inside(name)))
    })
}

/// Whether a value is what its own schema says, leaving aside what is inside of it.
fn fits(value: &Value, schema: &MetaSchema) -> bool {
    fn reads<T: ParseFromParameter>(text: &str) -> bool {
        T::parse_from_parameter(text).is_ok()
    }
    if !schema.enum_items.is_empty() {
        return schema.enum_items.contains(value);
    }
    match schema.ty {
        "string" => value.as_str().is_some_and(|text| {
            let length = text.chars().count();
            let within = schema.min_length.is_none_or(|least| least <= length)
                && schema.max_length.is_none_or(|most| length <= most);
            let pattern = schema.pattern.as_deref().map(Regex::new);
            let matches = pattern.is_none_or(|pattern| pattern.is_ok_and(|pattern| pattern.is_match(text)));
            let formed = match schema.format {
                Some("uuid") => reads::<UserId>(text),
                Some("date") => reads::<BusinessDate>(text),
                _ => true,
            };
            within && matches && formed
        }),
        "boolean" => value.is_boolean(),
        "integer" => {
            let whole = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
            let sized = whole.is_some_and(|whole| {
                let size = schema.format.and_then(whole_numbers);
                size.is_none_or(|(least, most)| (least..=most).contains(&whole))
            });
            sized && bounded(value.as_f64(), schema)
        }
        "number" => value.is_number() && bounded(value.as_f64(), schema),
        "array" => value.as_array().is_some_and(|items| {
            schema.min_items.is_none_or(|least| least <= items.len())
                && schema.max_items.is_none_or(|most| items.len() <= most)
        }),
        "object" => value.is_object(),
        _ => true,
    }
}

/// The least and the greatest whole number of a format.
pub fn whole_numbers(format: &str) -> Option<(i128, i128)> {
    Some(match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "uint8" => (0, u8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "int64" => (i64::MIN.into(), i64::MAX.into()),
        "uint64" => (0, u64::MAX.into()),
        _ => return None,
    })
}

fn bounded(number: Option<f64>, schema: &MetaSchema) -> bool {
    number.is_some_and(|number| {
        schema.minimum.is_none_or(|least| least <= number) && schema.maximum.is_none_or(|most| number <= most)
    })
}

/// The name between the first pair of backquotes: validators quote the field that way.
fn quoted(message: &str) -> Option<String> {
    message.split('`').nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::withdrawal::Decision;
    use kernel::money::Money;
    use poem_openapi::Object;

    #[derive(Debug, Object)]
    struct Order {
        id: UserId,
        amount: Money,
        note: Option<String>,
        #[oai(validator(max_items = 2))]
        codes: Vec<String>,
    }

    #[derive(Debug, Object)]
    struct Verdict {
        /// What is decided.
        decision: Decision,
        #[oai(validator(minimum(value = "1"), maximum(value = "5")))]
        star: i64,
    }

    #[test]
    fn a_value_that_is_none_of_its_enum_or_out_of_range_is_named() {
        let fault =
            |body: &str| parse::<Verdict>(body.as_bytes()).map_err(|error| error.field.unwrap_or_default());
        assert!(fault(r#"{"decision":"approve","star":5}"#).is_ok());
        assert_eq!(
            fault(r#"{"decision":"perhaps","star":5}"#).unwrap_err(),
            "decision"
        );
        assert_eq!(fault(r#"{"decision":"reject","star":6}"#).unwrap_err(), "star");
    }

    #[derive(Debug, Object)]
    struct Basket {
        orders: Vec<Order>,
        first: Order,
    }

    #[test]
    fn a_field_of_an_inner_object_is_named_with_its_path() {
        let order = |amount: &str| serde_json::json!({"id": UserId::new().to_string(), "amount": amount, "codes": []});
        let fault = |basket: Value| parse::<Basket>(basket.to_string().as_bytes()).unwrap_err().field;
        let basket = |first: Value, second: Value| serde_json::json!({"first": first, "orders": [order("1.00"), second]});
        assert!(parse::<Basket>(basket(order("1.00"), order("2.00")).to_string().as_bytes()).is_ok());
        assert_eq!(
            fault(basket(order("one"), order("2.00"))).as_deref(),
            Some("first.amount")
        );
        assert_eq!(
            fault(basket(order("1.00"), "two".into())).as_deref(),
            Some("orders")
        );
        assert_eq!(
            fault(basket(order("1.00"), serde_json::json!({}))).as_deref(),
            Some("orders.id")
        );
        let error = parse::<Vec<Order>>(br#"[{"id": 1}]"#).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("amount"));
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let id = UserId::new();
        let whole = serde_json::json!({"id": id.to_string(), "amount": "1.00", "codes": ["a"], "more": 1});
        let order: Order = parse(whole.to_string().as_bytes()).unwrap();
        assert_eq!(
            (order.id, order.amount, order.note, order.codes.len()),
            (id, Money::from_fen(100), None, 1)
        );
        for (field, value) in [
            ("id", Value::Null),
            ("id", "17".into()),
            ("amount", serde_json::json!(1.0)),
            ("amount", "1.001".into()),
            ("note", serde_json::json!([])),
            ("codes", "a".into()),
            ("codes", serde_json::json!(["a", "b", "c"])),
        ] {
            let mut broken = whole.clone();
            broken[field] = value;
            let error = parse::<Order>(broken.to_string().as_bytes()).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field), "{broken}");
            assert_eq!(error.code, Code::ParamsError);
        }
        assert_eq!(parse::<Order>(b"{").unwrap_err().field, None);
    }
}
