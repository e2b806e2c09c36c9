//! Reading the gateway's JSON as loosely as it writes it: ids as strings or numbers, flags as booleans or 1 and 0,
//! missing and null alike, unknown fields passed over.

use crate::{GroupCode, InvalidCode, Network, RobotCode, UserCode};
use chrono::{DateTime, Utc};
use kernel::clock::parse_partner_time;
use kernel::error::{Error, Result};
use kernel::external::{self, LONGEST_ADDRESS, LONGEST_NAME};
use serde_json::Value;

/// How a bare code becomes one of its type.
type CodeOf<T> = fn(&Network, &str) -> std::result::Result<T, InvalidCode>;

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

    /// The name of a command.
    pub fn command(self) -> Result<String> {
        let command = self.whole_text("command").unwrap_or_default();
        external::check_code("command", &command)?;
        Ok(command)
    }

    /// The network's number of a message, empty where it gave none; it becomes a key.
    pub fn message_no(self) -> Result<String> {
        let number = self.whole_text("message_no").unwrap_or_default();
        if !number.is_empty() {
            external::check_code("message_no", &number)?;
        }
        Ok(number)
    }

    /// A robot's code that must be there.
    pub fn robot(self, name: &'static str) -> Result<RobotCode> {
        self.code(name, RobotCode::on)
    }

    /// A group's code that must be there.
    pub fn group(self, name: &'static str) -> Result<GroupCode> {
        self.code(name, GroupCode::on)
    }

    /// A person's code that must be there.
    pub fn user(self, name: &'static str) -> Result<UserCode> {
        self.code(name, UserCode::on)
    }

    /// A code that must be there.
    pub fn code<T>(self, name: &'static str, on: CodeOf<T>) -> Result<T> {
        self.optional_code(name, on)?
            .ok_or_else(|| Error::params(name, format!("`{name}` is required, as text or number")))
    }

    /// A code that may be missing or empty.
    pub fn optional_code<T>(self, name: &'static str, on: CodeOf<T>) -> Result<Option<T>> {
        let bare = self.whole_text(name).filter(|bare| !bare.is_empty());
        bare.map(|bare| on(&Network::gateway(), &bare))
            .transpose()
            .map_err(|invalid| invalid.in_field(name))
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
        assert_eq!(fields.user("a").unwrap().as_str(), "7");
        assert_eq!(fields.user("b").unwrap().as_str(), "U-7");
        assert!(fields.flag("t") && fields.flag("s") && fields.flag("yes"));
        assert!(!fields.flag("f") && !fields.flag("none") && !fields.flag("missing"));
        assert_eq!(fields.user("none").unwrap_err().field.as_deref(), Some("none"));
        assert_eq!(fields.optional_code("none", UserCode::on).unwrap(), None);
    }

    #[test]
    fn codes_have_bounds() {
        let body = json!({"empty": "", "long": "x".repeat(256), "object": {}, "nul": "a\0"});
        for name in ["empty", "long", "object", "nul"] {
            assert_eq!(
                Fields(&body).group(name).unwrap_err().field.as_deref(),
                Some(name)
            );
        }
    }

    #[test]
    fn nul_characters_are_dropped_everywhere() {
        let value = parse(br#"{"a":"x\u0000y","b":[{"c\u0000":1,"d":"\u0000"}]}"#).unwrap();
        assert_eq!(value, json!({"a": "xy", "b": [{"d": ""}]}));
    }
}
