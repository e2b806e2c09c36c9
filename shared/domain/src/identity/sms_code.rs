//! Codes by SMS: proof that somebody holds a phone.

use super::limit::{self, Limit};
use super::phone::Phone;
use chrono::TimeDelta;
use deadpool_redis::redis::{self, Script};
use kernel::Context;
use kernel::code::Code;
use kernel::crypto;
use kernel::error::{Error, Result};
use partners::sms::{NotSent, ShortMessage, Sms, Template};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Codes a client address can ask the provider for in an hour, whether they are sent or not.
const PER_ADDRESS: u32 = 100;
/// Codes sent in an hour over all phones: what a bombing can cost at most.
const PER_HOUR: u32 = 3000;
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Sends a fresh code to a phone. The one before it is void. Limits count what was sent, and what may have been.
///
/// # Errors
/// 2304 above the phone's limits, 1429 above the others, 503 when Redis is away, what the provider says.
pub async fn send(context: &Context, sms: &Sms, phone: &Phone, address: IpAddr) -> Result<()> {
    let limits = limits(context, phone, address);
    limit::charge(&context.cache, &limits).await?;
    let message = write(context, phone).await?;
    let Err(reason) = sms.send(&message).await else {
        return Ok(());
    };
    if !matches!(reason, NotSent::Unknown(_)) {
        limit::refund(&context.cache, &limits[1..]).await?;
    }
    Err(reason.into())
}

/// The address first: it is charged for every call to the provider, all others for what was sent.
fn limits(context: &Context, phone: &Phone, address: IpAddr) -> [Limit; 4] {
    let config = &context.config.identity;
    let limit = |key: String, most, window, code| Limit {
        key,
        most,
        window,
        code,
    };
    let interval = Duration::from_secs(config.code_interval_seconds);
    let (phone, often) = (phone.as_str(), Code::SmsTooFrequent);
    [
        limit(
            format!("GPET:SMS:ADDRESS_{address}"),
            PER_ADDRESS,
            HOUR,
            Code::TooManyRequests,
        ),
        limit(format!("GPET:SMS:INTERVAL_{phone}"), 1, interval, often),
        limit(format!("GPET:SMS:DAY_{phone}"), config.code_per_day, DAY, often),
        limit("GPET:SMS:ALL".to_owned(), PER_HOUR, HOUR, Code::TooManyRequests),
    ]
}

/// A message with a fresh code, whose digest is kept.
async fn write(context: &Context, phone: &Phone) -> Result<ShortMessage> {
    let code = six_digits()?;
    let lifetime = i64::try_from(context.config.identity.code_lifetime_seconds).unwrap_or(i64::MAX / 1000);
    let mut connection = context.cache.get().await?;
    redis::pipe()
        .atomic()
        .del(key(phone))
        .hset(key(phone), "digest", digest(context, phone, &code))
        .expire(key(phone), lifetime)
        .exec_async(&mut connection)
        .await?;
    Ok(ShortMessage {
        phone: phone.as_str().to_owned(),
        template: Template::VerifyCode,
        params: BTreeMap::from([("code".to_owned(), code.into())]),
        valid_until: context.clock.now() + TimeDelta::seconds(lifetime),
    })
}

/// Checks a code and uses it up. Wrong tries are counted; after so many the code is void.
///
/// # Errors
/// 2302 when there is no code (any more), 2301 with `tries_left` when it is another, 503 when Redis is away.
pub async fn redeem(context: &Context, phone: &Phone, code: &str) -> Result<()> {
    const NONE: i64 = 0;
    const RIGHT: i64 = 1;
    let script = Script::new(
        "local digest = redis.call('HGET', KEYS[1], 'digest')
         if not digest then return {0, 0} end
         if digest == ARGV[1] then redis.call('DEL', KEYS[1]) return {1, 0} end
         local left = tonumber(ARGV[2]) - redis.call('HINCRBY', KEYS[1], 'tries', 1)
         if left <= 0 then redis.call('DEL', KEYS[1]) end
         return {2, math.max(left, 0)}",
    );
    let mut connection = context.cache.get().await?;
    let (outcome, tries_left): (i64, u32) = script
        .key(key(phone))
        .arg(digest(context, phone, code))
        .arg(context.config.identity.code_tries)
        .invoke_async(&mut connection)
        .await?;
    match outcome {
        RIGHT => Ok(()),
        NONE => Err(Error::new(
            Code::VerifyCodeExpired,
            "there is no valid code for this phone, ask for a new one",
        )),
        _ => {
            let wrong = Error::new(Code::VerifyCodeWrong, "the code is wrong");
            Err(wrong.with_data(serde_json::json!({ "tries_left": tries_left })))
        }
    }
}

/// A code proves the phone, whoever asked for it, so all of them have the same user part.
fn key(phone: &Phone) -> String {
    format!("GPET:SMS:VERIFY_CODE_h5_{}", phone.as_str())
}

/// Six digits are soon guessed, so what is kept of them is keyed.
fn digest(context: &Context, phone: &Phone, code: &str) -> String {
    let secret = context.config.identity.data_key.expose_secret().as_bytes();
    crypto::hmac_sha256_hex(secret, format!("{}:{}", phone.as_str(), code.trim()).as_bytes())
}

fn six_digits() -> Result<String> {
    // The remainder's bias, 2^64 over 10^6, is far below one in a billion.
    let bytes = crypto::random_bytes(8)?;
    let number = bytes
        .iter()
        .fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    Ok(format!("{:06}", number % 1_000_000))
}
