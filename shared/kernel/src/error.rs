//! The one error type of the business, made so that the edge can answer without looking behind it.

use super::code::Code;
use sea_orm::{DbErr, RuntimeErr, sqlx};
use std::borrow::Cow;
use std::error::Error as StdError;

/// Result of everything in this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in the client's terms; the cause stays inside for the log.
#[derive(Debug, thiserror::Error)]
#[error("{code:?}: {message}")]
pub struct Error {
    /// The business code.
    pub code: Code,
    /// Narrower HTTP status than the code's own.
    pub status: Option<u16>,
    /// A sentence for the client. Never a detail of the inside.
    pub message: Cow<'static, str>,
    /// The input field at fault.
    pub field: Option<Cow<'static, str>>,
    /// What the client gets as `data`.
    pub data: Option<Box<serde_json::Value>>,
    /// Seconds after which a retry makes sense.
    pub retry_after: Option<u32>,
    /// Whether the same call may succeed a little later.
    pub transient: bool,
    /// The cause, for the log only.
    #[source]
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error with this code and sentence.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Error {
            code,
            status: None,
            message: message.into(),
            field: None,
            data: None,
            retry_after: None,
            transient: false,
            source: None,
        }
    }

    /// 1403: this input field is wrong.
    pub fn params(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Error {
            field: Some(field.into()),
            ..Error::new(Code::ParamsError, message)
        }
    }

    /// 1404: there is no such thing, or it is not the caller's.
    pub fn not_found(what: &'static str) -> Self {
        Error::new(Code::ResourceNotFound, format!("{what} not found"))
    }

    /// 1401 with HTTP 403: known, but not allowed.
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Error {
            status: Some(403),
            ..Error::new(Code::Unauthenticated, message)
        }
    }

    /// 1500: our fault. The cause goes to the log, not to the client.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Error {
            source: Some(source.into()),
            ..Error::new(Code::ServiceUnavailable, "internal error")
        }
    }

    /// 1500 with HTTP 503: a store is away for now.
    pub fn store_down(store: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Error {
            status: Some(503),
            retry_after: Some(2),
            transient: true,
            source: Some(source.into()),
            ..Error::new(Code::ServiceUnavailable, format!("{store} is not available"))
        }
    }

    /// 1101: a partner failed or timed out.
    pub fn partner(partner: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Error {
            transient: true,
            source: Some(source.into()),
            ..Error::new(Code::PartnerFailed, format!("{partner} failed"))
        }
    }

    /// 1429 or 2304: too many, come back in so many seconds.
    pub fn too_many(code: Code, retry_after: u32) -> Self {
        Error {
            retry_after: Some(retry_after),
            ..Error::new(code, "too many requests, try again later")
        }
    }

    /// The same error with something for the client in `data`.
    pub fn with_data(mut self, data: serde_json::Value) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    /// The HTTP status to answer with.
    pub fn http_status(&self) -> u16 {
        self.status.unwrap_or(self.code.status())
    }

    /// The whole chain of causes on one line, for logs and operators; not for clients.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self
            .source
            .as_ref()
            .map(|source| source.as_ref() as &dyn StdError);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

/// SQLSTATE of a database error, if the server gave one.
pub fn sqlstate(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    error
        .as_database_error()
        .and_then(|error| error.code())
        .map(Cow::into_owned)
}

/// Name of the constraint a database error broke.
pub fn broken_constraint(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    error
        .as_database_error()
        .and_then(|error| error.constraint())
        .map(str::to_owned)
}

fn is_connection_loss(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => matches!(
            error.as_ref(),
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
        ),
        _ => false,
    }
}

/// Whether a statement that ended with this SQLSTATE may succeed a little later. What is not here is for good: the
/// values cannot be stored, however often it is tried.
fn passes(state: &str) -> bool {
    let class = state.get(..2).unwrap_or_default();
    // 08: the connection is gone; 53: out of memory, disk or connections; 58: the system failed, not PostgreSQL;
    // 57P0x: the server is going down or up; 57014: statement timeout; 40: serialisation and deadlock;
    // 55P03: a lock was not to be had in time; 25P03: idle for too long; 25006: a standby that is about to take over.
    matches!(class, "08" | "40" | "53" | "58")
        || state.starts_with("57P0")
        || matches!(state, "55P03" | "57014" | "25P03" | "25006")
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if is_connection_loss(&error) || sqlstate(&error).is_some_and(|state| passes(&state)) {
            return Error::store_down("PostgreSQL", error);
        }
        Error::internal(error)
    }
}

impl From<deadpool_redis::PoolError> for Error {
    fn from(error: deadpool_redis::PoolError) -> Self {
        Error::store_down("Redis", error)
    }
}

impl From<deadpool_redis::redis::RedisError> for Error {
    fn from(error: deadpool_redis::redis::RedisError) -> Self {
        Error::store_down("Redis", error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Error::internal(error)
    }
}

#[cfg(test)]
mod tests {
    use super::passes;

    #[test]
    fn what_the_values_are_to_blame_for_does_not_pass() {
        for state in [
            "08006", "40001", "40P01", "53100", "53200", "53300", "55P03", "57P01", "57014", "58030",
        ] {
            assert!(passes(state), "{state}");
        }
        for state in [
            "22021", "22P05", "22003", "22008", "54000", "23514", "42P01", "P0001", "XX000", "",
        ] {
            assert!(!passes(state), "{state}");
        }
    }
}
