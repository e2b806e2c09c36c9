//! JSON bodies of partners, read once their signature holds.

use crate::http::body::{Body, parse};
use crate::http::error::Failure;
use crate::http::signed::{SignedBody, SignedOrLegacyBody};
use poem::{FromRequest, Request, RequestBody, Result};
use poem_openapi::registry::{MetaRequest, Registry};
use poem_openapi::types::ParseFromJSON;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

macro_rules! signed {
    ($($(#[$doc:meta])* $name:ident from $raw:ident),* $(,)?) => {$(
        $(#[$doc])*
        pub struct $name<T>(pub T);

        impl<'a, T: ParseFromJSON> ApiExtractor<'a> for $name<T> {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                Body::<T>::register(registry);
            }

            fn request_meta() -> Option<MetaRequest> {
                Body::<T>::request_meta()
            }

            async fn from_request(
                request: &'a Request,
                body: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> Result<Self> {
                let raw = <$raw as FromRequest>::from_request(request, body).await?;
                Ok($name(parse(&raw.0).map_err(Failure)?))
            }
        }
    )*};
}

signed! {
    /// A body signed as contracts.md 3.7 has it.
    Signed from SignedBody,
    /// A body signed so, or by the MD5 in it where the configuration lets that pass.
    SignedOrLegacy from SignedOrLegacyBody,
}
