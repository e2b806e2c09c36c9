//! Who is calling. Handlers that take one of these are closed to all others.

use super::error::Failure;
use crate::app_state::AppState;
use domain::identity::WechatIds;
use domain::identity::{Operator, operator};
use kernel::Error;
use kernel::code::Code;
use kernel::id::UserId;
use poem::{Request, Result};
use poem_openapi::SecurityScheme;
use poem_openapi::auth::Bearer;

/// A user, by a token of the H5 app.
#[derive(SecurityScheme)]
#[oai(ty = "bearer", bearer_format = "JWT", rename = "h5", checker = "h5_user")]
pub struct H5User(Caller);

/// The user behind a token.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who they are by now.
    pub user: UserId,
    /// What WeChat said when they logged in, if it was through WeChat.
    pub wechat: Option<WechatIds>,
}

impl H5User {
    /// The user.
    pub fn id(&self) -> UserId {
        self.0.user
    }

    /// WeChat's ids of the user.
    ///
    /// # Errors
    /// 1401 with HTTP 403 when they did not log in through WeChat.
    pub fn wechat(&self) -> kernel::Result<&WechatIds> {
        let ids = self.0.wechat.as_ref();
        ids.ok_or_else(|| Error::forbidden("log in through WeChat for this"))
    }
}

/// An operator, by a token of the console.
#[derive(SecurityScheme)]
#[oai(
    ty = "bearer",
    bearer_format = "JWT",
    rename = "console",
    checker = "console_operator"
)]
pub struct ConsoleOperator(Operator);

impl std::ops::Deref for ConsoleOperator {
    type Target = Operator;

    fn deref(&self) -> &Operator {
        &self.0
    }
}

async fn h5_user(request: &Request, bearer: Bearer) -> Result<Caller> {
    let user = async {
        let app = AppState::of(request)?;
        let claims = app.tokens().user(&bearer.token, &app.clock)?;
        match app.subjects().of(app, &claims).await? {
            Some(user) => Ok(Caller {
                user,
                wechat: claims.wechat,
            }),
            None => Err(gone()),
        }
    };
    Ok(user.await.map_err(Failure)?)
}

/// Role and standing come from the table each time: a dismissed operator is out at once.
async fn console_operator(request: &Request, bearer: Bearer) -> Result<Operator> {
    let operator = async {
        let app = AppState::of(request)?;
        let id = app.tokens().operator(&bearer.token, &app.clock)?;
        operator::by_id(app, id).await?.ok_or_else(gone)
    };
    Ok(operator.await.map_err(Failure)?)
}

fn gone() -> Error {
    Error::new(Code::Unauthenticated, "the token's owner no longer exists")
}
