//! Routes of the users' app, under `/api/h5`.

mod auth;
mod me;
mod user;

use poem_openapi::Tags;

/// What the routes are about.
#[derive(Tags)]
enum Area {
    /// Logging in.
    #[oai(rename = "h5 auth")]
    Auth,
    /// The user's own profile.
    #[oai(rename = "h5 me")]
    Me,
}

/// All of them.
pub type Apis = (auth::AuthApi, me::MeApi);

/// All of them.
pub fn apis() -> Apis {
    (auth::AuthApi, me::MeApi)
}
