//! `up --detach`: the same `up` in the background, in a session of its own.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::places;

/// Written by the one in the background when everything is ready; holds its process id.
pub fn ready_file() -> PathBuf {
    places::data().join("up.ready")
}

/// Starts `up` in the background, shows what it says until it is ready, and leaves it running.
///
/// # Errors
/// When it ends before it is ready.
pub async fn run(reset: bool) -> Result<()> {
    fs::create_dir_all(places::logs())?;
    let path = places::logs().join("up.log");
    let log = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["up", "--in-background"]);
    if reset {
        command.arg("--reset");
    }
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let mut background = command.spawn()?;
    let mut shown = Shown {
        log: File::open(&path)?,
        position: 0,
    };
    tokio::select! {
        done = until_ready(&mut background, &mut shown) => done,
        _ = tokio::signal::ctrl_c() => {
            kill(Pid::from_raw(i32::try_from(background.id())?), Signal::SIGTERM)?;
            background.wait()?;
            shown.show()?;
            bail!("interrupted, everything is stopped again");
        }
    }
}

async fn until_ready(background: &mut Child, shown: &mut Shown) -> Result<()> {
    let pid = background.id().to_string();
    loop {
        let ready = fs::read_to_string(ready_file()).is_ok_and(|ready| ready.trim() == pid);
        let ended = background.try_wait()?;
        shown.show()?;
        if ready {
            println!("\nRunning in the background (process {pid}); `cargo xtask down` stops it.");
            return Ok(());
        }
        if let Some(status) = ended {
            bail!("it did not become ready ({status}); what it said is above");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// How much of the log has been shown.
struct Shown {
    log: File,
    position: u64,
}

impl Shown {
    fn show(&mut self) -> Result<()> {
        self.log.seek(SeekFrom::Start(self.position))?;
        let mut new = Vec::new();
        self.position += u64::try_from(self.log.read_to_end(&mut new)?)?;
        Ok(std::io::stdout().write_all(&new)?)
    }
}
