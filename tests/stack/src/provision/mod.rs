//! Finding the three servers and the tests' tools on this machine, or installing Debian's packages of them.

use std::path::PathBuf;

use anyhow::{Result, bail};
use nix::unistd::geteuid;

use crate::Say;

mod find;
mod install;
mod tools;

pub use tools::{cpp, node, python};

/// Where the programs of the three servers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Servers {
    /// The folder with `initdb`, `postgres`, `pg_ctl`, `psql` and `pgbench` of one version, 15 or later.
    pub postgres_bin: PathBuf,
    /// `redis-server`.
    pub redis_server: PathBuf,
    /// The folder with RabbitMQ's own start script. Debian's wrapper in `/usr/sbin` insists on Debian's user and folders.
    pub rabbitmq_sbin: PathBuf,
    /// The folder with `erl`.
    pub erlang_bin: PathBuf,
    /// Erlang's port mapper.
    pub epmd: PathBuf,
}

/// Finds the servers. Those that are missing are installed when we are root on Debian, without letting Debian start any.
///
/// # Errors
/// When servers are missing and we cannot install them; the error names the compose file as the other way.
pub async fn provision(say: Say<'_>) -> Result<Servers> {
    let missing = match find::find() {
        Ok(servers) => return Ok(servers),
        Err(missing) => missing,
    };
    say(&format!("not on this machine: {missing}"));
    if !geteuid().is_root() || !install::is_debian() {
        bail!("{}", without_installation(&missing));
    }
    install::install(&missing.0, say).await?;
    find::find()
        .map_err(|still| anyhow::anyhow!("the packages were installed, but these are still missing: {still}"))
}

fn without_installation(missing: &find::Missing) -> String {
    format!(
        "{missing}: not found, and only root on Debian or Ubuntu can have them installed by this command. Either install \
         PostgreSQL 15 or later, Redis and RabbitMQ (they need not run), or run them in containers with\n  \
         docker compose -f config/deploy/compose.yaml up -d\nand start the binaries yourself with\n  \
         DATABASE_URL=postgres://gpet:gpet@127.0.0.1:5432/gpet\n  REDIS_URL=redis://127.0.0.1:6379/0\n  \
         MQ_CONFIG=amqp://gpet:gpet@127.0.0.1:5672/gateway\n  INNER_MQ_CONFIG=amqp://gpet:gpet@127.0.0.1:5672/gpet\n\
         as config/deploy/README.md describes"
    )
}
