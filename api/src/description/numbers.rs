//! Whole numbers: what fits their format is written out as bounds, for no client knows poem-openapi's formats.

use crate::http::body::whole_numbers;
use serde_json::{Number, Value};

/// Bounds every whole number that has a format.
pub fn describe(part: &mut Value) {
    match part {
        Value::Object(fields) => {
            let whole = fields.get("type") == Some(&"integer".into()) && !fields.contains_key("enum");
            let format = fields.get("format").and_then(Value::as_str).filter(|_| whole);
            if let Some((least, most)) = format.and_then(whole_numbers) {
                for (word, bound) in [("minimum", least), ("maximum", most)] {
                    if let Some(bound) = Number::from_i128(bound) {
                        fields.entry(word).or_insert(Value::Number(bound));
                    }
                }
            }
            fields.values_mut().for_each(describe);
        }
        Value::Array(items) => items.iter_mut().for_each(describe),
        _ => {}
    }
}
