//! Operators: logging in, being added, what they may do.

use super::limit::{self, Limit};
use super::model::Operator;
use super::password;
use super::repo::operators as repo;
use super::role::Role;
use kernel::Context;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::id::OperatorId;
use secrecy::SecretString;
use std::net::IpAddr;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// Checks name and password. Failures are limited per name and per address; a success costs nothing.
///
/// # Errors
/// 1401 when either is wrong, 1429 after too many failures, 503 when a store is away.
pub async fn log_in(
    context: &Context,
    name: &str,
    password: SecretString,
    address: IpAddr,
) -> Result<Operator> {
    let most = context.config.identity.logins_per_minute;
    let per_minute = |key| Limit {
        key,
        most,
        window: MINUTE,
        code: Code::TooManyRequests,
    };
    let name: String = name.chars().take(100).collect();
    let limits = [
        per_minute(format!("GPET:LOGIN:NAME_{name}")),
        per_minute(format!("GPET:LOGIN:ADDRESS_{address}")),
    ];
    limit::charge(&context.cache, &limits).await?;
    let known = repo::by_name(context.db.read(), &name).await?;
    let (operator, hash) = known.unzip();
    if !password::matches(password, hash).await? {
        return Err(Error::new(Code::Unauthenticated, "name or password is wrong"));
    }
    limit::refund(&context.cache, &limits).await?;
    operator.ok_or_else(|| Error::internal("a password matched nobody"))
}

/// Files of lists an operator may take in a minute.
const EXPORTS_PER_MINUTE: u32 = 10;

/// Counts a file that an operator takes.
///
/// # Errors
/// 1429 when they took as many as a minute may have; 503 when Redis is away.
pub async fn count_export(context: &Context, operator: OperatorId) -> Result<()> {
    let limit = Limit {
        key: format!("GPET:EXPORT:{operator}"),
        most: EXPORTS_PER_MINUTE,
        window: MINUTE,
        code: Code::TooManyRequests,
    };
    limit.charge(&context.cache).await
}

/// The operator, unless dismissed since their token was made.
pub async fn by_id(context: &Context, id: OperatorId) -> Result<Option<Operator>> {
    repo::by_id(context.db.read(), id).await
}

/// Adds an operator; one with this name gets the new password and role.
///
/// # Errors
/// 1403 naming `name` or `password`.
pub async fn add(context: &Context, name: &str, role: Role, password: SecretString) -> Result<OperatorId> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::params("name", "a name must have 1 to 100 characters"));
    }
    let hash = password::hash(password).await?;
    repo::put(
        context.db.autocommit(),
        OperatorId::new(),
        name,
        &hash,
        role,
        context.clock.now(),
    )
    .await
}
