//! Examples of bodies and answers, made of the schemas: a field's own example, else what its name, format or enum suggests.

use super::{component, operations};
use regex::Regex;
use serde_json::{Map, Value, json};

/// Examples by the name of a field.
const BY_NAME: [(&str, &str); 31] = [
    ("phone", "13800138000"),
    ("nickname", "王芳"),
    ("name", "王芳"),
    ("robot_name", "小宝"),
    ("group_name", "宝妈交流群"),
    ("wechat_no", "gpet-xiaobao"),
    ("head_url", "https://pictures.example/u7.png"),
    ("qr_code", "https://pictures.example/r3-qr.png"),
    ("id_number", "11010519491231002X"),
    ("reason", "duplicate of an earlier one"),
    ("remark", ""),
    ("msg", ""),
    ("token", "eyJ0eXAiOiJhdCtqd3QifQ.e30.c2lnbmF0dXJl"),
    ("link_token", "U-7.1767225600.c2lnbmF0dXJl"),
    ("username", "lin"),
    ("operator", "lin"),
    ("proposed_by", "lin"),
    ("requested_by", "lin"),
    ("job", "settle_groups"),
    ("detail", "expected 3.00, found 2.00"),
    ("datetime", "2026-11-22 00:00:00"),
    ("userCode", "U-7"),
    ("user_code", "U-7"),
    ("group_code", "G-100"),
    ("robot_code", "R-3"),
    ("taskId", "T-9"),
    ("groupId", "G-100"),
    ("groupIds", "G-100"),
    ("group_codes", "G-100"),
    ("command", "update_group_star"),
    ("code", "123456"),
];

/// Gives every body and every good answer an example.
pub fn describe(description: &mut Value) {
    let schemas = description.clone();
    let example = |media: &mut Value| {
        if media.get("example").is_none() {
            media["example"] = example(&schemas, &media["schema"], "");
        }
    };
    for operation in operations(description) {
        for part in ["requestBody", "responses"] {
            let Some(part) = operation.get_mut(part) else {
                continue;
            };
            let contents = match part.get_mut("content") {
                Some(_) => vec![&mut part["content"]],
                None => part
                    .as_object_mut()
                    .into_iter()
                    .flatten()
                    .filter(|(status, _)| status.starts_with('2'))
                    .filter_map(|(_, response)| response.get_mut("content"))
                    .collect(),
            };
            let media = contents.into_iter().filter_map(Value::as_object_mut).flatten();
            media.for_each(|(_, media)| example(media));
        }
    }
}

fn example(all: &Value, schema: &Value, name: &str) -> Value {
    if let Some(example) = schema.get("example").or_else(|| schema.get("default")) {
        return example.clone();
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return example(all, component(all, reference), name);
    }
    if let Some(one) = schema["oneOf"].get(0) {
        return example(all, one, name);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| example(all, part, name));
        return parts
            .filter(|part| *part != json!({}))
            .reduce(merged)
            .unwrap_or_default();
    }
    if let Some(one) = schema["enum"].get(0) {
        return one.clone();
    }
    match schema["type"].as_str() {
        Some("object") => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            fields
                .map(|(name, field)| (name.clone(), example(all, field, name)))
                .collect::<Map<_, _>>()
                .into()
        }
        Some("array") => json!([example(all, &schema["items"], name)]),
        Some("boolean") => json!(false),
        Some("integer" | "number") => whole(&schema["minimum"])
            .filter(|least| *least != 0)
            .unwrap_or(1)
            .into(),
        Some("string") => text(schema, name).into(),
        _ => json!({}),
    }
}

/// Bounds are floats to poem-openapi.
fn whole(bound: &Value) -> Option<i64> {
    bound.to_string().trim_end_matches(".0").parse().ok()
}

fn merged(mut left: Value, right: Value) -> Value {
    match (left.as_object_mut(), right) {
        (Some(fields), Value::Object(more)) => fields.extend(more),
        (_, right) => return right,
    }
    left
}

fn text(schema: &Value, name: &str) -> &'static str {
    match schema["format"].as_str() {
        Some("uuid") => return "019a9d2e-7c1f-7a43-9f0e-5d0c3b8a6f10",
        Some("date") => return "2026-11-21",
        Some("date-time") => return "2026-11-21T18:00:00Z",
        Some("decimal") => return decimal(schema),
        Some("password") => return "correct horse battery staple",
        _ => {}
    }
    if schema["pattern"]
        .as_str()
        .is_some_and(|pattern| pattern.starts_with("^[A-Z0-9_]"))
    {
        return "SPRING";
    }
    let known = BY_NAME.iter().find(|(known, _)| *known == name);
    known.map_or("text", |(_, example)| *example)
}

/// Yuan, or a rate where the pattern ends at 1.
fn decimal(schema: &Value) -> &'static str {
    let pattern = schema["pattern"]
        .as_str()
        .and_then(|pattern| Regex::new(pattern).ok());
    let fits = |text: &&str| pattern.as_ref().is_none_or(|pattern| pattern.is_match(text));
    ["20.00", "0.10"].into_iter().find(fits).unwrap_or_default()
}
