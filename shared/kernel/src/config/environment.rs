//! Which environment variable overrides which key. The previous system's names come first.

use std::collections::HashMap;

/// (variable, key)
pub(super) const VARIABLES: &[(&str, &str)] = &[
    ("MQ_CONFIG", "gateway.mq_url"),
    ("INNER_MQ_CONFIG", "mq.url"),
    ("LOCALHOST", "api.public_url"),
    ("JWT_SECRET", "jwt.secret"),
    ("WX_PAY_KEY", "wxpay.api_key"),
    ("WXPAY_CLIENT_KEY_PATH", "wxpay.key_path"),
    ("CAFILE_PATH", "wxpay.ca_path"),
    ("ROBOT_HOST", "gateway.host"),
    ("DISTRIBUTE_AMOUNT", "capacity.distribute_amount"),
    ("DISTRIBUTE_CONFIG", "capacity.distribute_config"),
    ("DISPLAY_RATE", "capacity.display_rate"),
    ("FATHER_SETTLE_RATE", "rates.father"),
    ("GRAND_FATHER_SETTLE_RATE", "rates.grand_father"),
    ("FATHER_AD_SETTLE_RATE", "rates.father_ad"),
    ("GRAND_FATHER_AD_SETTLE_RATE", "rates.grand_father_ad"),
    ("LAUNCH_HOST", "launch.host"),
    ("MD5_SECRET_KEY", "partner.md5_key"),
    ("ONE_STAR_GROUP_TOTAL_COUNT_LIMIT", "groups.one_star_total_limit"),
    ("TWO_STAR_GROUP_TOTAL_COUNT_LIMIT", "groups.two_star_total_limit"),
    ("ONE_STAR_MEM_COUNT_LIMIT", "groups.one_star_member_limit"),
    ("ILLEGAL_GROUP_NAME", "groups.illegal_name"),
    ("DATABASE_URL", "database.url"),
    ("REDIS_URL", "redis.url"),
    ("GPET_PROFILE", "profile"),
    ("GPET_API_LISTEN", "api.listen"),
    ("GPET_TRUSTED_PROXIES", "api.trusted_proxies"),
    ("GPET_LEGACY_SIGNATURES", "api.legacy_signatures"),
    ("GPET_SCHEDULER_LISTEN", "scheduler.listen"),
    ("GPET_CLOCK", "scheduler.clock"),
    ("GPET_LOG", "log.filter"),
    ("GPET_LOG_FORMAT", "log.format"),
    ("GPET_DATABASE_READ_CONNECTIONS", "database.read_connections"),
    (
        "GPET_DATABASE_AUTOCOMMIT_CONNECTIONS",
        "database.autocommit_connections",
    ),
    ("GPET_DATABASE_WRITE_CONNECTIONS", "database.write_connections"),
    ("GPET_GATEWAY_TOKEN", "gateway.token"),
    ("GPET_GATEWAY_IDEMPOTENT_SENDS", "gateway.idempotent_sends"),
    ("GPET_PARTNER_SECRET", "partner.secret"),
    ("GPET_DATA_KEY", "identity.data_key"),
    ("GPET_WECHAT_HOST", "wechat.host"),
    ("GPET_WECHAT_APP_ID", "wechat.app_id"),
    ("GPET_WECHAT_SECRET", "wechat.secret"),
    ("GPET_WXPAY_HOST", "wxpay.host"),
    ("GPET_WXPAY_CONNECTOR", "wxpay.connector"),
    ("GPET_WXPAY_MCH_ID", "wxpay.mch_id"),
    ("GPET_WXPAY_APP_ID", "wxpay.app_id"),
    ("GPET_WXPAY_SERIAL", "wxpay.serial"),
    ("GPET_WXPAY_PLATFORM_KEY_PATH", "wxpay.platform_key_path"),
    ("GPET_WXPAY_PLATFORM_SERIAL", "wxpay.platform_serial"),
    ("GPET_WXPAY_NOTIFY_URL", "wxpay.notify_url"),
    ("GPET_SMS_HOST", "sms.host"),
    ("GPET_SMS_KEY_ID", "sms.key_id"),
    ("GPET_SMS_KEY_SECRET", "sms.key_secret"),
    ("GPET_PAY_WITHDRAWALS_SECONDS", "jobs.pay_withdrawals_seconds"),
];

/// The environment of this process.
#[allow(clippy::disallowed_methods)] // the one place that may
pub(super) fn process_variables() -> HashMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The least a configuration needs.
    pub(in super::super) fn complete() -> HashMap<String, String> {
        [
            ("GPET_PROFILE", "test"),
            ("DATABASE_URL", "postgres://gpet:test-secret@127.0.0.1/gpet"),
            ("REDIS_URL", "redis://127.0.0.1/0"),
            ("MQ_CONFIG", "amqp://gpet:test-secret@127.0.0.1/gateway"),
            ("INNER_MQ_CONFIG", "amqp://gpet:test-secret@127.0.0.1/gpet"),
            ("ROBOT_HOST", "http://127.0.0.1/gateway"),
            ("LAUNCH_HOST", "http://127.0.0.1/launch"),
            ("JWT_SECRET", "test-secret-test-secret-test-secret"),
            ("MD5_SECRET_KEY", "test-secret"),
            ("GPET_PARTNER_SECRET", "test-secret-test-secret-test-secret"),
            (
                "GPET_DATA_KEY",
                "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
            ),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }
}
