//! The link in a robot's words that leads a person to our pages as themselves.

use crate::context::Context;
use crate::kernel::crypto;
use crate::kernel::id::UserId;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;

/// For how long a link can be used.
const LIFETIME: TimeDelta = TimeDelta::days(7);

/// The home page, with a signed token that says who was given it.
pub(super) fn home(context: &Context, user: UserId, now: DateTime<Utc>) -> String {
    let claim = format!("{user}.{}", (now + LIFETIME).timestamp());
    let secret = context.config.jwt.secret.expose_secret();
    let signature = crypto::hmac_sha256_hex(secret.as_bytes(), format!("link.{claim}").as_bytes());
    let root = context.config.api.public_url.trim_end_matches('/');
    format!("{root}/grouppet/home?link_token={claim}.{signature}")
}
