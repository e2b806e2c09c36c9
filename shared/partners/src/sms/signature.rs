//! Aliyun's signature of a request.

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::crypto;
use std::collections::BTreeMap;

/// Percent-encodes as Aliyun's signature demands: everything but `A-Za-z0-9-_.~`.
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(byte.into()),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
        encoded
    })
}

/// `base64(HMAC-SHA1(secret + "&", METHOD & %2F & encoded(sorted query)))`.
pub(super) fn of(method: &str, params: &BTreeMap<&str, &str>, secret: &str) -> String {
    let query: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    let text = format!("{method}&%2F&{}", encode(&query.join("&")));
    STANDARD.encode(crypto::hmac_sha1(
        format!("{secret}&").as_bytes(),
        text.as_bytes(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_matches_the_documented_example() {
        // From Aliyun's description of the SendSms signature.
        let params = BTreeMap::from([
            ("AccessKeyId", "testId"),
            ("Action", "SendSms"),
            ("Format", "XML"),
            ("OutId", "123"),
            ("PhoneNumbers", "15300000001"),
            ("RegionId", "cn-hangzhou"),
            ("SignName", "阿里云短信测试专用"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", "45e25e9b-0a6f-4070-8c85-2956eda1b466"),
            ("SignatureVersion", "1.0"),
            ("TemplateCode", "SMS_71390007"),
            ("TemplateParam", "{\"customer\":\"test\"}"),
            ("Timestamp", "2017-07-12T02:42:19Z"),
            ("Version", "2017-05-25"),
        ]);
        assert_eq!(of("GET", &params, "testSecret"), "zJDF+Lrzhj/ThnlvIToysFRq6t4=");
    }
}
