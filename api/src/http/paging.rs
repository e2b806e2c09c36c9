//! Which part of a list is wanted, and in which order: each one argument of a handler.

use super::error::Failure;
use super::parameters::{self, inline};
use kernel::clock::BusinessDate;
use kernel::dates::DateFilter;
use kernel::page::{FURTHEST, Page};
use kernel::sort::{Sort, Sortable};
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

/// `current_page` and `page_size`, with at most so many rows a page.
pub struct Paging<const LARGEST: u32 = 200>(pub Page);

/// `from` and `to`: business dates, both included. What of a row must be in them, the operation says.
pub struct FromTo(pub DateFilter);

/// `sort`: one of the list's orders.
pub struct Sorting<C>(pub Sort<C>);

impl<'a, const LARGEST: u32> ApiExtractor<'a> for Paging<LARGEST> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let number = |default: u32, least: u32, most: Option<u32>| {
            inline(MetaSchema {
                default: Some(default.into()),
                minimum: Some(least.into()),
                maximum: most.map(f64::from),
                ..MetaSchema::new_with_format("integer", "uint32")
            })
        };
        Some(parameters::group([
            (
                "current_page",
                "Which page, from 0.",
                number(0, 0, Some(FURTHEST)),
            ),
            ("page_size", "Rows a page.", number(20, 1, Some(LARGEST))),
        ]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let current = parameters::read(request, body, "current_page").await?;
        let size = parameters::read(request, body, "page_size").await?;
        Ok(Paging(Page::new(current, size, LARGEST).map_err(Failure)?))
    }
}

impl<'a> ApiExtractor<'a> for FromTo {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(parameters::group([
            ("from", "This date or later, in Shanghai.", date_schema()),
            ("to", "This date or before, in Shanghai.", date_schema()),
        ]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(FromTo(dates(request, body, "from", "to").await?))
    }
}

impl<'a, C: Sortable> ApiExtractor<'a> for Sorting<C> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let about = "By what the list is sorted; with a minus the largest or newest first. What has no value comes last.";
        Some(parameters::group([("sort", about, Sort::<C>::schema_ref())]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let sort = parameters::read(request, body, "sort").await?;
        Ok(Sorting(sort.unwrap_or_default()))
    }
}

/// Two parameters that are the ends of a span.
///
/// # Errors
/// 1403 naming the one at fault.
pub async fn dates(
    request: &Request,
    body: &mut RequestBody,
    first: &'static str,
    last: &'static str,
) -> Result<DateFilter> {
    let from: Option<BusinessDate> = parameters::read(request, body, first).await?;
    let to: Option<BusinessDate> = parameters::read(request, body, last).await?;
    Ok(DateFilter::new((first, from), (last, to)).map_err(Failure)?)
}

/// A date somebody may ask for: the years are those of [`kernel::dates::YEARS`].
fn date_schema() -> MetaSchemaRef {
    inline(MetaSchema {
        pattern: Some("^2[01][0-9]{2}-[0-9]{2}-[0-9]{2}$".to_owned()),
        ..MetaSchema::new_with_format("string", "date")
    })
}
