//! The body of `/settlement`, read in one pass over its bytes: it may have 64 MB, and its amounts must not pass through
//! a float.

use domain::settlement::ads::Revenue;
use kernel::Error;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// A day's ad revenue.
#[derive(Debug)]
pub struct DayOfAds {
    /// The date of the clicks.
    pub settle_date: BusinessDate,
    /// By group, none of them checked against another.
    pub revenues: Vec<Revenue>,
}

impl DayOfAds {
    /// Reads the body.
    ///
    /// # Errors
    /// 1403 naming the field, or the group whose amount is wrong.
    pub fn read(body: &[u8]) -> kernel::Result<Self> {
        let malformed = |_| {
            Error::new(
                Code::ParamsError,
                "the body must be JSON with settle_date and data",
            )
        };
        let Wire { settle_date, data } = serde_json::from_slice(body).map_err(malformed)?;
        let settle_date = match settle_date {
            Some(serde_json::Value::String(text)) => text.parse().ok(),
            Some(_) => None,
            None => return Err(Error::params("settle_date", "`settle_date` is missing")),
        };
        let malformed = || Error::params("settle_date", "`settle_date` must be a date like 2026-11-21");
        let settle_date = settle_date.ok_or_else(malformed)?;
        let data = data.ok_or_else(|| Error::params("data", "`data` is missing"))?;
        Ok(DayOfAds {
            settle_date,
            revenues: data.0?,
        })
    }
}

#[derive(Deserialize)]
struct Wire {
    settle_date: Option<serde_json::Value>,
    data: Option<Data>,
}

/// What `data` says, or what is wrong with its first wrong entry.
struct Data(kernel::Result<Vec<Revenue>>);

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of group codes and amounts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
        let mut revenues = Vec::new();
        while let Some((code, amount)) = map.next_entry::<String, &RawValue>()? {
            match revenue(code, amount.get()) {
                Ok(revenue) => revenues.push(revenue),
                Err(error) => {
                    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                    return Ok(Data(Err(error)));
                }
            }
        }
        Ok(Data(Ok(revenues)))
    }
}

/// An amount is a JSON number or a string with the same digits.
fn revenue(code: String, amount: &str) -> kernel::Result<Revenue> {
    let quoted = amount.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Revenue::new(code, quoted.unwrap_or(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data: &str) -> kernel::Result<DayOfAds> {
        DayOfAds::read(format!(r#"{{"settle_date":"2019-03-01","more":[1],"data":{data}}}"#).as_bytes())
    }

    fn field(body: &str) -> Option<String> {
        let error = DayOfAds::read(body.as_bytes()).unwrap_err();
        assert_eq!(error.code, Code::ParamsError);
        error.field.map(std::borrow::Cow::into_owned)
    }

    #[test]
    fn amounts_are_read_from_their_digits() {
        let day = read(
            r#"{"G-2":0.16,"G-1":"0.48","\u0047-3":1e-3,"G-4":123456.1234,"G-5":0,"G-6":-0.0,"G-7":1.50000}"#,
        )
        .unwrap();
        let amounts: Vec<String> = day
            .revenues
            .iter()
            .map(|revenue| format!("{} {}", revenue.group_code, revenue.amount))
            .collect();
        let expected = [
            "G-2 0.16",
            "G-1 0.48",
            "G-3 0.001",
            "G-4 123456.1234",
            "G-5 0",
            "G-6 0",
            "G-7 1.5",
        ];
        assert_eq!(amounts, expected);
        assert_eq!(day.settle_date.to_string(), "2019-03-01");
    }

    #[test]
    fn what_is_no_amount_names_its_group() {
        for amount in [
            "-0.01",
            "0.00001",
            "1e30",
            "null",
            "true",
            "\"\"",
            "\"0,5\"",
            "\"1_000\"",
            "\" 1\"",
            "[1]",
            "\"NaN\"",
            "1e-40",
        ] {
            let error = read(&format!(r#"{{"G-1":1,"G-2":{amount},"G-3":0.1}}"#)).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("data.G-2"), "{amount}");
        }
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let body = |date: &str, data: &str| format!(r#"{{"settle_date":{date},"data":{data}}}"#);
        assert_eq!(field(&body("null", "{}")).as_deref(), Some("settle_date"));
        assert_eq!(field(&body("\"2019-3-1\"", "{}")).as_deref(), Some("settle_date"));
        assert_eq!(field(&body("20190301", "{}")).as_deref(), Some("settle_date"));
        assert_eq!(field(r#"{"settle_date":"2019-03-01"}"#).as_deref(), Some("data"));
        assert_eq!(
            field(&body("\"2019-03-01\"", r#"{"":1}"#)).as_deref(),
            Some("data")
        );
        assert_eq!(field(&body("\"2019-03-01\"", "[1]")), None);
        assert_eq!(field("{"), None);
    }
}
