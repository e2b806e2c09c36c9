//! The link in a robot's words that leads a person to our pages as themselves.

use crate::identity::link_token;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::id::UserId;

/// The home page, with a signed token that says who was given it.
pub fn home(context: &Context, user: UserId, now: DateTime<Utc>) -> String {
    let root = context.config.api.public_url.trim_end_matches('/');
    format!(
        "{root}/grouppet/home?link_token={}",
        link_token::sign(&context.config.jwt, user, now)
    )
}
