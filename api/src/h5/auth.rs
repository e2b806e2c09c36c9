//! Logging in as a user: by a code on the phone, or by a code of WeChat's.

use super::Area;
use crate::app_state::AppState;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, Nothing, answer, done};
use crate::http::request_log::ClientAddress;
use domain::identity::UserClaims;
use domain::identity::{login, sms_code};
use kernel::code::Code;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

pub struct AuthApi;

#[derive(Object)]
struct SmsCodeRequest {
    /// A mobile number of eleven digits.
    #[oai(validator(pattern = "^1[3-9][0-9]{9}$"))]
    phone: String,
}

#[derive(Object)]
struct PhoneLogin {
    /// A mobile number of eleven digits.
    #[oai(validator(pattern = "^1[3-9][0-9]{9}$"))]
    phone: String,
    /// The six digits that were sent there.
    code: String,
}

#[derive(Object)]
struct WechatLogin {
    /// The code WeChat's OAuth page came back with.
    #[oai(validator(min_length = 1, max_length = 512, pattern = r"\S"))]
    code: String,
}

#[derive(Object)]
struct Token {
    /// Bearer token.
    token: String,
    /// Seconds it is good for.
    expires_in: u64,
}

#[derive(Object)]
struct WechatToken {
    /// Bearer token.
    token: String,
    /// Seconds it is good for.
    expires_in: u64,
    /// Whether a robot knows the user too; if not, `/api/h5/me/complete` joins the two.
    completed: bool,
}

#[OpenApi(prefix_path = "/api/h5/auth", tag = "Area::Auth")]
impl AuthApi {
    /// Send a code to a phone
    ///
    /// For logging in and for binding the phone. One a minute and ten a day.
    #[oai(path = "/sms-code", method = "post", operation_id = "sendSmsCode")]
    async fn send_sms_code(
        &self,
        app: Data<&AppState>,
        address: ClientAddress,
        body: Body<SmsCodeRequest>,
    ) -> Answer<Nothing, { codes(&[Code::TooManyRequests, Code::SmsTooFrequent, Code::PartnerFailed]) }> {
        let phone = body.0.phone.parse()?;
        sms_code::send(app.context(), &app.partners().sms, &phone, address.0).await?;
        done()
    }

    /// Log in by phone
    ///
    /// A phone that nobody has makes a new user.
    #[oai(path = "/phone", method = "post", operation_id = "logInByPhone")]
    async fn log_in_by_phone(
        &self,
        app: Data<&AppState>,
        address: ClientAddress,
        body: Body<PhoneLogin>,
    ) -> Answer<
        Token,
        {
            codes(&[
                Code::VerifyCodeWrong,
                Code::VerifyCodeExpired,
                Code::TooManyRequests,
            ])
        },
    > {
        let phone = body.0.phone.parse()?;
        let user = login::by_phone(app.context(), &phone, &body.0.code, address.0).await?;
        let claims = UserClaims {
            user: user.id,
            wechat: None,
        };
        let issued = app.tokens().for_user(claims, &app.clock)?;
        answer(Token {
            token: issued.token,
            expires_in: issued.expires_in,
        })
    }

    /// Log in through WeChat
    ///
    /// A union_id that nobody has makes a new user.
    #[oai(path = "/wechat", method = "post", operation_id = "logInByWechat")]
    async fn log_in_by_wechat(
        &self,
        app: Data<&AppState>,
        address: ClientAddress,
        body: Body<WechatLogin>,
    ) -> Answer<WechatToken, { codes(&[Code::WechatAuthError, Code::PartnerFailed, Code::TooManyRequests]) }>
    {
        let (user, profile) =
            login::by_wechat(app.context(), &app.partners().wechat, &body.0.code, address.0).await?;
        let claims = UserClaims {
            user: user.id,
            wechat: Some(profile.ids),
        };
        let issued = app.tokens().for_user(claims, &app.clock)?;
        answer(WechatToken {
            token: issued.token,
            expires_in: issued.expires_in,
            completed: user.code.is_some(),
        })
    }
}
