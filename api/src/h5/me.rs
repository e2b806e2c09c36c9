//! The user's own profile.

use super::Area;
use super::user::User;
use crate::app_state::AppState;
use crate::http::auth::H5User;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, Nothing, answer, done};
use domain::identity::{self, link_token};
use kernel::code::Code;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

pub struct MeApi;

/// The caller.
#[derive(Object)]
struct Me {
    #[oai(flatten)]
    user: User,
    /// What the one who invited them is called; null when nobody did.
    master_nickname: Option<String>,
}

#[derive(Object)]
struct Completion {
    /// What the link in a robot's message carries; the robot sends a new link to whoever writes 1.
    link_token: String,
}

#[derive(Object)]
struct PhoneBinding {
    /// A mobile number of eleven digits.
    #[oai(validator(pattern = "^1[3-9][0-9]{9}$"))]
    phone: String,
    /// The six digits that were sent there.
    code: String,
}

#[derive(Object)]
struct IdCard {
    /// As on the card.
    #[oai(validator(min_length = 1, max_length = 50, pattern = r"\S"))]
    name: String,
    /// 18 characters, or the 15 digits of old cards.
    #[oai(validator(pattern = r"^ *([0-9]{15}|[0-9]{17}[0-9Xx]) *$"))]
    id_number: String,
}

#[OpenApi(prefix_path = "/api/h5/me", tag = "Area::Me")]
impl MeApi {
    /// Who am I
    ///
    /// What the app shows of the user; the phone's middle is hidden.
    #[oai(path = "/", method = "get", operation_id = "getMe")]
    async fn me(
        &self,
        app: Data<&AppState>,
        user: H5User,
    ) -> Answer<Me, { codes(&[Code::ResourceNotFound]) }> {
        let found = identity::get_with_master(app.context(), user.id()).await?;
        answer(Me {
            user: found.user.into(),
            master_nickname: found.master_nickname,
        })
    }

    /// Join the WeChat account with the user the robot knows
    ///
    /// Needs a token of a WeChat login. The token stays good and stands for the joined user. A link is good for an hour
    /// (`identity.link_lifetime_seconds`) and joins once; whoever it joined gets the same answer again.
    #[oai(path = "/complete", method = "post", operation_id = "completeMe")]
    async fn complete(
        &self,
        app: Data<&AppState>,
        user: H5User,
        body: Body<Completion>,
    ) -> Answer<User, { codes(&[Code::ResourceNotFound, Code::NotPossible, Code::ProfileComplete]) }> {
        let ids = user.wechat()?;
        let link = link_token::read(&app.data_keys()?, &body.0.link_token)?;
        let joined = identity::join_accounts(app.context(), user.id(), ids, &link).await?;
        app.subjects().forget(user.id());
        answer(joined.into())
    }

    /// Bind a phone
    ///
    /// The code must have been sent to that phone.
    #[oai(path = "/phone", method = "put", operation_id = "bindMyPhone")]
    async fn bind_phone(
        &self,
        app: Data<&AppState>,
        user: H5User,
        body: Body<PhoneBinding>,
    ) -> Answer<Nothing, { codes(&[Code::VerifyCodeWrong, Code::VerifyCodeExpired, Code::PhoneTaken]) }> {
        let phone = body.0.phone.parse()?;
        identity::bind_phone(app.context(), user.id(), &phone, &body.0.code).await?;
        done()
    }

    /// Put the ID card on file
    ///
    /// Once; afterwards only support can change it.
    #[oai(path = "/id-card", method = "put", operation_id = "fileMyIdCard")]
    async fn file_id_card(
        &self,
        app: Data<&AppState>,
        user: H5User,
        body: Body<IdCard>,
    ) -> Answer<Nothing, { codes(&[Code::NotPossible]) }> {
        identity::file_id_card(app.context(), user.id(), &body.0.name, &body.0.id_number).await?;
        done()
    }
}
