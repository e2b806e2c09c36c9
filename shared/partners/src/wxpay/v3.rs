//! Calls to WeChat Pay v3: signed on the way out, verified on the way in.

use super::answer::{PayoutAnswer, PayoutOutcome};
use super::signing::{NotifyHeaders, Signer, Verifier};
use kernel::clock::Clock;
use kernel::config::WxpayConfig;
use kernel::error::{Error, Result};
use kernel::external;
use kernel::http::{Answer, Http, Tls};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Certificate, Method};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Where the payout interfaces live.
pub(super) const BASE: &str = "/v3/fund-app/mch-transfer";

/// The caller.
pub(super) struct V3 {
    http: Http,
    signer: Signer,
    verifier: Verifier,
}

/// What a refusal looks like.
#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// What did not come back as hoped.
pub(super) enum CallError {
    /// A verified 4xx: the partner's code and words.
    Refused(u16, String, String),
    /// No answer, one that cannot be believed or read, or the partner's own failure.
    Unknown(String),
}

impl From<CallError> for PayoutAnswer {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused(_, code, message) => {
                PayoutAnswer::new(PayoutOutcome::Refused { code, message })
            }
            CallError::Unknown(why) => PayoutAnswer::unknown(why),
        }
    }
}

impl CallError {
    /// For calls that are about no single payout.
    pub(super) fn into_error(self) -> Error {
        let words = match self {
            CallError::Refused(status, code, message) => format!("HTTP {status} {code}: {message}"),
            CallError::Unknown(why) => why,
        };
        Error::partner("WeChat Pay", words)
    }
}

impl V3 {
    pub(super) fn new(config: &WxpayConfig, clock: &Clock) -> Result<Self> {
        for (key, value) in [
            ("wxpay.mch_id (GPET_WXPAY_MCH_ID)", &config.mch_id),
            ("wxpay.app_id (GPET_WXPAY_APP_ID)", &config.app_id),
            ("wxpay.serial (GPET_WXPAY_SERIAL)", &config.serial),
            (
                "wxpay.platform_serial (GPET_WXPAY_PLATFORM_SERIAL)",
                &config.platform_serial,
            ),
        ] {
            if value.is_empty() {
                return Err(Error::params(key, format!("configuration: {key} is missing")));
            }
        }
        let tls = Tls {
            roots: roots(&config.ca_path)?,
            identity: None,
        };
        Ok(V3 {
            http: Http::with_tls(
                "wxpay.host (GPET_WXPAY_HOST)",
                &config.host,
                config.timeout_seconds,
                tls,
            )?,
            signer: Signer::new(config, clock.clone())?,
            verifier: Verifier::new(config, clock.clone())?,
        })
    }

    /// One call, sent once. `path` starts below the base address; `query` must need no escaping.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: Option<&str>,
        body: String,
    ) -> Result<T, CallError> {
        let mut url = self.http.url(path);
        url.set_query(query);
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let authorization = self
            .signer
            .authorization(method.as_str(), &target, &body)
            .map_err(|error| CallError::Unknown(error.chain()))?;
        let mut request = self
            .http
            .client()
            .request(method, url)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, authorization);
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let answer = self
            .http
            .send(request)
            .await
            .map_err(|failure| CallError::Unknown(failure.to_string()))?;
        self.read(&answer)
    }

    fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, CallError> {
        let status = answer.status;
        self.verifier
            .verify(seal_of(&answer.headers), &answer.body)
            .map_err(|why| CallError::Unknown(format!("HTTP {status} that cannot be believed: {why}")))?;
        if status == 200 {
            return serde_json::from_slice(&answer.body)
                .map_err(|error| unknown(format!("an answer that cannot be read: {error}")));
        }
        let complaint: Option<ErrorBody> = serde_json::from_slice(&answer.body).ok();
        match complaint {
            // 429 and 5xx say nothing about the bill, whatever their code.
            Some(complaint)
                if (400..500).contains(&status) && status != 429 && !complaint.code.is_empty() =>
            {
                let (code, message) = (
                    external::reason(&complaint.code),
                    external::reason(&complaint.message),
                );
                Err(CallError::Refused(status, code, message))
            }
            Some(complaint) => Err(unknown(format!(
                "HTTP {status} {}: {}",
                complaint.code, complaint.message
            ))),
            None => Err(unknown(format!("HTTP {status}"))),
        }
    }
}

/// Nobody knows; the words are kept with the payout, whatever they quote.
fn unknown(words: String) -> CallError {
    CallError::Unknown(external::reason(&words))
}

fn seal_of(headers: &HeaderMap) -> NotifyHeaders<'_> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    };
    NotifyHeaders {
        timestamp: text("wechatpay-timestamp"),
        nonce: text("wechatpay-nonce"),
        signature: text("wechatpay-signature"),
        serial: text("wechatpay-serial"),
    }
}

fn roots(path: &str) -> Result<Vec<Certificate>> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let key = "wxpay.ca_path (CAFILE_PATH)";
    let wrong = |error: String| Error::params(key, format!("configuration: {key}: {path}: {error}"));
    let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    Certificate::from_pem_bundle(&pem).map_err(|error| wrong(error.to_string()))
}
