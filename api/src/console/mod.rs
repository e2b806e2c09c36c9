//! Routes of the operators' console, under `/api/console`.

mod auth;
mod users;

use poem_openapi::Tags;

/// What the routes are about.
#[derive(Tags)]
enum Area {
    /// Logging in.
    #[oai(rename = "console auth")]
    Auth,
    /// Users.
    #[oai(rename = "console users")]
    Users,
}

/// All of them.
pub type Apis = (auth::AuthApi, users::UsersApi);

/// All of them.
pub fn apis() -> Apis {
    (auth::AuthApi, users::UsersApi)
}
