//! Routes of the users' app, under `/api/h5`.

mod auth;
mod config;
mod disciples;
mod groups;
mod me;
mod profit;
mod robots;
mod statement;
mod user;
mod withdrawals;

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
    /// What the user earned.
    #[oai(rename = "h5 profit")]
    Profit,
    /// The user's groups.
    #[oai(rename = "h5 groups")]
    Groups,
    /// The robots the user knows.
    #[oai(rename = "h5 robots")]
    Robots,
    /// Whom the user invited.
    #[oai(rename = "h5 disciples")]
    Disciples,
    /// Taking money out.
    #[oai(rename = "h5 withdrawals")]
    Withdrawals,
}

/// All of them.
pub type Apis = (
    (auth::AuthApi, config::ConfigApi, me::MeApi),
    (profit::ProfitApi, statement::StatementApi),
    groups::GroupsApi,
    robots::RobotsApi,
    disciples::DisciplesApi,
    withdrawals::WithdrawalsApi,
);

/// All of them.
pub fn apis() -> Apis {
    (
        (auth::AuthApi, config::ConfigApi, me::MeApi),
        (profit::ProfitApi, statement::StatementApi),
        groups::GroupsApi,
        robots::RobotsApi,
        disciples::DisciplesApi,
        withdrawals::WithdrawalsApi,
    )
}
