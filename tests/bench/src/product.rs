//! The product's programs, as processes.

use anyhow::{Context, Result, bail};
use sqlx::{Connection, PgConnection};
use stack::Endpoints;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// The secret of the tokens; these programs serve nobody else.
pub const JWT_SECRET: &str = "a-secret-of-the-benchmark-and-no-other";

/// What it takes to run a program.
#[derive(Debug, Clone)]
pub struct Product {
    /// The servers.
    pub endpoints: Endpoints,
    /// Where the programs are.
    pub programs: PathBuf,
    /// When they believe to be started; empty for now.
    pub clock: &'static str,
}

impl Product {
    /// The same at another time.
    pub fn at(&self, clock: &'static str) -> Product {
        Product {
            clock,
            ..self.clone()
        }
    }

    /// A program of the product on a database, as in production except for its partners, who are nowhere.
    pub fn command(&self, program: &str, database: &str) -> Command {
        let nowhere = "http://127.0.0.1:9";
        let mut command = Command::new(self.programs.join(program));
        command
            .env("GPET_PROFILE", "development")
            .env("GPET_CLOCK", self.clock)
            .env("DATABASE_URL", self.endpoints.postgres.url(database))
            .env("REDIS_URL", self.endpoints.redis.url(1))
            .env("MQ_CONFIG", self.endpoints.rabbitmq.url("/"))
            .env("INNER_MQ_CONFIG", self.endpoints.rabbitmq.url("/"))
            .env("ROBOT_HOST", nowhere)
            .env("LAUNCH_HOST", nowhere)
            .env("JWT_SECRET", JWT_SECRET)
            .env("MD5_SECRET_KEY", JWT_SECRET)
            .env("GPET_PARTNER_SECRET", JWT_SECRET)
            .env("GPET_DATA_KEY", "00112233445566778899aabbccddeeff".repeat(2))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Runs a program to its end and tells the peak of its resident memory in kilobytes, as the kernel counted it.
    ///
    /// # Errors
    /// When it fails; with what it said.
    pub async fn run(&self, program: &str, database: &str, arguments: &[&str]) -> Result<u64> {
        let child = self
            .command(program, database)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let status = format!("/proc/{}/status", child.id().unwrap_or_default());
        let mut peak_kilobytes = 0;
        let ended = child.wait_with_output();
        tokio::pin!(ended);
        let output = loop {
            tokio::select! {
                output = &mut ended => break output?,
                () = tokio::time::sleep(Duration::from_millis(20)) => {
                    // The peak only grows, so the last look that succeeds has it.
                    peak_kilobytes = peak_kilobytes.max(peak_of(&status).unwrap_or(0));
                }
            }
        };
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("{program} {}: {}\n{said}", arguments.join(" "), output.status);
        }
        Ok(peak_kilobytes)
    }

    /// A connection of our own.
    ///
    /// # Errors
    /// When PostgreSQL is away.
    pub async fn connect(&self, database: &str) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.endpoints.postgres.url(database)).await?)
    }

    /// An empty database in place of what has that name, brought to the newest schema and seeded by the product.
    ///
    /// # Errors
    /// When a server or `api migrate` fails.
    pub async fn fresh_database(&self, name: &str) -> Result<()> {
        self.endpoints.drop_database(name).await?;
        self.endpoints.create_database(name, None).await?;
        self.run("api", name, &["migrate"]).await.map(|_| ())
    }
}

fn peak_of(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
