//! Numbers get names: poem-openapi has no room for `x-enum-varnames`, so they are read from the lines that describe them.

use serde_json::{Value, json};

/// Names the numbers of every enum that is a number.
pub fn describe(description: &mut Value) {
    let schemas = description["components"]["schemas"].as_object_mut();
    for (_, schema) in schemas.into_iter().flatten() {
        let numbers = schema["enum"].as_array().map_or(0, Vec::len);
        let lines = schema["description"].as_str().unwrap_or_default().lines();
        let (names, about): (Vec<_>, Vec<_>) = lines.filter_map(named).unzip();
        if schema["type"] == "integer" && numbers > 0 && names.len() == numbers {
            schema["x-enum-varnames"] = json!(names);
            schema["x-enum-descriptions"] = json!(about);
        }
    }
}

/// Name and sentence of a line like "- `1` Paying: Being paid.".
fn named(line: &str) -> Option<(String, String)> {
    let (_, rest) = line.strip_prefix("- `")?.split_once("` ")?;
    let (name, about) = rest.split_once(": ")?;
    Some((name.to_owned(), about.to_owned()))
}
