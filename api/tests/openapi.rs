//! The committed description is the one the code makes, and a client can be generated from it.

use serde_json::{Map, Value};
use std::collections::HashSet;

fn description() -> Value {
    serde_json::from_str(include_str!("../openapi.json")).unwrap()
}

/// Each operation with its method and path.
fn operations(description: &Value) -> Vec<(String, &Map<String, Value>)> {
    let paths = description["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods
                .map(move |(method, operation)| (format!("{method} {path}"), operation.as_object().unwrap()))
        })
        .collect()
}

#[test]
fn the_committed_description_is_current() {
    let committed = include_str!("../openapi.json");
    let made = api::description().unwrap();
    assert!(
        committed == made,
        "api/openapi.json is out of date; renew it with: cargo run -p api -- openapi > api/openapi.json.new && mv api/openapi.json.new api/openapi.json"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let description = description();
    let mut names = HashSet::new();
    for (place, operation) in operations(&description) {
        let name = operation.get("operationId").and_then(Value::as_str);
        let name = name.unwrap_or_else(|| panic!("{place} has no operationId"));
        let camel_case = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric());
        assert!(camel_case, "{place}: {name} is no good name of a method");
        assert!(names.insert(name), "{place}: {name} is taken");
    }
    assert!(names.len() > 70);
}
