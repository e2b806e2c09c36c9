//! Reading the gateway's JSON as loosely as it writes it: ids as strings or numbers, flags as booleans or 1 and 0,
//! missing and null alike, unknown fields passed over.

use crate::{GroupCode, InvalidCode, Network, RobotCode, UserCode};
use chrono::{DateTime, Utc};
use kernel::clock::parse_partner_time;
use kernel::error::{Error, Result};
use serde_json::Value;

/// Characters of a command's name.
const LONGEST_COMMAND: usize = 255;

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

    /// The field as text; numbers count as theirs.
    pub fn text(self, name: &str) -> Option<String> {
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

    /// The name of a command.
    pub fn command(self) -> Result<String> {
        let command = self.text("command").unwrap_or_default();
        match command.is_empty() || command.chars().count() > LONGEST_COMMAND {
            true => {
                let message = format!("`command` must have 1 to {LONGEST_COMMAND} characters");
                Err(Error::params("command", message))
            }
            false => Ok(command),
        }
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
        let bare = self.text(name).filter(|bare| !bare.is_empty());
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
    let mut value = serde_json::from_slice(bytes)
        .map_err(|error| Error::params("body", format!("is not JSON: {error}")))?;
    drop_nul(&mut value);
    Ok(value)
}

fn drop_nul(value: &mut Value) {
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
        let body = json!({"empty": "", "long": "x".repeat(256), "object": {}});
        for name in ["empty", "long", "object"] {
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
