//! The link in a robot's words that leads a person to our pages as themselves.

use crate::identity::link_token;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::error::Result;
use kernel::id::UserId;
use kernel::secret::Secret;

/// The home page, with a signed token that says who was given it.
///
/// # Errors
/// When there is no key to sign with.
pub fn home(context: &Context, user: UserId, now: DateTime<Utc>) -> Result<Secret> {
    let root = context.config.api.public_url.trim_end_matches('/');
    let lifetime = context.config.identity.link_lifetime_seconds;
    let token = link_token::sign(&context.data_keys()?, user, now, lifetime)?;
    Ok(format!("{root}/grouppet/home?link_token={}", token.expose()).into())
}
