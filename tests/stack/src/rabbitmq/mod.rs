//! A private RabbitMQ: its configuration, its port mapper, its process, its virtual hosts.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use reqwest::Method;
use tokio::net::TcpStream;

use crate::endpoints::RabbitMqEndpoint;
use crate::owned::OwnedCommand;
use crate::proc_table;
use crate::process::Process;
use crate::provision::Servers;
use crate::ready;
use crate::state::Ports;

mod settings;

/// A RabbitMQ node of our own, with its own Erlang port mapper: Debian's `epmd`, cookie, user and folders stay untouched.
#[derive(Debug)]
pub struct RabbitMq {
    endpoint: RabbitMqEndpoint,
    ports: Ports,
    servers: Servers,
    home: PathBuf,
    epmd: Option<Process>,
    process: Option<Process>,
}

impl RabbitMq {
    /// Writes the configuration below `home`.
    pub(crate) fn prepare(
        home: PathBuf,
        servers: &Servers,
        ports: Ports,
        endpoint: RabbitMqEndpoint,
    ) -> Result<Self> {
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        settings::write(&home, &endpoint, &ports)?;
        Ok(Self {
            endpoint,
            ports,
            servers: servers.clone(),
            home,
            epmd: None,
            process: None,
        })
    }

    /// Starts the node if it doesn't run and waits until it takes connections.
    ///
    /// # Errors
    /// When it ends or isn't ready in time; the error shows the end of its log.
    pub async fn start(&mut self) -> Result<()> {
        self.start_epmd().await?;
        if self
            .process
            .as_mut()
            .is_none_or(|process| process.exit_status().is_some())
        {
            let process = OwnedCommand::new(self.servers.rabbitmq_sbin.join("rabbitmq-server"))
                .clear_env()
                .env("PATH", settings::search_path(&self.servers))
                .current_dir(&self.home)
                .log_to(&self.log());
            let environment = settings::environment(&self.home, &self.ports);
            let process = environment
                .into_iter()
                .fold(process, |process, (name, value)| process.env(name, value));
            self.process = Some(process.spawn()?);
        }
        self.wait_ready().await
    }

    /// The port mapper must answer before the node starts, otherwise Erlang starts one of its own that outlives us.
    async fn start_epmd(&mut self) -> Result<()> {
        if !self.epmd.as_mut().is_some_and(Process::is_running) {
            let epmd = OwnedCommand::new(&self.servers.epmd)
                .args(["-port", &self.ports.epmd.to_string(), "-address", "127.0.0.1"])
                .clear_env()
                .current_dir(&self.home)
                .log_to(&self.log())
                .spawn()?;
            self.epmd = Some(epmd);
        }
        let (log, port) = (self.log(), self.ports.epmd);
        let Some(epmd) = &mut self.epmd else {
            bail!("epmd is not running")
        };
        ready::until("epmd", epmd, &log, async || {
            TcpStream::connect(("127.0.0.1", port)).await?;
            Ok(())
        })
        .await
    }

    /// Waits until the node takes AMQP connections and its management API answers.
    ///
    /// # Errors
    /// When it doesn't run, ends or isn't ready in time.
    pub async fn wait_ready(&mut self) -> Result<()> {
        let log = self.log();
        let Some(process) = &mut self.process else {
            bail!("RabbitMQ is not running")
        };
        let endpoint = &self.endpoint;
        let check = format!("/api/health/checks/port-listener/{}", endpoint.port);
        ready::until("RabbitMQ", process, &log, async || {
            TcpStream::connect(("127.0.0.1", endpoint.port)).await?;
            endpoint
                .call(Method::GET, &check, None)
                .await?
                .context("no such health check")?;
            Ok(())
        })
        .await
    }

    /// Stops the node in order.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(&mut self) -> Result<()> {
        let stopped = match self.process.take() {
            Some(mut process) => process.stop(Signal::SIGTERM, Duration::from_secs(30)).await,
            None => Ok(()),
        };
        self.epmd = None;
        stopped
    }

    /// Stops and starts the node on the same ports and data.
    ///
    /// # Errors
    /// As [`RabbitMq::start`] and [`RabbitMq::stop`].
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        self.start().await
    }

    /// Kills the node with SIGKILL, as a power cut would.
    pub fn kill9(&mut self) {
        self.process = None;
    }

    /// Whether the node's process and its port mapper's are there.
    pub fn is_running(&mut self) -> bool {
        [&mut self.process, &mut self.epmd]
            .into_iter()
            .all(|process| process.as_mut().is_some_and(Process::is_running))
    }

    /// Where and how to connect.
    pub fn endpoint(&self) -> &RabbitMqEndpoint {
        &self.endpoint
    }

    /// The AMQP URL of a virtual host.
    pub fn url(&self, vhost: &str) -> String {
        self.endpoint.url(vhost)
    }

    /// The address of the management page and API.
    pub fn management_url(&self) -> String {
        self.endpoint.management_url()
    }

    /// The process ids; the first is the node's, the last the port mapper's. Empty when it doesn't run.
    pub fn pids(&self) -> Vec<u32> {
        let node = self.process.iter().map(Process::pid);
        let node = node.flat_map(|pid| [pid].into_iter().chain(proc_table::children(pid)));
        node.chain(self.epmd.iter().map(Process::pid)).collect()
    }

    /// The log file of what the node prints; its own log is in the folder `log` beside its data.
    pub fn log(&self) -> PathBuf {
        self.home.with_extension("log")
    }

    pub(crate) fn processes(&self) -> impl Iterator<Item = &Process> {
        self.process.iter().chain(self.epmd.iter())
    }
}
