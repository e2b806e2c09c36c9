//! The SMS service (Aliyun SendSms): checks the signature and keeps what it would have sent.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::DateTime;
use poem::{Route, get};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::{Call, Reply, form, watched};
use crate::clock;
use crate::partners::Partners;
use crate::script::Partner;

/// Minutes that two clocks may differ.
const WINDOW: i64 = 15;

/// A short message that was accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShortMessage {
    /// To whom.
    pub phone: String,
    /// Which template.
    pub template: String,
    /// Under which name.
    pub sign_name: String,
    /// The template's parameters.
    pub params: Value,
    /// When.
    pub at: String,
}

impl ShortMessage {
    /// The parameter named `code`, which verification templates have.
    pub fn code(&self) -> Option<String> {
        match self.params.get("code")? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}

/// What the service keeps.
#[derive(Default)]
pub struct SmsBooks {
    /// Messages in the order they came.
    pub sent: Vec<ShortMessage>,
    nonces: HashSet<String>,
}

/// The SMS service.
#[derive(Default)]
pub struct Sms(Mutex<SmsBooks>);

impl Sms {
    /// The books.
    pub fn books(&self) -> MutexGuard<'_, SmsBooks> {
        self.0.lock().expect("no holder of this lock panics")
    }
}

/// Everything below `/sms`.
pub fn routes(p: &Arc<Partners>) -> Route {
    let send = || watched(p, Partner::Sms, "send_sms", send);
    Route::new().at("/", get(send()).post(send()))
}

/// Percent-encodes as the signature demands: everything but `A-Za-z0-9-_.~`.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// The signature of a call with these parameters (without `Signature`).
pub fn signature(method: &str, params: &BTreeMap<String, String>, secret: &str) -> String {
    let sorted: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    let text = format!("{method}&%2F&{}", encode(&sorted.join("&")));
    let key = hmac::Key::new(
        hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        format!("{secret}&").as_bytes(),
    );
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::status(
        status,
        json!({"Code": code, "Message": message, "RequestId": Uuid::new_v4()}),
    )
}

async fn send(call: Call) -> Reply {
    let body = String::from_utf8_lossy(&call.body).into_owned();
    let mut params: BTreeMap<String, String> = call.query().into_iter().chain(form(&body)).collect();
    let given = params.remove("Signature").unwrap_or_default();
    let value = |name: &str| params.get(name).cloned().unwrap_or_default();

    if value("AccessKeyId") != call.partners.settings.sms_key_id {
        return error(
            404,
            "InvalidAccessKeyId.NotFound",
            "Specified access key is not found.",
        );
    }
    if value("SignatureMethod") != "HMAC-SHA1" || value("SignatureVersion") != "1.0" {
        return error(
            400,
            "InvalidParameter",
            "SignatureMethod must be HMAC-SHA1, SignatureVersion 1.0",
        );
    }
    if given
        != signature(
            call.method.as_str(),
            &params,
            &call.partners.settings.sms_key_secret,
        )
    {
        return error(
            400,
            "SignatureDoesNotMatch",
            "Specified signature is not matched with our calculation.",
        );
    }
    let fresh = DateTime::parse_from_rfc3339(&value("Timestamp")).is_ok_and(|at| {
        (clock::now() - at.with_timezone(&clock::now().timezone()))
            .num_minutes()
            .abs()
            <= WINDOW
    });
    if !fresh {
        return error(
            400,
            "InvalidTimeStamp.Expired",
            "Specified time stamp or date value is expired.",
        );
    }
    if value("Action") != "SendSms" || value("Version") != "2017-05-25" {
        return error(404, "InvalidAction.NotFound", "Specified api is not found.");
    }
    if !call.partners.sms.books().nonces.insert(value("SignatureNonce")) {
        return error(
            400,
            "SignatureNonceUsed",
            "Specified signature nonce was used already.",
        );
    }
    for name in ["PhoneNumbers", "SignName", "TemplateCode"] {
        if value(name).is_empty() {
            return error(
                400,
                &format!("Missing{name}"),
                &format!("{name} is mandatory for this action."),
            );
        }
    }
    accept(
        &call,
        value("PhoneNumbers"),
        value("SignName"),
        value("TemplateCode"),
        &value("TemplateParam"),
    )
}

fn accept(call: &Call, phone: String, sign_name: String, template: String, params: &str) -> Reply {
    let mobile = phone.len() == 11
        && phone.bytes().all(|b| b.is_ascii_digit())
        && matches!(phone.as_bytes(), [b'1', b'3'..=b'9', ..]);
    if !mobile {
        return error(200, "isv.MOBILE_NUMBER_ILLEGAL", "invalid mobile number");
    }
    let params: Value = match serde_json::from_str(if params.is_empty() { "{}" } else { params }) {
        Ok(params @ Value::Object(_)) => params,
        _ => {
            return error(
                200,
                "isv.INVALID_JSON_PARAM",
                "TemplateParam is not a JSON object",
            );
        }
    };
    let at = clock::now().to_rfc3339();
    call.partners.sms.books().sent.push(ShortMessage {
        phone,
        template,
        sign_name,
        params,
        at,
    });
    Reply::json(json!({
        "Code": "OK", "Message": "OK", "RequestId": Uuid::new_v4(), "BizId": Uuid::new_v4().simple().to_string(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_covers_method_names_and_values() {
        let params = BTreeMap::from([
            ("Action".to_owned(), "SendSms".to_owned()),
            ("TemplateParam".to_owned(), "{\"code\":\"1 2*3~\"}".to_owned()),
        ]);
        assert_eq!(encode("a b*~/中"), "a%20b%2A~%2F%E4%B8%AD");
        let signed = signature("GET", &params, "secret");
        assert_eq!(signed, signature("GET", &params, "secret"));
        assert_ne!(signed, signature("POST", &params, "secret"));
        assert_ne!(signed, signature("GET", &params, "Secret"));
        let mut other = params.clone();
        other.insert("Action".into(), "SendSmt".into());
        assert_ne!(signed, signature("GET", &other, "secret"));
    }
}
