//! Which page of a list is wanted: one argument of a handler, two parameters of a query.

use super::error::Failure;
use kernel::page::{FURTHEST, Page};
use poem::{Request, RequestBody, Result};
use poem_openapi::param::Query;
use poem_openapi::registry::{MetaApi, MetaOperationParam, MetaParamIn, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, OpenApi};
use std::collections::HashMap;

/// What tells the argument from true parameters in the description, until [`Paged`] replaces it.
const PLACEHOLDER: &str = "page";

/// `current_page` and `page_size`, with at most so many rows a page.
pub struct Paging<const LARGEST: u32 = 200>(pub Page);

/// A parameter of the query that may be missing.
type Number = Query<Option<u32>>;

impl<'a, const LARGEST: u32> ApiExtractor<'a> for Paging<LARGEST> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let schema = MetaSchema {
            maximum: Some(LARGEST.into()),
            ..MetaSchema::new_with_format(PLACEHOLDER, PLACEHOLDER)
        };
        Some(MetaSchemaRef::Inline(Box::new(schema)))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let current = Number::from_request(request, body, named("current_page")).await?;
        let size = Number::from_request(request, body, named("page_size")).await?;
        Ok(Paging(Page::new(current.0, size.0, LARGEST).map_err(Failure)?))
    }
}

fn named(name: &'static str) -> ExtractParamOptions<Option<u32>> {
    ExtractParamOptions {
        name,
        ignore_case: false,
        default_value: None,
        example_value: None,
        explode: true,
        style: None,
    }
}

/// Routes whose description names both parameters wherever a handler takes a [`Paging`].
pub struct Paged<T>(pub T);

impl<T: OpenApi> OpenApi for Paged<T> {
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
    let MetaSchemaRef::Inline(schema) = &param.schema else {
        return vec![param];
    };
    if schema.ty != PLACEHOLDER {
        return vec![param];
    }
    let number = |name: &str, about: &str, default: u32, range: (u32, Option<f64>)| MetaOperationParam {
        name: name.to_owned(),
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
            default: Some(default.into()),
            minimum: Some(range.0.into()),
            maximum: range.1,
            ..MetaSchema::new_with_format("integer", "uint32")
        })),
        in_type: param.in_type,
        description: Some(about.to_owned()),
        required: false,
        deprecated: false,
        explode: true,
        style: None,
    };
    vec![
        number(
            "current_page",
            "Which page, from 0.",
            0,
            (0, Some(FURTHEST.into())),
        ),
        number("page_size", "Rows a page.", 20, (1, schema.maximum)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::OpenApiService;
    use poem_openapi::payload::PlainText;

    struct Lists;

    #[OpenApi]
    impl Lists {
        #[oai(path = "/list", method = "get")]
        async fn list(&self, kind: Query<Option<String>>, page: Paging<50>) -> PlainText<String> {
            PlainText(format!("{:?} {} {}", kind.0, page.0.current, page.0.size))
        }
    }

    async fn listed(query: &str) -> String {
        let service = poem::Route::new().nest("/", OpenApiService::new(Paged(Lists), "lists", "1"));
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
    async fn both_parameters_are_read() {
        assert_eq!(listed("").await, "None 0 20");
        assert_eq!(
            listed("kind=a&page_size=50&current_page=2").await,
            "Some(\"a\") 2 50"
        );
        assert!(listed("page_size=51").await.contains("from 1 to 50"));
        assert!(listed("current_page=one").await.contains("current_page"));
    }

    #[test]
    fn both_parameters_are_described() {
        let spec = OpenApiService::new(Paged(Lists), "lists", "1").spec();
        let spec: serde_json::Value = serde_json::from_str(&spec).unwrap();
        let parameters = &spec["paths"]["/list"]["get"]["parameters"];
        for (place, name) in ["kind", "current_page", "page_size"].into_iter().enumerate() {
            assert_eq!(parameters[place]["name"], name);
            assert_eq!(parameters[place]["required"], false);
        }
        assert_eq!(parameters[2]["schema"]["type"], "integer");
        assert_eq!(parameters[3], serde_json::Value::Null);
    }
}
