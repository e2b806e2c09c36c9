//! The API's description: what poem-openapi makes of the routes, and what it has no words for. Each step is one file.

mod enums;
mod examples;
mod nulls;
mod numbers;
mod responses;
mod security;

use serde_json::{Map, Value};

/// A JSON object.
type Object = Map<String, Value>;

/// Completes what poem-openapi made.
///
/// # Errors
/// When that is no JSON.
pub fn complete(spec: &str) -> kernel::Result<Value> {
    let mut description: Value = serde_json::from_str(spec)?;
    security::describe(&mut description);
    responses::describe(&mut description);
    nulls::describe(&mut description);
    enums::describe(&mut description);
    numbers::describe(&mut description);
    examples::describe(&mut description);
    Ok(description)
}

/// Every path with the methods it knows.
pub fn methods(description: &Value) -> Vec<(String, Vec<String>)> {
    let paths = description["paths"].as_object().into_iter().flatten();
    paths
        .map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            (
                path.clone(),
                methods.map(|(method, _)| method.to_uppercase()).collect(),
            )
        })
        .collect()
}

/// Every operation.
fn operations(description: &mut Value) -> impl Iterator<Item = &mut Object> {
    let paths = description["paths"].as_object_mut().into_iter().flatten();
    let methods = paths.flat_map(|(_, methods)| methods.as_object_mut().into_iter().flatten());
    methods.filter_map(|(_, operation)| operation.as_object_mut())
}

/// The component a schema refers to.
fn component<'a>(description: &'a Value, reference: &str) -> &'a Value {
    let name = reference.rsplit('/').next().unwrap_or_default();
    &description["components"]["schemas"][name]
}
