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

#[test]
fn every_operation_and_parameter_is_described() {
    let description = description();
    for (place, operation) in operations(&description) {
        let said = |of: &Value| of["description"].as_str().is_some_and(|text| !text.is_empty());
        let words = |key: &str| {
            operation
                .get(key)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        assert!(
            words("summary") && words("description"),
            "{place} is not described"
        );
        let parameters = operation.get("parameters").and_then(Value::as_array);
        for parameter in parameters.into_iter().flatten() {
            assert!(said(parameter), "{place}: {} is not described", parameter["name"]);
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(said(response), "{place}: {status} is not described");
            let content = response["content"].as_object().into_iter().flatten();
            for (_, media) in content {
                let good = status.starts_with('2');
                assert!(!good || media.get("example").is_some(), "{place} has no example");
            }
        }
    }
}

/// Everything a part of the description refers to.
fn references<'a>(part: &'a Value, found: &mut Vec<&'a str>) {
    match part {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn what_is_referred_to_is_there() {
    let description = description();
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(found.len() > 500);
    for reference in found {
        let there = description.pointer(reference.trim_start_matches('#'));
        assert!(there.is_some(), "{reference} is nowhere");
    }
}
