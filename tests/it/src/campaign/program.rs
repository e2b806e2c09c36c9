//! A program of the product, and the process it runs as.

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Utc};
use nix::sys::signal::Signal;
use stack::{OwnedCommand, PROGRAMS_VARIABLE, Process, tail};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a program may take to serve, and to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// See the module.
pub struct Program {
    /// Where it listens.
    pub listen: String,
    name: &'static str,
    command: &'static str,
    log: PathBuf,
    process: Option<Process>,
}

/// A built program: where `cargo xtask` keeps those of this checkout; else beside this one, or beside the folder of a
/// test.
///
/// # Errors
/// When the program is not built.
pub fn built(name: &str) -> Result<PathBuf> {
    let (kept, here) = (std::env::var_os(PROGRAMS_VARIABLE), std::env::current_exe()?);
    let beside = here.ancestors().skip(1).take(2).map(Path::to_owned);
    let folders = kept.map(PathBuf::from).into_iter().chain(beside);
    folders
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .with_context(|| {
            format!("{name} is not built: `cargo xtask test` builds it, or `cargo build -p {name}`")
        })
}

impl Program {
    /// One that does not run yet: `name command`, to listen on this port of loopback.
    pub fn new(name: &'static str, command: &'static str, port: u16, log: PathBuf) -> Self {
        Program {
            listen: format!("127.0.0.1:{port}"),
            name,
            command,
            log,
            process: None,
        }
    }

    /// Starts it at this time unless it runs, and waits until it serves.
    ///
    /// # Errors
    /// When it ends, or takes too long.
    pub async fn start(&mut self, environment: &HashMap<String, String>, now: DateTime<Utc>) -> Result<()> {
        if self.process.is_none() {
            let command = OwnedCommand::new(built(self.name)?)
                .arg(self.command)
                .log_to(&self.log);
            let command = environment
                .iter()
                .fold(command, |command, (name, value)| command.env(name, value));
            self.process = Some(command.env("GPET_CLOCK", now.to_rfc3339()).spawn()?);
        }
        let (http, url) = (reqwest::Client::new(), format!("http://{}/healthz", self.listen));
        let deadline = Instant::now() + PATIENCE;
        while http.get(&url).send().await.is_err() {
            self.must_live()?;
            ensure!(Instant::now() < deadline, "{} does not serve", self.name);
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Kills it with SIGKILL.
    pub fn kill9(&mut self) {
        self.process = None;
    }

    /// Stops it in order.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.stop(Signal::SIGTERM, PATIENCE).await,
            None => Ok(()),
        }
    }

    /// Fails when it has ended and nobody killed it.
    ///
    /// # Errors
    /// With the end of its log.
    pub fn must_live(&mut self) -> Result<()> {
        let lives = self.process.as_mut().is_none_or(Process::is_running);
        ensure!(lives, "{} ended by itself:\n{}", self.name, tail(&self.log, 15));
        Ok(())
    }
}
