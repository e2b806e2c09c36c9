//! Logging in as an operator.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, answer};
use crate::http::request_log::ClientAddress;
use domain::identity::operator;
use domain::identity::{Permission, Role};
use kernel::code::Code;
use kernel::id::OperatorId;
use poem::web::Data;
use poem_openapi::types::Password;
use poem_openapi::{Object, OpenApi};

pub struct AuthApi;

#[derive(Object)]
struct OperatorLogin {
    username: String,
    password: Password,
}

#[derive(Object)]
struct OperatorToken {
    /// Bearer token.
    token: String,
    /// Seconds it is good for.
    expires_in: u64,
    /// Their role.
    role: Role,
    /// The name they log in with.
    name: String,
    /// What they may do.
    permissions: Vec<Permission>,
}

#[OpenApi(prefix_path = "/api/console/auth", tag = "Area::Auth")]
impl AuthApi {
    /// Log in as an operator
    ///
    /// Tries are counted by name and by address.
    #[oai(path = "/login", method = "post", operation_id = "logInOperator")]
    async fn log_in(
        &self,
        app: Data<&AppState>,
        address: ClientAddress,
        body: Body<OperatorLogin>,
    ) -> Answer<OperatorToken, { codes(&[Code::Unauthenticated, Code::TooManyRequests]) }> {
        let OperatorLogin { username, password } = body.0;
        let operator = operator::log_in(app.context(), &username, password.0.into(), address.0).await?;
        let issued = app
            .tokens()
            .for_operator(operator.id, operator.role, &app.clock)?;
        answer(OperatorToken {
            token: issued.token,
            expires_in: issued.expires_in,
            role: operator.role,
            permissions: operator.role.permissions(),
            name: operator.name,
        })
    }
}

/// Who works here.
#[derive(Object)]
#[oai(rename = "OperatorSelf")]
struct Me {
    id: OperatorId,
    /// The name they log in with.
    name: String,
    role: Role,
    /// What they may do; every route says what it needs by refusing with 403.
    permissions: Vec<Permission>,
}

pub struct MeApi;

#[OpenApi(prefix_path = "/api/console/me", tag = "Area::Auth")]
impl MeApi {
    /// Who am I
    ///
    /// As of now: a role that was changed shows at once.
    #[oai(path = "/", method = "get", operation_id = "getOperatorMe")]
    async fn me(&self, operator: ConsoleOperator) -> Answer<Me> {
        answer(Me {
            id: operator.id,
            name: operator.name.clone(),
            role: operator.role,
            permissions: operator.role.permissions(),
        })
    }
}
