//! Reading the gateway's JSON as loosely as it writes it: ids as strings or numbers, flags as booleans or 1 and 0,
//! missing and null alike, unknown fields passed over.

use chrono::{DateTime, Utc};
use kernel::clock::parse_partner_time;
use kernel::error::{Error, Result};
use kernel::external::{self, LONGEST_ADDRESS, LONGEST_NAME};
use serde_json::Value;

/// One JSON object of the gateway's.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub &'a Value);

impl<'a> Fields<'a> {
    /// The field, unless missing or null.
    pub fn value(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The field as text; numbers count as theirs. NUL characters, which PostgreSQL cannot hold, are dropped.
    pub fn text(self, name: &str) -> Option<String> {
        self.whole_text(name).map(external::without_nul)
    }

    fn whole_text(self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The field as text, empty when there is none.
    pub fn text_or_empty(self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    /// A name to show, cut where it is too long to be one.
    pub fn name(self, name: &str) -> Option<String> {
        self.text(name).map(|text| external::cut(text, LONGEST_NAME))
    }

    /// An address; none when it is empty.
    pub fn address(self, name: &'static str) -> Result<Option<String>> {
        let address = self.text(name).filter(|address| !address.is_empty());
        if address
            .as_ref()
            .is_some_and(|address| address.len() > LONGEST_ADDRESS)
        {
            let message = format!("`{name}` must have at most {LONGEST_ADDRESS} bytes");
            return Err(Error::params(name, message));
        }
        Ok(address)
    }

    /// An id that must be there.
    pub fn code(self, name: &'static str) -> Result<String> {
        let code = self
            .whole_text(name)
            .ok_or_else(|| Error::params(name, format!("`{name}` is required, as text or number")))?;
        external::check_code(name, &code)?;
        Ok(code)
    }

    /// An id that may be missing or empty.
    pub fn optional_code(self, name: &'static str) -> Result<Option<String>> {
        let code = self.whole_text(name).filter(|code| !code.is_empty());
        code.as_deref()
            .map_or(Ok(()), |code| external::check_code(name, code))?;
        Ok(code)
    }

    /// A whole number, also when it comes as text.
    pub fn integer(self, name: &str) -> Option<i32> {
        self.text(name)?.trim().parse().ok()
    }

    /// A flag: true or 1, also as text.
    pub fn flag(self, name: &str) -> bool {
        match self.value(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(_) => self
                .text(name)
                .is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true")),
            None => false,
        }
    }

    /// A point in time, if it can be read as one.
    pub fn time(self, name: &str) -> Option<DateTime<Utc>> {
        parse_partner_time(&self.text(name)?)
    }

    /// The elements of an array; none when it is missing.
    pub fn list(self, name: &str) -> &'a [Value] {
        self.value(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }
}

/// Parses JSON and drops NUL characters, which PostgreSQL's text and jsonb cannot hold.
pub(super) fn parse(bytes: &[u8]) -> Result<Value> {
    let mut value = parse_as_is(bytes)?;
    drop_nul(&mut value);
    Ok(value)
}

/// Parses JSON. Codes are looked at as they came: one with a NUL is no code, and not the code without it.
pub(super) fn parse_as_is(bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes).map_err(|error| Error::params("body", format!("is not JSON: {error}")))
}

/// Drops NUL characters from all texts, and fields whose name has one.
pub(super) fn drop_nul(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => text.retain(|character| character != '\0'),
        Value::Array(items) => items.iter_mut().for_each(drop_nul),
        Value::Object(fields) => {
            fields.values_mut().for_each(drop_nul);
            if fields.keys().any(|name| name.contains('\0')) {
                fields.retain(|name, _| !name.contains('\0'));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_may_be_numbers_and_flags_may_be_digits() {
        let body = json!({"a": 7, "b": "U-7", "t": 1, "f": 0, "s": "1", "yes": true, "none": null});
        let fields = Fields(&body);
        assert_eq!(fields.code("a").unwrap(), "7");
        assert_eq!(fields.code("b").unwrap(), "U-7");
        assert!(fields.flag("t") && fields.flag("s") && fields.flag("yes"));
        assert!(!fields.flag("f") && !fields.flag("none") && !fields.flag("missing"));
        assert_eq!(fields.code("none").unwrap_err().field.as_deref(), Some("none"));
    }

    #[test]
    fn codes_have_bounds() {
        let body = json!({"empty": "", "long": "x".repeat(256), "object": {}, "nul": "a\0"});
        for name in ["empty", "long", "object", "nul"] {
            assert!(Fields(&body).code(name).is_err(), "{name}");
        }
    }

    #[test]
    fn nul_characters_are_dropped_everywhere() {
        let value = parse(br#"{"a":"x\u0000y","b":[{"c\u0000":1,"d":"\u0000"}]}"#).unwrap();
        assert_eq!(value, json!({"a": "xy", "b": [{"d": ""}]}));
    }
}
