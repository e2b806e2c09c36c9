//! Short messages through Aliyun's SendSms.

mod message;
mod signature;

pub use message::{NotSent, ShortMessage, Template};

use kernel::clock::Clock;
use kernel::config::SmsConfig;
use kernel::error::Result;
use kernel::http::{Failure, Http};
use kernel::id::new_uuid;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The client.
#[derive(Debug, Clone)]
pub struct Sms {
    http: Http,
    clock: Clock,
    key_id: String,
    key_secret: SecretString,
    sign_name: String,
    template_code: String,
    retired_template_code: String,
}

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "Code", default)]
    code: String,
    #[serde(rename = "Message", default)]
    message: String,
}

impl Sms {
    /// A client for the configured address.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(config: &SmsConfig, clock: Clock) -> Result<Self> {
        Ok(Sms {
            http: Http::new("sms.host (GPET_SMS_HOST)", &config.host, config.timeout_seconds)?,
            clock,
            key_id: config.key_id.clone(),
            key_secret: config.key_secret.clone(),
            sign_name: config.sign_name.clone(),
            template_code: config.template_code.clone(),
            retired_template_code: config.retired_template_code.clone(),
        })
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Tells whether trying again makes sense.
    pub async fn send(&self, message: &ShortMessage) -> Result<(), NotSent> {
        let unwritable = |error: serde_json::Error| NotSent::Refused(error.to_string());
        // Serialised as they are, they would be masked.
        let given = message.params.iter();
        let given: BTreeMap<&str, &str> = given
            .map(|(name, value)| (name.as_str(), value.expose()))
            .collect();
        let template_params = serde_json::to_string(&given).map_err(unwritable)?;
        let timestamp = self.clock.now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let nonce = new_uuid().to_string();
        let template_code = match message.template {
            Template::VerifyCode => &self.template_code,
            Template::RobotRetired => &self.retired_template_code,
        };
        let mut params = BTreeMap::from([
            ("AccessKeyId", self.key_id.as_str()),
            ("Action", "SendSms"),
            ("Format", "JSON"),
            ("PhoneNumbers", &message.phone),
            ("RegionId", "cn-hangzhou"),
            ("SignName", &self.sign_name),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", &nonce),
            ("SignatureVersion", "1.0"),
            ("TemplateCode", template_code),
            ("TemplateParam", &template_params),
            ("Timestamp", &timestamp),
            ("Version", "2017-05-25"),
        ]);
        let signature = signature::of("POST", &params, self.key_secret.expose_secret());
        params.insert("Signature", &signature);
        let request = self.http.client().post(self.http.url("/")).form(&params);
        let answer = self.http.send(request).await.map_err(|failure| match failure {
            Failure::NotSent(words) => NotSent::Retry(words),
            Failure::Unanswered(words) => NotSent::Unknown(words),
        })?;
        match serde_json::from_slice::<Reply>(&answer.body) {
            Ok(reply) => outcome(&reply).map_err(|reason| reason.without(message.params.values())),
            Err(_) => Err(NotSent::Unknown(format!(
                "HTTP {} without a readable answer",
                answer.status
            ))),
        }
    }
}

fn outcome(reply: &Reply) -> Result<(), NotSent> {
    let words = || format!("{}: {}", reply.code, reply.message);
    match reply.code.as_str() {
        "OK" => Ok(()),
        "isv.BUSINESS_LIMIT_CONTROL" => Err(NotSent::TooMany),
        "isv.MOBILE_NUMBER_ILLEGAL" | "isv.MOBILE_COUNT_OVER_LIMIT" => Err(NotSent::BadNumber),
        "isp.SYSTEM_ERROR" | "ServiceUnavailable" | "Throttling" | "Throttling.User" => {
            Err(NotSent::Retry(words()))
        }
        "" => Err(NotSent::Unknown("the answer has no Code".to_owned())),
        // Signature, template, account, rights: nothing a second try would change.
        _ => Err(NotSent::Refused(words())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use kernel::code::Code;
    use kernel::error::Error;
    use kernel::http::testing::{answer, partner};

    #[test]
    fn codes_tell_what_to_do() {
        let reply = |code: &str| Reply {
            code: code.into(),
            message: "m".into(),
        };
        assert_eq!(outcome(&reply("OK")), Ok(()));
        assert_eq!(
            outcome(&reply("isv.BUSINESS_LIMIT_CONTROL")),
            Err(NotSent::TooMany)
        );
        assert_eq!(
            outcome(&reply("isv.MOBILE_NUMBER_ILLEGAL")),
            Err(NotSent::BadNumber)
        );
        assert!(matches!(
            outcome(&reply("isp.SYSTEM_ERROR")),
            Err(NotSent::Retry(_))
        ));
        assert!(matches!(
            outcome(&reply("isv.AMOUNT_NOT_ENOUGH")),
            Err(NotSent::Refused(_))
        ));
        assert!(matches!(
            outcome(&reply("SignatureDoesNotMatch")),
            Err(NotSent::Refused(_))
        ));
        assert_eq!(Error::from(NotSent::TooMany).code, Code::SmsTooFrequent);
        assert_eq!(Error::from(NotSent::BadNumber).field.as_deref(), Some("phone"));
        assert_eq!(Error::from(NotSent::Retry("x".into())).code, Code::PartnerFailed);
    }

    #[test]
    fn a_complaint_that_repeats_the_code_keeps_it() {
        let reply = Reply {
            code: "isv.INVALID_JSON_PARAM".into(),
            message: r#"{"code":"271828"} is not allowed"#.into(),
        };
        let reason = outcome(&reply).unwrap_err().without([&"271828".into()]);
        assert_eq!(
            reason,
            NotSent::Refused(r#"isv.INVALID_JSON_PARAM: {"code":"***"} is not allowed"#.into())
        );
        assert_eq!(NotSent::TooMany.without([]), NotSent::TooMany);
    }

    #[tokio::test]
    async fn a_message_is_sent_signed() {
        let (host, seen) = partner(vec![Box::new(|_| {
            answer(200, "", r#"{"Code":"OK","Message":"OK"}"#)
        })])
        .await;
        let config = SmsConfig {
            host,
            key_id: "id".into(),
            key_secret: "hidden".into(),
            sign_name: "gpet".into(),
            template_code: "SMS_0".into(),
            retired_template_code: "SMS_1".into(),
            timeout_seconds: 1,
        };
        let now: DateTime<Utc> = "2026-11-21T00:00:00Z".parse().unwrap();
        let message = ShortMessage {
            phone: "13800000000".into(),
            template: Template::VerifyCode,
            params: BTreeMap::from([("code".into(), "123456".into())]),
            valid_until: now,
        };
        Sms::new(&config, Clock::fixed(now))
            .unwrap()
            .send(&message)
            .await
            .unwrap();
        let seen = seen.await.unwrap().remove(0);
        for part in [
            "POST / ",
            "Signature=",
            "Timestamp=2026-11-21T00%3A00%3A00Z",
            "TemplateCode=SMS_0",
            "%7B%22code%22%3A%22123456%22%7D",
        ] {
            assert!(seen.contains(part), "{part} in {seen}");
        }
        assert!(!seen.contains("hidden"));
    }
}
