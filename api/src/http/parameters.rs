//! Several parameters of a query as one argument of a handler: a page, dates, an order, a list's filters. A list and its
//! export take the same ones, declared once.

use poem::{Request, RequestBody, Result};
use poem_openapi::param::Query;
use poem_openapi::registry::{MetaApi, MetaOperationParam, MetaParamIn, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::ParseFromParameter;
use poem_openapi::{ApiExtractor, ExtractParamOptions, OpenApi};
use std::collections::HashMap;

/// What tells such an argument from true parameters in the description, until [`Described`] replaces it.
const PLACEHOLDER: &str = "parameters";

/// One of them: its name, a sentence, and what it looks like.
pub type Parameter = (&'static str, &'static str, MetaSchemaRef);

/// What an argument of several parameters says of itself.
pub fn group(parameters: impl IntoIterator<Item = Parameter>) -> MetaSchemaRef {
    let described = |(name, about, schema): Parameter| {
        let schema = MetaSchema {
            description: Some(about),
            all_of: vec![schema],
            ..MetaSchema::ANY
        };
        (name, MetaSchemaRef::Inline(Box::new(schema)))
    };
    MetaSchemaRef::Inline(Box::new(MetaSchema {
        properties: parameters.into_iter().map(described).collect(),
        ..MetaSchema::new(PLACEHOLDER)
    }))
}

/// A schema as it is.
pub fn inline(schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(schema))
}

/// Reads one that may be missing.
///
/// # Errors
/// When it is malformed; becomes 1403 with its name.
pub async fn read<T: ParseFromParameter>(
    request: &Request,
    body: &mut RequestBody,
    name: &'static str,
) -> Result<Option<T>> {
    let options = ExtractParamOptions {
        name,
        ignore_case: false,
        default_value: None,
        example_value: None,
        explode: true,
        style: None,
    };
    Ok(Query::<Option<T>>::from_request(request, body, options).await?.0)
}

/// Declares the filters of a list; each may be missing. A number may have bounds.
macro_rules! filters {
    (
        $(#[doc = $about:literal])*
        $visibility:vis struct $name:ident {
            $($(#[doc = $doc:literal])* $field:ident: $type:ty $([$least:literal, $most:literal])?),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        $visibility struct $name {
            $($(#[doc = $doc])* $field: Option<$type>,)*
        }

        impl<'a> poem_openapi::ApiExtractor<'a> for $name {
            const TYPES: &'static [poem_openapi::ApiExtractorType] = &[poem_openapi::ApiExtractorType::Parameter];
            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut poem_openapi::registry::Registry) {
                $(<$type as poem_openapi::types::Type>::register(registry);)*
            }

            fn param_in() -> Option<poem_openapi::registry::MetaParamIn> {
                Some(poem_openapi::registry::MetaParamIn::Query)
            }

            fn param_schema_ref() -> Option<poem_openapi::registry::MetaSchemaRef> {
                use poem_openapi::types::Type;
                Some($crate::http::parameters::group([$((
                    stringify!($field),
                    concat!($($doc),*).trim_ascii(),
                    <Option<$type>>::schema_ref()$(.merge(poem_openapi::registry::MetaSchema {
                        minimum: Some($least.into()),
                        maximum: Some($most.into()),
                        ..poem_openapi::registry::MetaSchema::ANY
                    }))?,
                )),*]))
            }

            async fn from_request(
                request: &'a poem::Request,
                body: &mut poem::RequestBody,
                _: poem_openapi::ExtractParamOptions<()>,
            ) -> poem::Result<Self> {
                $(
                    let $field: Option<$type> =
                        $crate::http::parameters::read(request, body, stringify!($field)).await?;
                    $(if $field.is_some_and(|number| !($least..=$most).contains(&number)) {
                        let message = concat!("must be from ", $least, " to ", $most);
                        let error = kernel::Error::params(stringify!($field), message);
                        return Err($crate::http::error::Failure(error).into());
                    })?
                )*
                Ok($name { $($field),* })
            }
        }
    };
}
pub(crate) use filters;

/// Routes whose description names each parameter wherever a handler takes several in one argument.
pub struct Described<T>(pub T);

impl<T: OpenApi> OpenApi for Described<T> {
    fn meta() -> Vec<MetaApi> {
        let mut apis = T::meta();
        let paths = apis.iter_mut().flat_map(|api| &mut api.paths);
        for operation in paths.flat_map(|path| &mut path.operations) {
            let params = std::mem::take(&mut operation.params);
            operation.params = params.into_iter().flat_map(described).collect();
        }
        apis
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(
        self,
        routes: &mut HashMap<String, HashMap<poem::http::Method, poem::endpoint::BoxEndpoint<'static>>>,
    ) {
        self.0.add_routes(routes);
    }
}

fn described(param: MetaOperationParam) -> Vec<MetaOperationParam> {
    let parts = match param.schema {
        MetaSchemaRef::Inline(schema) if schema.ty == PLACEHOLDER => schema.properties,
        _ => return vec![param],
    };
    let each = parts.into_iter().filter_map(|(name, part)| {
        let MetaSchemaRef::Inline(mut part) = part else {
            return None;
        };
        Some(MetaOperationParam {
            name: name.to_owned(),
            schema: part.all_of.pop()?,
            in_type: MetaParamIn::Query,
            description: part.description.map(str::to_owned),
            required: false,
            deprecated: false,
            explode: true,
            style: None,
        })
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::paging::{FromTo, Paging, Sorting};
    use poem_openapi::OpenApiService;
    use poem_openapi::payload::PlainText;

    kernel::sortable! {
        /// What test rows are sorted by.
        enum Column: descending(At), then ["id"] {
            /// When.
            At = "at" => "at",
        }
    }

    filters! {
        /// Of tests.
        struct Filters {
            /// Of this kind.
            kind: String,
            /// So many.
            count: i64 [0, 9],
        }
    }

    struct Lists;

    #[OpenApi]
    impl Lists {
        #[oai(path = "/list", method = "get")]
        async fn list(
            &self,
            filters: Filters,
            dates: FromTo,
            sort: Sorting<Column>,
            page: Paging<50>,
        ) -> PlainText<String> {
            let Filters { kind, count } = filters;
            let from = dates.0.from.map(|date| date.to_string());
            PlainText(format!(
                "{kind:?} {count:?} {from:?} {} {} {}",
                sort.0, page.0.current, page.0.size
            ))
        }
    }

    async fn listed(query: &str) -> String {
        let service = poem::Route::new().nest("/", OpenApiService::new(Described(Lists), "lists", "1"));
        let request = Request::builder()
            .uri(format!("/list?{query}").parse().unwrap())
            .finish();
        match poem::Endpoint::call(&service, request).await {
            Ok(answer) => poem::IntoResponse::into_response(answer)
                .into_body()
                .into_string()
                .await
                .unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[tokio::test]
    async fn every_parameter_is_read() {
        assert_eq!(listed("").await, "None None None -at 0 20");
        assert_eq!(
            listed("kind=a&count=9&from=2026-11-21&sort=at&page_size=50&current_page=2").await,
            "Some(\"a\") Some(9) Some(\"2026-11-21\") at 2 50"
        );
    }

    #[tokio::test]
    async fn what_is_wrong_is_refused_by_name() {
        for (query, word) in [
            ("count=10", "from 0 to 9"),
            ("count=x", "count"),
            ("from=2026-11-22&to=2026-11-21", "must not be after `to`"),
            ("to=2026-13-01", "to"),
            ("sort=id", "sort"),
            ("page_size=51", "from 1 to 50"),
            ("current_page=one", "current_page"),
        ] {
            let answer = listed(query).await;
            assert!(answer.contains(word), "{query}: {answer}");
        }
    }

    #[test]
    fn every_parameter_is_described() {
        let spec = OpenApiService::new(Described(Lists), "lists", "1").spec();
        let spec: serde_json::Value = serde_json::from_str(&spec).unwrap();
        let parameters = &spec["paths"]["/list"]["get"]["parameters"];
        let names = ["kind", "count", "from", "to", "sort", "current_page", "page_size"];
        for (place, name) in names.into_iter().enumerate() {
            assert_eq!(parameters[place]["name"], name);
            assert_eq!(parameters[place]["required"], false);
            assert!(parameters[place]["description"].is_string(), "{name}");
        }
        assert_eq!(parameters[1]["schema"]["maximum"], 9.0);
        assert_eq!(parameters[4]["schema"]["enum"], serde_json::json!(["at", "-at"]));
        assert_eq!(parameters[6]["schema"]["type"], "integer");
        assert_eq!(parameters[7], serde_json::Value::Null);
    }
}
