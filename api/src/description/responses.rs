//! What an operation can answer with, by HTTP status. Codes of its own stand in the type of its answer; those that any
//! operation of its kind may answer with follow from what it takes.

use super::{Object, operations};
use crate::http::codes::meaning;
use crate::http::error::JSON;
use kernel::code::Code;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

type ByStatus = BTreeMap<u16, BTreeSet<u16>>;

/// Writes the responses of all operations.
pub fn describe(description: &mut Value) {
    codes_by_name(&mut description["components"]["schemas"]);
    for operation in operations(description) {
        if own_form(operation) {
            continue;
        }
        let all = codes(operation);
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
            continue;
        };
        responses.remove("default");
        for (status, codes) in all {
            let problem = problem(&codes);
            let known = responses
                .entry(status.to_string())
                .or_insert_with(|| json!({ "content": { JSON: {} } }));
            let schema = &mut known["content"][JSON]["schema"];
            *schema = match schema.take() {
                Value::Null => problem,
                good => json!({ "oneOf": [good, problem] }),
            };
            known["description"] = match status {
                200 => format!("Done. {}", sentence(&codes)).into(),
                _ => sentence(&codes).into(),
            };
        }
        for (status, response) in responses {
            if response["description"].as_str().is_none_or(str::is_empty) {
                response["description"] = "Done.".into();
            }
            if matches!(status.as_str(), "429" | "503") {
                response["headers"] = json!({ "Retry-After": {
                    "description": "Seconds to wait before asking again.", "schema": { "type": "integer" } } });
            }
        }
    }
}

/// All codes as a component, for the lists of errors that clients keep.
fn codes_by_name(schemas: &mut Value) {
    let each = Code::ALL.into_iter();
    schemas["Code"] = json!({
        "type": "integer",
        "description": "What happened, as a number. A code never gets another meaning.",
        "enum": each.clone().map(Code::number).collect::<Vec<_>>(),
        "x-enum-varnames": each.clone().map(|code| format!("{code:?}")).collect::<Vec<_>>(),
        "x-enum-descriptions": each.map(meaning).collect::<Vec<_>>(),
    });
    for (schema, field) in [("Problem", "code"), ("ReviewResult", "code")] {
        schemas[schema]["properties"][field] = json!({ "$ref": "#/components/schemas/Code" });
    }
}

/// An answer in a partner's form has no codes of ours: every answer has the form of the good one.
fn own_form(operation: &mut Object) -> bool {
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return false;
    };
    let form = responses.get("200").map(|good| good["content"][JSON].clone());
    let Some(form) = form.filter(|form| {
        form["schema"]["$ref"]
            .as_str()
            .is_some_and(|name| name.ends_with("/StarAnswer"))
    }) else {
        return false;
    };
    let said = [
        ("200", "100: done."),
        ("401", "401: not signed."),
        ("403", "403: not understood."),
        ("500", "500: failed, or a store is away."),
    ];
    for (status, description) in said {
        let response = json!({ "description": description, "content": { JSON: form } });
        responses.insert(status.to_owned(), response);
    }
    true
}

fn codes(operation: &Object) -> ByStatus {
    let mut all = ByStatus::new();
    let mut add = |status: u16, code: Code| {
        all.entry(status).or_default().insert(code.number());
    };
    add(500, Code::ServiceUnavailable);
    add(503, Code::ServiceUnavailable);
    let security = operation
        .get("security")
        .map(Value::to_string)
        .unwrap_or_default();
    if !security.is_empty() {
        add(401, Code::Unauthenticated);
    }
    let token = ["h5", "console"].iter().any(|scheme| security.contains(scheme));
    if token {
        add(401, Code::TokenExpired);
        add(403, Code::Unauthenticated);
    }
    let body = operation.get("requestBody").is_some();
    if body || operation.get("parameters").is_some() {
        add(400, Code::ParamsError);
    }
    if body {
        add(413, Code::ParamsError);
    }
    // Partners' bodies are read whatever they are called.
    if body && (token || security.is_empty()) {
        add(415, Code::ParamsError);
    }
    let own = operation["responses"]["default"]["content"][JSON]["schema"]["enum"].as_array();
    for number in own.into_iter().flatten() {
        if let Some(code) = Code::ALL.into_iter().find(|code| *number == json!(code.number())) {
            add(code.status(), code);
        }
    }
    all
}

fn problem(codes: &BTreeSet<u16>) -> Value {
    json!({ "allOf": [
        { "$ref": "#/components/schemas/Problem" },
        { "type": "object", "properties": { "code": { "type": "integer", "enum": codes } }, "required": ["code"] },
    ] })
}

fn sentence(codes: &BTreeSet<u16>) -> String {
    let known = Code::ALL
        .into_iter()
        .filter(|code| codes.contains(&code.number()));
    let each: Vec<String> = known
        .map(|code| format!("{} {code:?}: {}.", code.number(), meaning(code)))
        .collect();
    each.join(" ")
}
