//! The simulators, api and scheduler as processes: started, watched, started again after a crash, stopped in order.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use stack::{OwnedCommand, Process, tail};

use crate::binaries::Binaries;
use crate::environment::Environment;
use crate::places;
use crate::steps::Steps;

/// The product itself promises to stop within this time; see `TimeoutStopSec` of its systemd units.
const STOP_PATIENCE: Duration = Duration::from_secs(25);
/// How long a program may take until it is ready.
const READY_PATIENCE: Duration = Duration::from_secs(60);
/// The pause before a restart: doubled with every crash, up to the second.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// Who has run this long is taken for healthy, and the pause starts over.
const HEALTHY: Duration = Duration::from_secs(30);

/// One program with the way to start it and to ask it whether it is ready.
#[derive(Debug)]
pub struct Product {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    ready_url: String,
    process: Option<Process>,
    started: Instant,
    pause: Duration,
}

impl Product {
    /// All three, in the order in which they start.
    pub fn all(binaries: &Binaries, environment: &Environment) -> [Self; 3] {
        let (simulators, api) = (environment.get("GPET_SIM_URL"), environment.get("GPET_API_URL"));
        let scheduler = environment.get("GPET_SCHEDULER_URL");
        let listen = simulators.trim_start_matches("http://").to_owned();
        let keys = places::data().join("keys").display().to_string();
        let books = places::data().join("simulators.json").display().to_string();
        let product = |name, arguments: &[&str], ready_url| Self {
            name,
            program: binaries.path(name),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            ready_url,
            process: None,
            started: Instant::now(),
            pause: BACKOFF.0,
        };
        [
            product(
                "simulators",
                &["serve", "--listen", &listen, "--keys", &keys, "--books", &books],
                format!("{simulators}/control/health"),
            ),
            product("api", &["serve"], format!("{api}/readyz")),
            product("scheduler", &["run"], format!("{scheduler}/readyz")),
        ]
    }

    /// Puts the log of the last `up` aside, as `*.log.1`.
    ///
    /// # Errors
    /// When the folder of logs cannot be written.
    pub fn begin_log(&self) -> Result<()> {
        fs::create_dir_all(places::logs())?;
        let log = self.log();
        if log.exists() {
            fs::rename(&log, log.with_extension("log.1"))?;
        }
        Ok(())
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Starts it, with its output in its log file.
    ///
    /// # Errors
    /// When the program or the log file is missing.
    pub fn start(&mut self, environment: &Environment) -> Result<()> {
        let command = OwnedCommand::new(&self.program)
            .args(&self.arguments)
            .current_dir(&places::root())
            .log_to(&self.log());
        self.process = Some(
            environment
                .pairs()
                .fold(command, |command, (name, value)| command.env(name, value))
                .spawn()?,
        );
        self.started = Instant::now();
        Ok(())
    }

    /// Waits until it answers 200.
    ///
    /// # Errors
    /// When it ends or isn't ready in time; the error shows the end of its log.
    pub async fn wait_ready(&mut self, steps: &Steps) -> Result<()> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .build()?;
        let mut told = Instant::now();
        loop {
            let state = match client.get(&self.ready_url).send().await {
                Ok(answer) if answer.status() == 200 => return Ok(()),
                Ok(answer) => format!("{} {}", answer.status(), answer.text().await.unwrap_or_default()),
                Err(_) => "no answer".into(),
            };
            let log = self.log();
            let end = || format!("Its log {} ends with:\n{}", log.display(), tail(&log, 20));
            if let Some(status) = self.process.as_mut().and_then(Process::exit_status) {
                bail!("{} ended before it was ready ({status}). {}", self.name, end());
            }
            if self.started.elapsed() > READY_PATIENCE {
                bail!(
                    "{} is not ready after {READY_PATIENCE:?}, {}: {state}. {}",
                    self.name,
                    self.ready_url,
                    end()
                );
            }
            if told.elapsed() > Duration::from_secs(5) {
                steps.say(&format!("waiting for {}: {state}", self.name));
                told = Instant::now();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Starts it again if it has ended and its pause is over; says so.
    ///
    /// # Errors
    /// When the program or the log file is missing.
    pub fn restart_if_ended(&mut self, steps: &Steps, environment: &Environment) -> Result<()> {
        let Some(process) = &mut self.process else {
            if self.started.elapsed() > self.pause {
                self.pause = BACKOFF.1.min(self.pause * 2);
                self.start(environment)
                    .with_context(|| format!("cannot start {} again", self.name))?;
                steps.say(&format!("{} is started again", self.name));
            }
            return Ok(());
        };
        if let Some(status) = process.exit_status() {
            if self.started.elapsed() > HEALTHY {
                self.pause = BACKOFF.0;
            }
            let (log, pause) = (self.log(), self.pause);
            steps.say(&format!(
                "{} ended ({status}), see {}; again in {pause:?}",
                self.name,
                log.display()
            ));
            self.process = None;
            // The pause counts from here.
            self.started = Instant::now();
        }
        Ok(())
    }

    /// Asks it to stop and waits.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.stop(Signal::SIGTERM, STOP_PATIENCE).await,
            None => Ok(()),
        }
    }

    fn log(&self) -> PathBuf {
        places::logs().join(format!("{}.log", self.name))
    }
}
