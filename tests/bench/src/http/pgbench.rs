//! What the same server gives to a client that does nothing but ask.

use crate::product::Product;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// `pgbench`, with its tables made.
#[derive(Debug)]
pub struct Pgbench {
    program: PathBuf,
    url: String,
}

impl Pgbench {
    /// Makes its tables in a database: a million rows to choose from.
    ///
    /// # Errors
    /// When the program is missing or fails.
    pub async fn prepare(product: &Product, postgres: &Path, database: &str) -> Result<Self> {
        let pgbench = Pgbench {
            program: postgres.join("pgbench"),
            url: product.endpoints.postgres.url(database),
        };
        pgbench.call(&["-i", "-q", "-s", "10"]).await?;
        Ok(pgbench)
    }

    /// Transactions a second, connecting left out.
    ///
    /// # Errors
    /// When it fails or says something else.
    pub async fn run(&self, connections: u32, seconds: u64) -> Result<u64> {
        let (connections, seconds) = (connections.to_string(), seconds.to_string());
        let arguments = [
            "-n",
            "-S",
            "-M",
            "prepared",
            "-j",
            "1",
            "-c",
            &connections,
            "-T",
            &seconds,
        ];
        let said = self.call(&arguments).await?;
        transactions(&said).with_context(|| format!("no result in what pgbench said:\n{said}"))
    }

    async fn call(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(&self.program)
            .args(arguments)
            .arg(&self.url)
            .kill_on_drop(true)
            .output()
            .await
            .with_context(|| format!("cannot run {}", self.program.display()))?;
        if !output.status.success() {
            bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn transactions(said: &str) -> Option<u64> {
    let line = said.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_without_its_fraction() {
        let said = "latency average = 1.2 ms\ntps = 23456.789012 (without initial connection time)\n";
        assert_eq!(transactions(said), Some(23_456));
        assert_eq!(transactions("pgbench: error"), None);
    }
}
