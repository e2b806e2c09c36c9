//! Where the servers of a running stack listen, as a file that other processes attach by.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::files::write_private;

/// The environment variable with the path of the file that [`Endpoints::write`] wrote.
pub const ENDPOINTS_VARIABLE: &str = "GPET_STACK";

/// What a process needs to attach to a running [`Stack`](crate::Stack).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// Where PostgreSQL listens.
    pub postgres: PostgresEndpoint,
    /// Where Redis listens.
    pub redis: RedisEndpoint,
    /// Where RabbitMQ listens.
    pub rabbitmq: RabbitMqEndpoint,
}

impl Endpoints {
    /// The endpoints in the file named by the environment variable `GPET_STACK`.
    ///
    /// # Errors
    /// When the variable is not set (then `cargo xtask test` was not what started the tests) or the file is unreadable.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one variable by which a test process finds its servers"
    )]
    pub fn from_env() -> Result<Self> {
        let path = std::env::var_os(ENDPOINTS_VARIABLE).with_context(|| {
            format!("{ENDPOINTS_VARIABLE} is not set: run `cargo xtask test`, it starts the servers that tests need")
        })?;
        Self::read(Path::new(&path))
    }

    /// Reads what [`Endpoints::write`] wrote.
    ///
    /// # Errors
    /// When the file is missing or something else.
    pub fn read(path: &Path) -> Result<Self> {
        let json = std::fs::read(path)
            .with_context(|| format!("cannot read the endpoints in {}", path.display()))?;
        serde_json::from_slice(&json).with_context(|| format!("{} holds no endpoints", path.display()))
    }

    /// Writes them as JSON to a file that only its owner can read: they hold passwords.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        write_private(path, &serde_json::to_string_pretty(self)?)
    }
}

/// A PostgreSQL server on loopback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostgresEndpoint {
    /// TCP port on 127.0.0.1.
    pub port: u16,
    /// The superuser.
    pub user: String,
    /// The superuser's password.
    pub password: String,
}

impl PostgresEndpoint {
    /// The connection URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://{}:{}@127.0.0.1:{}/{database}",
            self.user, self.password, self.port
        )
    }
}

/// A Redis server on loopback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedisEndpoint {
    /// TCP port on 127.0.0.1.
    pub port: u16,
    /// The password of the default user.
    pub password: String,
    /// How many numbered databases it has.
    pub databases: u32,
}

impl RedisEndpoint {
    /// The connection URL of a numbered database.
    pub fn url(&self, database: u32) -> String {
        format!("redis://:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }
}

/// A RabbitMQ node on loopback, with its management API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RabbitMqEndpoint {
    /// AMQP port on 127.0.0.1.
    pub port: u16,
    /// HTTP port of the management API on 127.0.0.1.
    pub management_port: u16,
    /// The administrator.
    pub user: String,
    /// The administrator's password.
    pub password: String,
}

impl RabbitMqEndpoint {
    /// The AMQP URL of a virtual host; `/` becomes `%2f`.
    pub fn url(&self, vhost: &str) -> String {
        format!(
            "amqp://{}:{}@127.0.0.1:{}/{}",
            self.user,
            self.password,
            self.port,
            percent_encoded(vhost)
        )
    }

    /// The address of the management page and API, without a slash at the end.
    pub fn management_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.management_port)
    }
}

/// Everything but unreserved characters of RFC 3986 as `%xx`.
pub(crate) fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vhost_is_percent_encoded_in_its_url() {
        let rabbitmq = RabbitMqEndpoint {
            port: 5,
            management_port: 6,
            user: "u".into(),
            password: "p".into(),
        };
        assert_eq!(rabbitmq.url("/"), "amqp://u:p@127.0.0.1:5/%2f");
        assert_eq!(rabbitmq.url("群-1"), "amqp://u:p@127.0.0.1:5/%e7%be%a4-1");
    }
}
