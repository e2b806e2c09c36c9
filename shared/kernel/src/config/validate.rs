//! What types cannot say about a configuration. Every error names the key and its variable.

use super::sections::{Config, Profile};
use crate::error::{Error, Result};
use chrono::DateTime;
use rust_decimal::Decimal;
use secrecy::ExposeSecret;

pub(super) fn validate(config: &Config) -> Result<()> {
    for (key, value) in [
        ("database.url (DATABASE_URL)", config.database.url.expose_secret()),
        ("redis.url (REDIS_URL)", config.redis.url.expose_secret()),
        ("mq.url (INNER_MQ_CONFIG)", config.mq.url.expose_secret()),
        (
            "gateway.mq_url (MQ_CONFIG)",
            config.gateway.mq_url.expose_secret(),
        ),
        ("gateway.host (ROBOT_HOST)", config.gateway.host.as_str()),
        ("launch.host (LAUNCH_HOST)", config.launch.host.as_str()),
        (
            "partner.md5_key (MD5_SECRET_KEY)",
            config.partner.md5_key.expose_secret(),
        ),
    ] {
        check(!value.is_empty(), key, "is missing")?;
    }
    check(
        config.jwt.secret.expose_secret().len() >= 32,
        "jwt.secret (JWT_SECRET)",
        "needs 32 bytes or more",
    )?;
    check(
        config.partner.secret.expose_secret().len() >= 32,
        "partner.secret (GPET_PARTNER_SECRET)",
        "needs 32 bytes or more",
    )?;
    let data_key = hex::decode(config.identity.data_key.expose_secret()).unwrap_or_default();
    check(
        data_key.len() == 32,
        "identity.data_key (GPET_DATA_KEY)",
        "must be 64 hex digits",
    )?;
    // What links were used for is forgotten after a week.
    check(
        (60..=604_800).contains(&config.identity.link_lifetime_seconds),
        "identity.link_lifetime_seconds",
        "must be from 60 to 604800",
    )?;
    for (key, rate) in [
        ("rates.father (FATHER_SETTLE_RATE)", config.rates.father),
        (
            "rates.grand_father (GRAND_FATHER_SETTLE_RATE)",
            config.rates.grand_father,
        ),
        ("rates.father_ad (FATHER_AD_SETTLE_RATE)", config.rates.father_ad),
        (
            "rates.grand_father_ad (GRAND_FATHER_AD_SETTLE_RATE)",
            config.rates.grand_father_ad,
        ),
    ] {
        check(
            (Decimal::ZERO..=Decimal::ONE).contains(&rate),
            key,
            "must be from 0 to 1",
        )?;
    }
    let capacity = &config.capacity;
    check(
        capacity.distribute_amount > 0,
        "capacity.distribute_amount (DISTRIBUTE_AMOUNT)",
        "must be above 0",
    )?;
    check(
        capacity.distribute_config > 0,
        "capacity.distribute_config (DISTRIBUTE_CONFIG)",
        "must be above 0",
    )?;
    check(
        capacity.display_rate > 0,
        "capacity.display_rate (DISPLAY_RATE)",
        "must be above 0",
    )?;
    check(
        config
            .withdrawal
            .amounts
            .iter()
            .all(|amount| amount.is_positive()),
        "withdrawal.amounts",
        "must be above 0",
    )?;
    for (key, limit) in [
        (
            "tracking.accesses_per_second",
            u64::from(config.tracking.accesses_per_second),
        ),
        (
            "tracking.anonymous_per_minute",
            u64::from(config.tracking.anonymous_per_minute),
        ),
        ("tracking.waiting_limit", config.tracking.waiting_limit),
    ] {
        check(limit > 0, key, "must be above 0")?;
    }
    let exact = |key: &String| !key.is_empty() && key.len() <= 255 && !key.contains(['*', '#', '\0']);
    check(
        config.mq.bi_keys.iter().all(exact),
        "mq.bi_keys",
        "must be names of business events, without * and #",
    )?;
    check(
        config.api.trusted_proxies.is_valid(),
        "api.trusted_proxies (GPET_TRUSTED_PROXIES)",
        "must be addresses or networks like 10.1.2.0/24, separated by commas and none of them everybody, or none",
    )?;
    let clock = &config.scheduler.clock;
    check(
        clock.is_empty() || DateTime::parse_from_rfc3339(clock).is_ok(),
        "scheduler.clock (GPET_CLOCK)",
        "must be an RFC 3339 instant",
    )?;
    if config.profile == Profile::Production {
        check(
            clock.is_empty(),
            "scheduler.clock (GPET_CLOCK)",
            "must not be set in production",
        )?;
    }
    Ok(())
}

fn check(holds: bool, key: &'static str, complaint: &str) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::params(key, format!("configuration: {key} {complaint}")))
    }
}
