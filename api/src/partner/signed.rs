//! JSON bodies of partners, read once their signature holds.

use crate::http::body::{Body, parse};
use crate::http::error::Failure;
use crate::http::signed::{SignedBody, SignedOrLegacyBody};
use poem::{FromRequest, Request, RequestBody, Result};
use poem_openapi::registry::{MetaRequest, Registry};
use poem_openapi::types::ParseFromJSON;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::marker::PhantomData;

/// The description of a signed body: its JSON, and the signature's headers.
macro_rules! described {
    ($fallback:literal) => {
        const TYPES: &'static [ApiExtractorType] = &[
            ApiExtractorType::RequestObject,
            ApiExtractorType::SecurityScheme,
        ];
        type ParamType = ();
        type ParamRawType = ();

        fn register(registry: &mut Registry) {
            Body::<T>::register(registry);
        }

        fn request_meta() -> Option<MetaRequest> {
            Body::<T>::request_meta()
        }

        fn security_schemes() -> Vec<&'static str> {
            vec!["partner"]
        }

        fn has_security_fallback() -> bool {
            $fallback
        }
    };
}

macro_rules! signed {
    ($($(#[$doc:meta])* $name:ident and $bytes:ident from $raw:ident, or none: $fallback:literal;)*) => {$(
        $(#[$doc])*
        pub struct $name<T>(pub T);

        impl<'a, T: ParseFromJSON> ApiExtractor<'a> for $name<T> {
            described!($fallback);

            async fn from_request(
                request: &'a Request,
                body: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> Result<Self> {
                let raw = <$raw as FromRequest>::from_request(request, body).await?;
                Ok($name(parse(&raw.0).map_err(Failure)?))
            }
        }

        /// The same as it came, for routes that read it themselves; `T` describes it.
        pub struct $bytes<T>(pub Vec<u8>, PhantomData<fn() -> T>);

        impl<'a, T: ParseFromJSON> ApiExtractor<'a> for $bytes<T> {
            described!($fallback);

            async fn from_request(
                request: &'a Request,
                body: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> Result<Self> {
                let raw = <$raw as FromRequest>::from_request(request, body).await?;
                Ok($bytes(raw.0, PhantomData))
            }
        }
    )*};
}

signed! {
    /// A body signed by the `X-Gpet-` headers.
    Signed and SignedBytes from SignedBody, or none: false;
    /// A body signed so, or by the MD5 in it where the configuration lets that pass.
    SignedOrLegacy and SignedOrLegacyBytes from SignedOrLegacyBody, or none: true;
}
