//! What a partner answers.

use serde_json::{Value, json};

use crate::script::Partner;
use crate::wxpay;

/// An answer before it is sealed and sent.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
    /// Content type.
    pub content_type: &'static str,
}

impl Reply {
    /// 200 with JSON.
    pub fn json(value: Value) -> Self {
        Self::status(200, value)
    }

    /// JSON under another status.
    pub fn status(status: u16, value: Value) -> Self {
        Self {
            status,
            body: value.to_string().into_bytes(),
            content_type: "application/json",
        }
    }

    /// 200 with XML.
    pub fn xml(text: String) -> Self {
        Self {
            status: 200,
            body: text.into_bytes(),
            content_type: "text/xml",
        }
    }
}

/// How each partner says no.
pub fn refusal(
    partner: Partner,
    endpoint: &str,
    code: &Value,
    status: Option<u16>,
    body: Option<Value>,
) -> Reply {
    if endpoint.starts_with("v2_") {
        return wxpay::legacy::refusal(code.as_str().unwrap_or("SYSTEMERROR"), "refused");
    }
    let usual = match partner {
        Partner::Gateway => json!({"code": code, "msg": "refused"}),
        Partner::Launch => json!({"resultCode": code, "msg": "refused"}),
        Partner::Wxpay => json!({"code": code, "message": "refused", "detail": null}),
        Partner::Wechat => json!({"errcode": code, "errmsg": "refused"}),
        Partner::Sms => json!({"Code": code, "Message": "refused", "RequestId": uuid::Uuid::new_v4()}),
    };
    let usual_status = if partner == Partner::Wxpay { 400 } else { 200 };
    Reply::status(status.unwrap_or(usual_status), body.unwrap_or(usual))
}
