//! How callers prove who they are. A signature takes several headers, for which poem-openapi has no scheme.

use super::operations;
use serde_json::{Map, Value, json};

/// A header of a signature: the scheme's name, its own, and what it is.
type Header = (&'static str, &'static str, &'static str);

/// What one name of a scheme stands for: headers that are needed together.
const SIGNATURES: [(&str, &[Header]); 2] = [
    (
        "partner",
        &[
            (
                "partnerTimestamp",
                "X-Gpet-Timestamp",
                "Unix seconds, at most 300 off.",
            ),
            (
                "partnerNonce",
                "X-Gpet-Nonce",
                "1 to 128 characters, never used before.",
            ),
            (
                "partnerSign",
                "X-Gpet-Sign",
                "Hex HMAC-SHA256 by the partner's secret over timestamp, nonce, method, path with query, and body, with \
                 a line feed between each.",
            ),
        ],
    ),
    (
        "wechatPay",
        &[
            ("wechatPayTimestamp", "Wechatpay-Timestamp", "Unix seconds."),
            ("wechatPayNonce", "Wechatpay-Nonce", "A random string."),
            (
                "wechatPaySignature",
                "Wechatpay-Signature",
                "WeChat Pay's signature over timestamp, nonce and body.",
            ),
            (
                "wechatPaySerial",
                "Wechatpay-Serial",
                "The number of the key it is signed with.",
            ),
        ],
    ),
];

/// Spells the schemes of signatures out.
pub fn describe(description: &mut Value) {
    for operation in operations(description) {
        let requirements = operation.get_mut("security").and_then(Value::as_array_mut);
        for requirement in requirements.into_iter().flatten() {
            for (name, headers) in SIGNATURES {
                if requirement.get(name).is_some() {
                    *requirement = headers
                        .iter()
                        .map(|(scheme, ..)| ((*scheme).to_owned(), json!([])))
                        .collect::<Map<_, _>>()
                        .into();
                }
            }
        }
    }
    let schemes = &mut description["components"]["securitySchemes"];
    for (scheme, header, about) in SIGNATURES.iter().flat_map(|(_, headers)| *headers) {
        schemes[scheme] = json!({ "type": "apiKey", "in": "header", "name": header, "description": about });
    }
}
