//! Notifications of WeChat Pay. A hint to query, no more: they come twice and out of order.

use super::Area;
use crate::app_state::AppState;
use crate::http::body::Body;
use crate::http::error::Refusal;
use domain::withdrawal;
use partners::wxpay::NotifyHeaders;
use poem::web::Data;
use poem::{FromRequest, Request, RequestBody, Result};
use poem_openapi::registry::{MetaRequest, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, Object, OpenApi};

pub struct WxpayApi;

/// A notification; what it says is sealed.
#[derive(Object)]
struct PayNotification {
    /// The notification's own id.
    id: String,
    /// Like `MCHTRANSFER.BILL.FINISHED`.
    event_type: String,
    /// What it says, by AES-256-GCM.
    resource: SealedResource,
}

/// What a notification says, sealed.
#[derive(Object)]
struct SealedResource {
    /// `AEAD_AES_256_GCM`.
    algorithm: String,
    /// Base64.
    ciphertext: String,
    /// What it was sealed with.
    nonce: String,
    /// What goes with it in the clear.
    associated_data: Option<String>,
}

/// A notification as it came, with the headers that seal it.
struct Sealed {
    headers: [String; 4],
    body: Vec<u8>,
}

/// Headers of the signature.
const HEADERS: [&str; 4] = [
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Signature",
    "Wechatpay-Serial",
];

impl<'a> ApiExtractor<'a> for Sealed {
    const TYPES: &'static [ApiExtractorType] =
        &[ApiExtractorType::RequestObject, ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        Body::<PayNotification>::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Body::<PayNotification>::request_meta()
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["wechatPay"]
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
        Ok(Sealed {
            headers: HEADERS.map(header),
            body: <Vec<u8> as FromRequest>::from_request(request, body).await?,
        })
    }
}

/// What WeChat Pay is told.
#[derive(ApiResponse)]
enum Heard {
    /// Taken.
    #[oai(status = 204)]
    Taken,
}

#[OpenApi(tag = "Area::Payouts")]
impl WxpayApi {
    /// Tell that a payout changed
    ///
    /// Verified and answered at once: WeChat Pay waits five seconds. What became of the bill is asked for afterwards;
    /// a query that is lost is made by the next pass over the payouts.
    #[oai(path = "/wxpay/notify", method = "post", operation_id = "notifyPayout")]
    async fn notified(&self, app: Data<&AppState>, sealed: Sealed) -> std::result::Result<Heard, Refusal<0>> {
        let [timestamp, nonce, signature, serial] = &sealed.headers;
        let seal = NotifyHeaders {
            timestamp,
            nonce,
            signature,
            serial,
        };
        let notification = app.partners().notifications()?.open(seal, &sealed.body)?;
        let app = app.0.clone();
        tokio::spawn(async move {
            if let Err(error) =
                withdrawal::notified(app.context(), app.partners(), &notification.bill_no).await
            {
                tracing::warn!(error = %error.chain(), "a notified payout waits for the next pass");
            }
        });
        Ok(Heard::Taken)
    }
}
