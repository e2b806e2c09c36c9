//! All three servers together: started, attached to, stopped.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::endpoints::{Endpoints, PostgresEndpoint, RabbitMqEndpoint, RedisEndpoint};
use crate::postgres::Postgres;
use crate::provision::Servers;
use crate::rabbitmq::RabbitMq;
use crate::redis::Redis;
use crate::state::State;

/// How large the servers of a [`Stack`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// PostgreSQL's `shared_buffers` in megabytes.
    pub shared_buffers_mb: u32,
    /// How many numbered databases Redis has, at least 2.
    pub redis_databases: u32,
}

impl Options {
    /// For people and benchmarks: as one would run it for real.
    pub fn full() -> Self {
        Self {
            shared_buffers_mb: 1024,
            redis_databases: 16,
        }
    }

    /// For tests: little memory, and a Redis database for each test.
    pub fn small() -> Self {
        Self {
            shared_buffers_mb: 128,
            redis_databases: 4096,
        }
    }
}

/// The three running servers. Dropping it kills them; [`Stack::stop`] stops them in order.
#[derive(Debug)]
pub struct Stack {
    /// The truth.
    pub postgres: Postgres,
    /// The cache.
    pub redis: Redis,
    /// The broker.
    pub rabbitmq: RabbitMq,
    /// Held while the servers run, so that two stacks never share a folder.
    _lock: File,
}

impl Stack {
    /// Starts all three with their data under `dir` and waits until they answer. Logs are `dir/*.log`.
    ///
    /// # Errors
    /// When another stack runs in the folder, or a server does not start; then none is left running.
    pub async fn start(dir: &Path, servers: &Servers, options: Options) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let dir = &dir.canonicalize()?;
        let lock = lock(dir)?;
        let mut state = State::load_or_new(dir)?;
        state.save(dir)?;
        let (ports, user) = (state.ports, || "gpet".to_owned());

        let postgres = PostgresEndpoint {
            port: ports.postgres,
            user: user(),
            password: state.postgres_password.clone(),
        };
        let redis = RedisEndpoint {
            port: ports.redis,
            password: state.redis_password.clone(),
            databases: options.redis_databases,
        };
        let rabbitmq = RabbitMqEndpoint {
            port: ports.rabbitmq,
            management_port: ports.rabbitmq_management,
            user: user(),
            password: state.rabbitmq_password.clone(),
        };
        let mut stack = Self {
            postgres: Postgres::prepare(
                dir.join("postgres"),
                &servers.postgres_bin,
                postgres,
                options.shared_buffers_mb,
            )
            .await?,
            redis: Redis::prepare(dir.join("redis"), &servers.redis_server, redis)?,
            rabbitmq: RabbitMq::prepare(dir.join("rabbitmq"), servers, ports, rabbitmq)?,
            _lock: lock,
        };
        tokio::try_join!(
            stack.postgres.start(),
            stack.redis.start(),
            stack.rabbitmq.start()
        )?;
        state.processes = stack.identities();
        state.save(dir)?;
        Ok(stack)
    }

    /// What another process needs to use these servers.
    pub fn endpoints(&self) -> Endpoints {
        Endpoints {
            postgres: self.postgres.endpoint().clone(),
            redis: self.redis.endpoint().clone(),
            rabbitmq: self.rabbitmq.endpoint().clone(),
        }
    }

    /// Starts those again that have ended without being asked to, on the same ports and data, and names them.
    ///
    /// # Errors
    /// When one does not start.
    pub async fn revive(&mut self) -> Result<Vec<&'static str>> {
        let mut revived = Vec::new();
        if !self.postgres.is_running() {
            self.postgres.start().await?;
            revived.push("PostgreSQL");
        }
        if !self.redis.is_running() {
            self.redis.start().await?;
            revived.push("Redis");
        }
        if !self.rabbitmq.is_running() {
            self.rabbitmq.start().await?;
            revived.push("RabbitMQ");
        }
        Ok(revived)
    }

    /// The process ids of everything that runs.
    pub fn pids(&self) -> Vec<u32> {
        [self.postgres.pids(), self.redis.pids(), self.rabbitmq.pids()].concat()
    }

    /// Stops all three in order.
    ///
    /// # Errors
    /// Names the servers that had to be killed. All are gone in any case.
    pub async fn stop(mut self) -> Result<()> {
        let (postgres, redis, rabbitmq) =
            tokio::join!(self.postgres.stop(), self.redis.stop(), self.rabbitmq.stop());
        postgres.and(redis).and(rabbitmq)
    }

    fn identities(&self) -> Vec<crate::proc_table::Identity> {
        let all = self
            .postgres
            .processes()
            .chain(self.redis.processes())
            .chain(self.rabbitmq.processes());
        all.filter_map(|process| process.identity()).collect()
    }
}

fn lock(dir: &Path) -> Result<File> {
    let path = dir.join("stack.lock");
    let lock = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => {
            bail!("servers with their data under {} run already", dir.display())
        }
        Err(fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}
