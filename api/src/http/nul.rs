//! The NUL character, which PostgreSQL's text and jsonb cannot hold: refused wherever a request may carry one, in one place.
//! Headers cannot carry it; paths and queries are looked at before a route's handler is asked, and JSON bodies as they
//! are parsed.

use super::error::Failure;
use super::path_names::{in_path, named};
use kernel::{Error, external};
use poem::endpoint::BoxEndpoint;
use poem::http::{Method, Uri};
use poem::{Endpoint, EndpointExt, Request, Response, Result};
use poem_openapi::OpenApi;
use poem_openapi::registry::{MetaApi, Registry};
use serde_json::Value;
use std::collections::HashMap;

/// Routes that refuse a NUL in path and query with 1403, and name a malformed parameter of the path as the description does.
pub struct NulFree<T>(pub T);

impl<T: OpenApi> OpenApi for NulFree<T> {
    fn meta() -> Vec<MetaApi> {
        T::meta()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        let described: Vec<String> = T::meta()
            .into_iter()
            .flat_map(|api| api.paths)
            .map(|path| path.path)
            .collect();
        let mut plain = HashMap::new();
        self.0.add_routes(&mut plain);
        for (path, methods) in plain {
            let names = in_path(&path, &described);
            let guarded = methods.into_iter().map(|(method, inner)| {
                let names = names.clone();
                (method, Guarded { inner, names }.boxed())
            });
            routes.entry(path).or_default().extend(guarded);
        }
    }
}

struct Guarded {
    inner: BoxEndpoint<'static>,
    names: Vec<(usize, String)>,
}

impl Endpoint for Guarded {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        // The original URI: nested routes see a shortened one.
        if let Some(field) = in_uri(request.original_uri(), &self.names) {
            return Err(Failure(refused(field)).into());
        }
        let answer = self.inner.call(request).await;
        answer.map_err(|error| named(error, &self.names))
    }
}

/// The parameter of path or query that has a NUL.
fn in_uri(uri: &Uri, parameters: &[(usize, String)]) -> Option<String> {
    let encoded = |text: &str| text.contains("%00");
    let segment = |place: usize| uri.path().split('/').nth(place).is_some_and(encoded);
    let with_nul = parameters.iter().find(|(place, _)| segment(*place));
    let in_query = || {
        let query = uri.query().filter(|query| encoded(query))?;
        let mut pairs = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let (name, _) = pairs.find(|(name, value)| encoded(name) || encoded(value))?;
        Some(if encoded(name) {
            "query".to_owned()
        } else {
            name.to_owned()
        })
    };
    with_nul.map(|(_, name)| name.clone()).or_else(in_query)
}

/// Refuses JSON with a NUL in a text or a name.
///
/// # Errors
/// 1403 naming the field, with its path like `rule.one.day`; those in a list like those of one object.
pub fn refuse_in_json(value: &Value) -> kernel::Result<()> {
    in_json(value, "").map_or(Ok(()), |field| Err(refused(field)))
}

fn in_json(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(|| path.to_owned()),
        Value::Array(items) => items.iter().find_map(|item| in_json(item, path)),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let inside = match path {
                "" => name.replace('\0', ""),
                path => format!("{path}.{}", name.replace('\0', "")),
            };
            match name.contains('\0') {
                true => Some(inside),
                false => in_json(value, &inside),
            }
        }),
        _ => None,
    }
}

fn refused(field: String) -> Error {
    let field = if field.is_empty() {
        "body".to_owned()
    } else {
        // A name that nobody gave it may be as long as the whole body.
        external::cut(field, external::LONGEST_NAME)
    };
    Error::params(field.clone(), format!("`{field}` must not have a NUL character"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_parameter_with_a_nul_is_named() {
        let names = [(2, "user".to_owned()), (4, "slip".to_owned())];
        let found = |uri: &str| in_uri(&uri.parse().unwrap(), &names);
        assert_eq!(found("/a/1/b/x%00?q=%00").as_deref(), Some("slip"));
        assert_eq!(found("/a/%00/b/2").as_deref(), Some("user"));
        assert_eq!(found("/a/1/b/2?p=1&q=%00&r").as_deref(), Some("q"));
        assert_eq!(found("/a/1/b/2?p%00=1").as_deref(), Some("query"));
        assert_eq!(found("/a/1/b/2?p=%2500&q=%0"), None);
    }

    #[test]
    fn a_nul_in_json_is_found_at_any_depth() {
        let field = |value: Value| refuse_in_json(&value).err().and_then(|error| error.field);
        assert_eq!(field(json!({"a": "b", "c": [1, null, {"d": "e"}]})), None);
        assert_eq!(
            field(json!({"a": [{"b": "c"}, {"b": "c\0"}]})).as_deref(),
            Some("a.b")
        );
        assert_eq!(field(json!({"a": {"b\0": 1}})).as_deref(), Some("a.b"));
        assert_eq!(field(json!("\0")).as_deref(), Some("body"));
    }
}
