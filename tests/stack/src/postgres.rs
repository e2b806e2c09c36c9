//! A private PostgreSQL: its cluster, its settings, its process.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use sqlx::Connection;

use crate::endpoints::PostgresEndpoint;
use crate::files::{tail, write_private};
use crate::owned::OwnedCommand;
use crate::proc_table;
use crate::process::Process;
use crate::ready;
use crate::run_as::RunAs;

/// A PostgreSQL server of our own: checksummed, durable, reachable on loopback only.
#[derive(Debug)]
pub struct Postgres {
    endpoint: PostgresEndpoint,
    bin: PathBuf,
    home: PathBuf,
    shared_buffers_mb: u32,
    run_as: RunAs,
    process: Option<Process>,
}

impl Postgres {
    /// Prepares the data folder below `home`, once.
    pub(crate) async fn prepare(
        home: PathBuf,
        bin: &Path,
        endpoint: PostgresEndpoint,
        shared_buffers_mb: u32,
    ) -> Result<Self> {
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        let run_as = RunAs::choose(&home, &bin.join("postgres"))?;
        let postgres = Self {
            endpoint,
            bin: bin.to_owned(),
            home,
            shared_buffers_mb,
            run_as,
            process: None,
        };
        if !postgres.data().join("PG_VERSION").exists() {
            postgres.init().await?;
        }
        Ok(postgres)
    }

    /// Into a draft folder first, so that an interrupted initdb is not taken for a database.
    async fn init(&self) -> Result<()> {
        let (draft, password) = (self.home.join("data.draft"), self.home.join("password"));
        if draft.exists() {
            fs::remove_dir_all(&draft)?;
        }
        write_private(&password, &self.endpoint.password)?;
        self.run_as.give(&password)?;
        let log = self.log();
        let mut initdb = OwnedCommand::new(self.bin.join("initdb"))
            .args([
                "--data-checksums",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--auth=scram-sha-256",
            ])
            .arg(format!("--username={}", self.endpoint.user))
            .arg(format!("--pwfile={}", password.display()))
            .arg(format!("--pgdata={}", draft.display()))
            .current_dir(&self.home)
            .wrapped(self.run_as.wrapper())
            .log_to(&log)
            .spawn()?;
        let status = initdb.wait().await;
        fs::remove_file(&password)?;
        if !status.is_some_and(|status| status.success()) {
            bail!(
                "initdb failed. Its log {} ends with:\n{}",
                log.display(),
                tail(&log, 15)
            );
        }
        fs::rename(&draft, self.data()).context("cannot put the new PostgreSQL data in place")
    }

    /// Starts the server if it doesn't run and waits until it answers, crash recovery included.
    ///
    /// # Errors
    /// When it ends or isn't ready in time; the error shows the end of its log.
    pub async fn start(&mut self) -> Result<()> {
        if self
            .process
            .as_mut()
            .is_none_or(|process| process.exit_status().is_some())
        {
            self.clear_leftovers()?;
            let log = self.log();
            let process = OwnedCommand::new(self.bin.join("postgres"))
                .args(["-D".into(), self.data()])
                .args(
                    self.settings()
                        .into_iter()
                        .flat_map(|setting| ["-c".to_owned(), setting]),
                )
                .current_dir(&self.home)
                .wrapped(self.run_as.wrapper())
                .log_to(&log)
                .spawn()?;
            self.process = Some(process);
        }
        self.wait_ready().await
    }

    /// After a kill, sessions may still be on their way out, and a dead server that nobody has reaped yet makes
    /// PostgreSQL believe that it still runs. The folder is ours alone (the stack holds a lock on it).
    fn clear_leftovers(&self) -> Result<()> {
        let data = self.data();
        loop {
            let leftovers = proc_table::working_in(&data, "postgres");
            if leftovers.is_empty() {
                break;
            }
            leftovers.into_iter().for_each(proc_table::kill9);
        }
        match fs::remove_file(data.join("postmaster.pid")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).context("cannot remove postmaster.pid")
            }
            _ => Ok(()),
        }
    }

    fn settings(&self) -> Vec<String> {
        vec![
            "listen_addresses=127.0.0.1".into(),
            format!("port={}", self.endpoint.port),
            "unix_socket_directories=".into(),
            "max_connections=300".into(),
            format!("shared_buffers={}MB", self.shared_buffers_mb),
            "fsync=on".into(),
            "synchronous_commit=on".into(),
            "max_wal_size=4GB".into(),
            "checkpoint_timeout=15min".into(),
            "wal_compression=lz4".into(),
            "timezone=UTC".into(),
            "log_timezone=UTC".into(),
            "log_line_prefix=%m [%p] %d ".into(),
        ]
    }

    /// Waits until the server takes connections.
    ///
    /// # Errors
    /// When it doesn't run, ends or isn't ready in time.
    pub async fn wait_ready(&mut self) -> Result<()> {
        let log = self.log();
        let Some(process) = &mut self.process else {
            bail!("PostgreSQL is not running")
        };
        let endpoint = &self.endpoint;
        ready::until("PostgreSQL", process, &log, async || {
            Ok(endpoint.admin().await?.close().await?)
        })
        .await
    }

    /// Stops the server in order (PostgreSQL's "fast" way): sessions are cut off, data is written.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.stop(Signal::SIGINT, Duration::from_secs(60)).await,
            None => Ok(()),
        }
    }

    /// Stops and starts the server on the same port and data.
    ///
    /// # Errors
    /// As [`Postgres::start`] and [`Postgres::stop`].
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        self.start().await
    }

    /// Kills the server and all its sessions with SIGKILL, as a power cut would.
    pub fn kill9(&mut self) {
        if let Some(mut process) = self.process.take() {
            let sessions = proc_table::children(process.pid());
            process.kill9();
            // A session in the middle of a statement would go on to its end and block a restart until then.
            sessions.into_iter().for_each(proc_table::kill9);
        }
    }

    /// Whether the server's process is there.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_running)
    }

    /// Where and how to connect.
    pub fn endpoint(&self) -> &PostgresEndpoint {
        &self.endpoint
    }

    /// The connection URL of a database.
    pub fn url(&self, database: &str) -> String {
        self.endpoint.url(database)
    }

    /// The process ids; the first is the server's. Empty when it doesn't run.
    pub fn pids(&self) -> Vec<u32> {
        let server = self.process.iter().map(Process::pid);
        server
            .flat_map(|pid| [pid].into_iter().chain(proc_table::children(pid)))
            .collect()
    }

    /// The server's log file.
    pub fn log(&self) -> PathBuf {
        self.home.with_extension("log")
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    pub(crate) fn processes(&self) -> impl Iterator<Item = &Process> {
        self.process.iter()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill9();
    }
}
