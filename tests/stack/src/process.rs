//! Processes that belong to this one: they die with it, however it ends.

use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::sys::signal::Signal;

use crate::proc_table::{self, Identity};

/// A running process of ours. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
}

impl Process {
    pub(crate) fn new(name: String, child: Child) -> Self {
        Self { name, child }
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How the process ended; `None` while it runs.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.exit_status().is_none()
    }

    /// Kills it with SIGKILL and waits until it is gone.
    pub fn kill9(&mut self) {
        let _gone_already = self.child.kill();
        let _reaped_already = self.child.wait();
    }

    /// Waits until it ends by itself; `None` when its end cannot be learnt.
    pub async fn wait(&mut self) -> Option<ExitStatus> {
        loop {
            match self.child.try_wait() {
                Ok(None) => tokio::time::sleep(Duration::from_millis(20)).await,
                Ok(Some(status)) => return Some(status),
                Err(_) => return None,
            }
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        proc_table::signal(self.pid(), signal);
    }

    /// Asks the process to stop and waits. After `timeout` it is killed, which is an error.
    ///
    /// # Errors
    /// When the process had to be killed.
    pub async fn stop(&mut self, signal: Signal, timeout: Duration) -> Result<()> {
        if self.exit_status().is_some() {
            return Ok(());
        }
        self.signal(signal);
        let asked = Instant::now();
        while self.exit_status().is_none() {
            if asked.elapsed() > timeout {
                self.kill9();
                bail!("{} did not stop within {timeout:?} and was killed", self.name);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    pub(crate) fn identity(&self) -> Option<Identity> {
        Identity::of(self.pid())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OwnedCommand;

    #[tokio::test]
    async fn a_deaf_process_is_killed_after_the_timeout_and_named() {
        let mut deaf = OwnedCommand::new("sh")
            .args(["-c", "trap '' TERM; while :; do sleep 0.05; done"])
            .spawn()
            .unwrap();
        while proc_table::children(deaf.pid()).is_empty() {
            tokio::task::yield_now().await;
        }
        let error = deaf
            .stop(Signal::SIGTERM, Duration::from_millis(50))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("sh did not stop"), "{error}");
    }
}
