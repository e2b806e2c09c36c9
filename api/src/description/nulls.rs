//! Null: an optional field of an answer is always there and may be null; one of a request may be missing or null, which is
//! the same. A field is optional where poem-openapi does not require it.

use super::{Object, component, operations};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Fields that are left out of an answer instead of being null.
const LEFT_OUT: [&str; 1] = ["ProblemData"];

/// Marks what may be null, and requires what is always answered.
pub fn describe(description: &mut Value) {
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    let mut roots = (Vec::new(), Vec::new());
    for operation in operations(description) {
        roots.0.extend(operation.get("requestBody").cloned());
        roots.1.extend(operation.get("responses").cloned());
    }
    roots
        .0
        .iter()
        .for_each(|root| reach(description, root, &mut asked));
    roots
        .1
        .iter()
        .for_each(|root| reach(description, root, &mut answered));
    let schemas = description["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.into_iter().flatten() {
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        let always = answered.contains(name) && !asked.contains(name);
        schema
            .as_object_mut()
            .into_iter()
            .for_each(|schema| mark(schema, always));
    }
}

fn mark(schema: &mut Object, always: bool) {
    let required: Vec<Value> = schema
        .get("required")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, property) in properties.iter_mut() {
        said_once(property);
        if !required.contains(&json!(name)) && property.get("default").is_none() {
            nullable(property);
        }
    }
    if always {
        let all: Vec<Value> = properties.keys().map(|name| json!(name)).collect();
        schema.insert("required".to_owned(), all.into());
    }
}

/// A field that refers to a component and has a description of its own carries that twice.
fn said_once(schema: &mut Value) {
    let Some([_, own]) = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) else {
        return;
    };
    let mut own = own.as_object().into_iter().flatten();
    if own.all(|(word, said)| schema.get(word) == Some(said))
        && let Some(parts) = schema["allOf"].as_array_mut()
    {
        parts.truncate(1);
    }
}

/// A reference has no room for `nullable` beside it, so it moves into an `allOf`.
fn nullable(schema: &mut Value) {
    if schema.get("$ref").is_some() {
        *schema = json!({ "allOf": [schema.take()] });
    }
    schema["nullable"] = json!(true);
}

/// Names of the components that a part of the description leads to.
fn reach(description: &Value, part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str)
                && let Some(name) = reference.rsplit('/').next()
                && found.insert(name.to_owned())
            {
                reach(description, component(description, reference), found);
            }
            fields.values().for_each(|field| reach(description, field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| reach(description, item, found)),
        _ => {}
    }
}
