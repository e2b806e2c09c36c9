//! The keys of `config/default.toml` as types. What each means stands there.

use super::daily_times::DailyTimes;
use super::ip_ranges::IpRanges;
use crate::money::Money;
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::Deserialize;
use std::net::SocketAddr;

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs)] // default.toml documents each key
        pub struct $name { $(pub $field: $type),* }
    )*};
}

sections! {
    /// The whole configuration.
    Config {
        profile: Profile,
        api: ApiConfig,
        scheduler: SchedulerConfig,
        log: LogConfig,
        database: DatabaseConfig,
        redis: RedisConfig,
        mq: MqConfig,
        gateway: GatewayConfig,
        launch: LaunchConfig,
        partner: PartnerConfig,
        jwt: JwtConfig,
        identity: IdentityConfig,
        wechat: WechatConfig,
        wxpay: WxpayConfig,
        sms: SmsConfig,
        capacity: CapacityConfig,
        rates: RatesConfig,
        withdrawal: WithdrawalConfig,
        settlement: SettlementConfig,
        groups: GroupsConfig,
        tracking: TrackingConfig,
        jobs: JobsConfig,
    }
    /// The HTTP binary.
    ApiConfig {
        listen: SocketAddr,
        public_url: String,
        trusted_proxies: IpRanges,
        request_timeout_seconds: u64,
        settlement_timeout_seconds: u64,
        max_connections: usize,
        header_timeout_seconds: u64,
        legacy_signatures: bool,
    }
    /// The background binary.
    SchedulerConfig { listen: SocketAddr, clock: String, event_workers: usize }
    /// Logging.
    LogConfig { filter: String, format: LogFormat }
    /// PostgreSQL.
    DatabaseConfig {
        url: SecretString,
        read_connections: u32,
        autocommit_connections: u32,
        write_connections: u32,
        acquire_timeout_seconds: u64,
        statement_timeout_seconds: u64,
    }
    /// Redis.
    RedisConfig { url: SecretString, connections: usize, timeout_seconds: u64 }
    /// Our own RabbitMQ.
    MqConfig { url: SecretString, exchange: String, page_queue: String, bi_queue: String, bi_keys: Vec<String> }
    /// The robot gateway.
    GatewayConfig {
        mq_url: SecretString,
        exchange: String,
        queues: Vec<String>,
        host: String,
        token: SecretString,
        timeout_seconds: u64,
        idempotent_sends: bool,
    }
    /// The delivery system.
    LaunchConfig { host: String, timeout_seconds: u64 }
    /// Partners that call us.
    PartnerConfig { secret: SecretString, md5_key: SecretString }
    /// Tokens.
    JwtConfig { secret: SecretString, issuer: String, lifetime_seconds: u64, leeway_seconds: u64 }
    /// Logins and personal data.
    IdentityConfig {
        data_key: SecretString,
        code_lifetime_seconds: u64,
        code_interval_seconds: u64,
        code_per_day: u32,
        code_tries: u32,
        logins_per_minute: u32,
        link_lifetime_seconds: u32,
    }
    /// WeChat OAuth.
    WechatConfig { host: String, app_id: String, secret: SecretString, timeout_seconds: u64 }
    /// WeChat Pay.
    WxpayConfig {
        host: String,
        connector: String,
        mch_id: String,
        app_id: String,
        serial: String,
        api_key: SecretString,
        key_path: String,
        ca_path: String,
        platform_key_path: String,
        platform_serial: String,
        notify_url: String,
        scene_id: String,
        remark: String,
        position: String,
        pay_reason: String,
        timeout_seconds: u64,
    }
    /// The SMS provider.
    SmsConfig {
        host: String,
        key_id: String,
        key_secret: SecretString,
        sign_name: String,
        template_code: String,
        retired_template_code: String,
        timeout_seconds: u64,
    }
    /// Robot capacity.
    CapacityConfig {
        distribute_amount: i32,
        distribute_config: i32,
        display_rate: i32,
        refuse_when_full: bool,
        pending_bind_seconds: i64,
        healthy_join_failures: Vec<String>,
    }
    /// Rates of version 1.
    RatesConfig { father: Decimal, grand_father: Decimal, father_ad: Decimal, grand_father_ad: Decimal }
    /// Withdrawals and payouts.
    WithdrawalConfig {
        amounts: Vec<Money>,
        monthly_limit: Money,
        two_operators_above: Money,
        failure_rate_percent: u32,
        failure_rate_sample: u32,
        unknown_alert_hours: i64,
    }
    /// Settlement.
    SettlementConfig { supplement_alone: Money, supplement_alone_day: Money }
    /// Groups and their clean-up.
    GroupsConfig {
        one_star_per_user: i64,
        adoption_fee: Money,
        one_star_total_limit: i64,
        two_star_total_limit: i64,
        one_star_member_limit: i32,
        illegal_name: String,
        youngest_days: u64,
        notify_cleanup: bool,
    }
    /// Page accesses.
    TrackingConfig { accesses_per_second: u32, anonymous_per_minute: u32, waiting_limit: u64 }
    /// When jobs run, in Shanghai.
    JobsConfig {
        distribute_robots: DailyTimes,
        sync_robots: DailyTimes,
        flush_activity: DailyTimes,
        reconcile_groups: DailyTimes,
        settle_groups: DailyTimes,
        settle_ads: DailyTimes,
        collect_fees: DailyTimes,
        check_ledger: DailyTimes,
        clean_groups_plan: DailyTimes,
        clean_groups: DailyTimes,
        reconcile_payouts: DailyTimes,
        pay_withdrawals_seconds: u64,
    }
}

/// What the process is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// A developer's machine.
    Development,
    /// A test.
    Test,
    /// The real thing.
    Production,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}
