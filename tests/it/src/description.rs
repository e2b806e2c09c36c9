//! Every answer a test sees is held against the API's description: status, code and body.

use anyhow::{Result, bail, ensure};
use serde_json::Value;
use std::sync::LazyLock;

static DESCRIPTION: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&api::description().unwrap_or_default()).unwrap_or_default());

/// Holds an answer against the description. What is not described must be no route, no method of one, or for those who run
/// it.
///
/// # Errors
/// What the description does not say of this answer.
pub(crate) fn check(method: &str, path: &str, status: u16, body: &Value) -> Result<()> {
    let place = format!("{method} {path} answered {status}");
    let Some(operation) = operation(method, path) else {
        let run = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"];
        ensure!(
            run.contains(&path) || [403, 404, 405].contains(&status),
            "{place}, and is not described"
        );
        return Ok(());
    };
    let response = &operation["responses"][status.to_string()];
    ensure!(!response.is_null(), "{place}, which is not described: {body}");
    let content = response["content"].as_object().into_iter().flatten();
    for (_, media) in content {
        if let Err(why) = fits(body, &media["schema"], "") {
            bail!("{place}: {why}: {body}");
        }
    }
    Ok(())
}

fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let paths = DESCRIPTION["paths"].as_object()?;
    let alike = |template: &str| {
        let (template, path) = (template.split('/'), path.trim_end_matches('/').split('/'));
        template.clone().count() == path.clone().count()
            && template
                .zip(path)
                .all(|(part, given)| part.starts_with('{') || part == given)
    };
    // A path in so many words goes before one with variables.
    let mut found: Vec<_> = paths.iter().filter(|(template, _)| alike(template)).collect();
    found.sort_by_key(|(template, _)| template.matches('{').count());
    found
        .into_iter()
        .find_map(|(_, methods)| methods.get(method.to_lowercase()))
}

/// Whether a value is what a schema says. Knows the words that the description uses.
fn fits(value: &Value, schema: &'static Value, at: &str) -> std::result::Result<(), String> {
    let wrong = |what: String| Err(format!("{at} {what}"));
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        let component = &DESCRIPTION["components"]["schemas"][name];
        return match component.is_null() {
            true => wrong(format!("is a {name}, which is not described")),
            false => fits(value, component, at),
        };
    }
    if value.is_null() && schema["nullable"] == true {
        return Ok(());
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let tried: Vec<_> = choices.iter().map(|choice| fits(value, choice, at)).collect();
        if tried.iter().filter(|fit| fit.is_ok()).count() != 1 {
            return wrong(format!("is not one of {tried:?}"));
        }
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fits(value, part, at)?;
    }
    if let Some(choice) = schema["enum"].as_array()
        && !choice.contains(value)
    {
        return wrong(format!("is {value}, not one of {choice:?}"));
    }
    let kind = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !kind {
        return wrong(format!("is no {}", schema["type"]));
    }
    if let Some(text) = value.as_str() {
        let length = text.chars().count() as u64;
        let within = schema["minLength"].as_u64().is_none_or(|least| least <= length)
            && schema["maxLength"].as_u64().is_none_or(|most| length <= most);
        let pattern = schema["pattern"].as_str().map(regex::Regex::new);
        let formed = match schema["format"].as_str() {
            Some("uuid") => text.len() == 36,
            Some("date") => text.parse::<kernel::clock::BusinessDate>().is_ok(),
            Some("date-time") => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
            _ => true,
        };
        if !within
            || !formed
            || pattern.is_some_and(|pattern| !pattern.is_ok_and(|pattern| pattern.is_match(text)))
        {
            return wrong(format!("is {text:?}, against {schema}"));
        }
    }
    if let (Some(number), false) = (
        value.as_i64(),
        schema["minimum"].is_null() && schema["maximum"].is_null(),
    ) {
        let bound = |name: &str| {
            schema[name]
                .to_string()
                .parse::<serde_json::Number>()
                .ok()
                .and_then(|bound| bound.as_f64())
        };
        let beyond = bound("minimum").is_some_and(|least| (number as f64) < least)
            || bound("maximum").is_some_and(|most| number as f64 > most);
        if beyond {
            return wrong(format!("is {number}, out of range"));
        }
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        let name = required.as_str().unwrap_or_default();
        if value.get(name).is_none() {
            return wrong(format!("lacks {name}"));
        }
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (name, property) in properties {
            if let Some(field) = value.get(name) {
                fits(field, property, &format!("{at}.{name}"))?;
            }
        }
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        fits(item, &schema["items"], &format!("{at}[{place}]"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn examples_are_what_their_schemas_say() {
        let mut seen = 0;
        let paths = DESCRIPTION["paths"].as_object().unwrap().iter();
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().unwrap() {
                let answers = operation["responses"].as_object().unwrap().values();
                for part in answers.chain([&operation["requestBody"]]) {
                    for (_, media) in part["content"].as_object().into_iter().flatten() {
                        if let Some(example) = media.get("example") {
                            seen += 1;
                            let fit = fits(example, &media["schema"], "");
                            assert_eq!(fit, Ok(()), "{method} {path}: {example}");
                        }
                    }
                }
            }
        }
        assert!(seen > 100, "only {seen} examples");
    }

    #[test]
    fn what_is_not_described_is_found() {
        let good = json!({ "code": 1200, "data": { "token": "t", "expires_in": 3600 }, "msg": "" });
        let told = |status, body: &Value| {
            check("POST", "/api/h5/auth/phone", status, body).map_err(|why| why.to_string())
        };
        assert_eq!(told(200, &good), Ok(()));
        let problem = |code: u16| json!({ "code": code, "data": null, "msg": "no" });
        assert_eq!(told(422, &problem(2301)), Ok(()));
        assert!(told(422, &problem(3002)).unwrap_err().contains("not one of"));
        assert!(told(409, &problem(3002)).unwrap_err().contains("not described"));
        for (field, value) in [
            ("token", json!(7)),
            ("token", Value::Null),
            ("expires_in", json!("3600")),
        ] {
            let mut bad = good.clone();
            bad["data"][field] = value;
            assert!(told(200, &bad).is_err(), "{bad}");
        }
        let mut lacking = good.clone();
        lacking["data"].as_object_mut().unwrap().remove("token");
        assert!(told(200, &lacking).unwrap_err().contains("lacks token"));
        assert!(check("GET", "/nowhere", 200, &good).is_err());
        assert!(check("GET", "/nowhere", 404, &problem(1404)).is_ok());
    }
}
