//! `cargo xtask down`: stops what `up` started.

use std::time::{Duration, Instant};

use anyhow::Result;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::lock::{Holder, Lock};
use crate::steps::Steps;

/// Longer than `up` gives its processes to stop in order.
const PATIENCE: Duration = Duration::from_secs(120);

/// Stops the running `up`, whether in the background or in another terminal.
pub async fn run() -> Result<()> {
    let steps = Steps::begin();
    let Holder::Other(pid) = Lock::take()? else {
        steps.say("nothing is running");
        return Ok(());
    };
    steps.say(&format!("stopping everything that process {pid} runs"));
    kill(Pid::from_raw(pid), Signal::SIGTERM)?;
    let asked = Instant::now();
    let mut killed = false;
    while let Holder::Other(pid) = Lock::take()? {
        if asked.elapsed() > PATIENCE && !killed {
            steps.say(&format!("process {pid} does not stop, killing it"));
            kill(Pid::from_raw(pid), Signal::SIGKILL)?;
            killed = true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    steps.say("stopped");
    Ok(())
}
