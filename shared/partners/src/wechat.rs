//! WeChat's OAuth: from a one-time code to the person behind it.

use kernel::code::Code;
use kernel::config::WechatConfig;
use kernel::error::{Error, Result};
use kernel::external::{LONGEST_ADDRESS, LONGEST_NAME, cut, is_code, without_nul};
use kernel::http::Http;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;

const NAME: &str = "WeChat";
/// Errors that are the code's own fault: invalid, used before.
const BAD_CODE: [i64; 2] = [40029, 40163];

/// Who a code stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The person's id at our app.
    pub open_id: String,
    /// The person's id over all apps of our account; WeChat leaves it out for an app that stands alone.
    pub union_id: Option<String>,
    /// Empty when the user agreed to the silent scope only. Cut where it is too long to be a name.
    pub nickname: String,
    /// Empty likewise, and when it is too long to be an address.
    pub head_url: String,
}

/// The client.
#[derive(Debug, Clone)]
pub struct WechatOauth {
    http: Http,
    app_id: String,
    secret: SecretString,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    openid: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    unionid: Option<String>,
}

#[derive(Deserialize)]
struct UserInfo {
    openid: String,
    #[serde(default)]
    nickname: String,
    #[serde(default)]
    headimgurl: String,
    #[serde(default)]
    unionid: Option<String>,
}

#[derive(Deserialize)]
struct Complaint {
    #[serde(default)]
    errcode: i64,
}

impl WechatOauth {
    /// A client for the configured address.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(config: &WechatConfig) -> Result<Self> {
        Ok(WechatOauth {
            http: Http::new(
                "wechat.host (GPET_WECHAT_HOST)",
                &config.host,
                config.timeout_seconds,
            )?,
            app_id: config.app_id.clone(),
            secret: config.secret.clone(),
        })
    }

    /// Exchanges a code, which is good for one use, for the person.
    ///
    /// # Errors
    /// 2501 when WeChat does not accept the code; 1101 when WeChat fails.
    pub async fn identify(&self, code: &str) -> Result<Identity> {
        let token: Token = self
            .get(
                "/sns/oauth2/access_token",
                &[
                    ("appid", &self.app_id),
                    ("secret", self.secret.expose_secret()),
                    ("code", code),
                    ("grant_type", "authorization_code"),
                ],
            )
            .await?;
        if token.scope == "snsapi_base" {
            return identity(token, None);
        }
        let query = [
            ("access_token", token.access_token.as_str()),
            ("openid", &token.openid),
            ("lang", "zh_CN"),
        ];
        let info = self.get("/sns/userinfo", &query).await?;
        identity(token, Some(info))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        let request = self.http.client().get(self.http.url(path)).query(query);
        let answer = self
            .http
            .send(request)
            .await
            .map_err(|failure| Error::partner(NAME, failure))?;
        if answer.status != 200 {
            return Err(Error::partner(NAME, format!("HTTP {}", answer.status)));
        }
        let unreadable = |_| Error::partner(NAME, format!("{path}: the answer cannot be read"));
        let complaint: Complaint = serde_json::from_slice(&answer.body).map_err(unreadable)?;
        match complaint.errcode {
            0 => serde_json::from_slice(&answer.body).map_err(unreadable),
            code if BAD_CODE.contains(&code) => Err(Error {
                source: Some(format!("errcode {code}").into()),
                ..Error::new(Code::WechatAuthError, "WeChat does not accept this code")
                    .with_data(serde_json::json!({ "reason": "bad_code" }))
            }),
            code => Err(Error::partner(NAME, format!("{path}: errcode {code}"))),
        }
    }
}

fn identity(token: Token, info: Option<UserInfo>) -> Result<Identity> {
    let told = |id: Option<String>| id.filter(|id| !id.is_empty());
    let (mut nickname, mut head_url, mut union_id) = (String::new(), String::new(), None);
    if let Some(info) = info {
        if info.openid != token.openid {
            return Err(Error::partner(
                NAME,
                "two answers about one code name different people",
            ));
        }
        (nickname, head_url, union_id) = (info.nickname, info.headimgurl, told(info.unionid));
    }
    let union_id = union_id.or_else(|| told(token.unionid));
    let ids = [Some(&token.openid), union_id.as_ref()];
    if !ids.into_iter().flatten().all(|id| is_code(id)) {
        return Err(Error::partner(NAME, "the answer names nobody"));
    }
    let address = Some(without_nul(head_url)).filter(|address| address.len() <= LONGEST_ADDRESS);
    Ok(Identity {
        open_id: token.openid,
        union_id,
        nickname: cut(without_nul(nickname), LONGEST_NAME),
        head_url: address.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::http::testing::{React, answer, partner};

    fn client(host: String) -> WechatOauth {
        let config = WechatConfig {
            host,
            app_id: "wx1".into(),
            secret: "hidden".into(),
            timeout_seconds: 1,
        };
        WechatOauth::new(&config).unwrap()
    }

    fn says(body: &'static str) -> React {
        Box::new(move |_| answer(200, "", body))
    }

    #[tokio::test]
    async fn a_code_becomes_a_person() {
        let (base, seen) = partner(vec![
            says(r#"{"access_token":"at","expires_in":7200,"openid":"o-1","scope":"snsapi_userinfo"}"#),
            says(r#"{"openid":"o-1","nickname":"Ann","headimgurl":"https://x.example/a.png","unionid":"u-1","sex":0}"#),
        ])
        .await;
        let person = client(base).identify("c 1").await.unwrap();
        assert_eq!(
            person,
            Identity {
                open_id: "o-1".into(),
                union_id: Some("u-1".into()),
                nickname: "Ann".into(),
                head_url: "https://x.example/a.png".into(),
            }
        );
        let seen = seen.await.unwrap();
        assert!(
            seen[0].contains("appid=wx1&secret=hidden&code=c+1&grant_type=authorization_code"),
            "{}",
            seen[0]
        );
        assert!(
            seen[1].starts_with("GET /sns/userinfo?access_token=at&openid=o-1&lang=zh_CN"),
            "{}",
            seen[1]
        );
    }

    #[tokio::test]
    async fn the_silent_scope_asks_no_further() {
        let (base, seen) = partner(vec![says(
            r#"{"access_token":"at","openid":"o-1","scope":"snsapi_base","unionid":"u-1"}"#,
        )])
        .await;
        let person = client(base).identify("c").await.unwrap();
        assert_eq!(
            (person.union_id.as_deref(), person.nickname.as_str()),
            (Some("u-1"), "")
        );
        assert_eq!(seen.await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_bad_code_is_2501_and_everything_else_1101() {
        for (body, code) in [
            (
                r#"{"errcode":40029,"errmsg":"invalid code"}"#,
                Code::WechatAuthError,
            ),
            (
                r#"{"errcode":40163,"errmsg":"code been used"}"#,
                Code::WechatAuthError,
            ),
            (
                r#"{"errcode":40125,"errmsg":"invalid appsecret"}"#,
                Code::PartnerFailed,
            ),
            ("<html>", Code::PartnerFailed),
            ("{}", Code::PartnerFailed),
        ] {
            let (base, _seen) = partner(vec![says(body)]).await;
            let error = client(base).identify("c").await.unwrap_err();
            assert_eq!(error.code, code, "{body}");
            assert!(!error.chain().contains("hidden"), "{}", error.chain());
        }
    }

    #[tokio::test]
    async fn two_answers_must_agree() {
        let (base, _seen) = partner(vec![
            says(r#"{"access_token":"at","openid":"o-1","scope":"snsapi_userinfo"}"#),
            says(r#"{"openid":"o-2","unionid":"u-2"}"#),
        ])
        .await;
        assert_eq!(
            client(base).identify("c").await.unwrap_err().code,
            Code::PartnerFailed
        );
    }
}
