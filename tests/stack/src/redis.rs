//! A private Redis: its configuration and its process.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use deadpool_redis::redis;
use nix::sys::signal::Signal;

use crate::endpoints::RedisEndpoint;
use crate::files::write_private;
use crate::owned::OwnedCommand;
use crate::process::Process;
use crate::ready;

/// A Redis server of our own. It keeps nothing on disk: for us Redis is a cache, and a restart empties it.
#[derive(Debug)]
pub struct Redis {
    endpoint: RedisEndpoint,
    program: PathBuf,
    home: PathBuf,
    process: Option<Process>,
}

impl Redis {
    /// Writes the configuration below `home`.
    pub(crate) fn prepare(home: PathBuf, program: &Path, endpoint: RedisEndpoint) -> Result<Self> {
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        let redis = Self {
            endpoint,
            program: program.to_owned(),
            home,
            process: None,
        };
        // In a file, since everybody can read a command line.
        write_private(&redis.configuration(), &redis.settings())?;
        Ok(redis)
    }

    fn settings(&self) -> String {
        let RedisEndpoint {
            port,
            password,
            databases,
        } = &self.endpoint;
        format!(
            "bind 127.0.0.1\nport {port}\nrequirepass {password}\ndatabases {databases}\n\
             appendonly no\nsave \"\"\ndaemonize no\n"
        )
    }

    /// Starts the server if it doesn't run and waits until it answers.
    ///
    /// # Errors
    /// When it ends or isn't ready in time; the error shows the end of its log.
    pub async fn start(&mut self) -> Result<()> {
        if self
            .process
            .as_mut()
            .is_none_or(|process| process.exit_status().is_some())
        {
            let process = OwnedCommand::new(&self.program)
                .arg(self.configuration())
                .current_dir(&self.home)
                .log_to(&self.log())
                .spawn()?;
            self.process = Some(process);
        }
        self.wait_ready().await
    }

    /// Waits until the server answers a ping.
    ///
    /// # Errors
    /// When it doesn't run, ends or isn't ready in time.
    pub async fn wait_ready(&mut self) -> Result<()> {
        let log = self.log();
        let Some(process) = &mut self.process else {
            bail!("Redis is not running")
        };
        let endpoint = &self.endpoint;
        let ping = async || {
            Ok(redis::cmd("PING")
                .exec_async(&mut endpoint.connect(0).await?)
                .await?)
        };
        ready::until("Redis", process, &log, ping).await
    }

    /// Stops the server in order.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.stop(Signal::SIGTERM, Duration::from_secs(20)).await,
            None => Ok(()),
        }
    }

    /// Stops and starts the server on the same port; what it held is gone.
    ///
    /// # Errors
    /// As [`Redis::start`] and [`Redis::stop`].
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        self.start().await
    }

    /// Kills the server with SIGKILL.
    pub fn kill9(&mut self) {
        self.process = None;
    }

    /// Whether the server's process is there.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_running)
    }

    /// Where and how to connect.
    pub fn endpoint(&self) -> &RedisEndpoint {
        &self.endpoint
    }

    /// The connection URL of a numbered database.
    pub fn url(&self, database: u32) -> String {
        self.endpoint.url(database)
    }

    /// The process id. Empty when it doesn't run.
    pub fn pids(&self) -> Vec<u32> {
        self.process.iter().map(Process::pid).collect()
    }

    /// The server's log file.
    pub fn log(&self) -> PathBuf {
        self.home.with_extension("log")
    }

    fn configuration(&self) -> PathBuf {
        self.home.join("redis.conf")
    }

    pub(crate) fn processes(&self) -> impl Iterator<Item = &Process> {
        self.process.iter()
    }
}
