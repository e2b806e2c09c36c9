//! Routes of the operators' console, under `/api/console`.

mod accounts;
mod ads;
mod audit;
mod auth;
mod cleanup;
mod corrections;
mod dead_letters;
mod group_detail;
mod groups;
mod job_detail;
mod job_name;
mod jobs;
mod ledger_checks;
mod outbox;
mod overview;
mod payouts;
mod postings;
mod rates;
mod robot_capacity;
mod robot_detail;
mod robots;
mod run_detail;
mod settlement;
mod templates;
mod users;
mod withdrawals;

use poem_openapi::Tags;

/// What the routes are about.
#[derive(Tags)]
enum Area {
    /// Logging in.
    #[oai(rename = "console auth")]
    Auth,
    /// Everything at a glance.
    #[oai(rename = "console overview")]
    Overview,
    /// Users.
    #[oai(rename = "console users")]
    Users,
    /// Robots and their capacity.
    #[oai(rename = "console robots")]
    Robots,
    /// Groups.
    #[oai(rename = "console groups")]
    Groups,
    /// Clean-up plans.
    #[oai(rename = "console clean-up")]
    Cleanup,
    /// Settlement runs, their rules, and ad revenue.
    #[oai(rename = "console settlement")]
    Settlement,
    /// The books.
    #[oai(rename = "console ledger")]
    Ledger,
    /// Dated jobs.
    #[oai(rename = "console jobs")]
    Jobs,
    /// Messages that came in dead, or go out.
    #[oai(rename = "console messages")]
    Messages,
    /// Who did what.
    #[oai(rename = "console audit")]
    Audit,
    /// Withdrawals and their payouts.
    #[oai(rename = "console withdrawals")]
    Withdrawals,
}

/// All of them.
pub type Apis = (
    (auth::AuthApi, auth::MeApi, overview::OverviewApi, users::UsersApi),
    (
        (robots::RobotsApi, robot_capacity::RobotCapacityApi),
        (groups::GroupsApi, group_detail::GroupDetailApi),
        cleanup::CleanupApi,
    ),
    (
        (settlement::SettlementApi, run_detail::RunDetailApi),
        templates::TemplatesApi,
        rates::RatesApi,
        ads::AdsApi,
        (
            ledger_checks::LedgerChecksApi,
            postings::PostingsApi,
            accounts::AccountsApi,
        ),
        corrections::CorrectionsApi,
    ),
    (withdrawals::WithdrawalsApi, payouts::PayoutsApi),
    (
        (jobs::JobsApi, job_detail::JobDetailApi),
        dead_letters::DeadLettersApi,
        outbox::OutboxApi,
        audit::AuditApi,
    ),
);

/// All of them.
pub fn apis() -> Apis {
    (
        (auth::AuthApi, auth::MeApi, overview::OverviewApi, users::UsersApi),
        (
            (robots::RobotsApi, robot_capacity::RobotCapacityApi),
            (groups::GroupsApi, group_detail::GroupDetailApi),
            cleanup::CleanupApi,
        ),
        (
            (settlement::SettlementApi, run_detail::RunDetailApi),
            templates::TemplatesApi,
            rates::RatesApi,
            ads::AdsApi,
            (
                ledger_checks::LedgerChecksApi,
                postings::PostingsApi,
                accounts::AccountsApi,
            ),
            corrections::CorrectionsApi,
        ),
        (withdrawals::WithdrawalsApi, payouts::PayoutsApi),
        (
            (jobs::JobsApi, job_detail::JobDetailApi),
            dead_letters::DeadLettersApi,
            outbox::OutboxApi,
            audit::AuditApi,
        ),
    )
}
