//! Processes that belong to this one: they die with it, however it ends.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{LazyLock, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use crate::proc_table::{self, Identity};

/// Runs the rest of its arguments, unless the owner (`$0`) died before the death signal was set.
const IF_OWNER_LIVES: &str = r#"[ "$PPID" = "$0" ] && exec "$@""#;

/// A command whose process is killed by the kernel when the process that started it dies.
///
/// It leads a process group of its own, so that Ctrl-C in a terminal reaches the owner only and the owner can stop its
/// processes in order.
#[derive(Debug)]
pub struct OwnedCommand {
    program: OsString,
    wrapper: Vec<OsString>,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    inherit_environment: bool,
    directory: Option<PathBuf>,
    log: Option<PathBuf>,
}

impl OwnedCommand {
    /// A command that inherits environment and working directory, and whose output is dropped.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            wrapper: Vec::new(),
            arguments: Vec::new(),
            environment: Vec::new(),
            inherit_environment: true,
            directory: None,
            log: None,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I: IntoIterator<Item: Into<OsString>>>(mut self, arguments: I) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Starts from an empty environment, so that settings of the caller's shell cannot leak into a server.
    #[must_use]
    pub fn clear_env(mut self) -> Self {
        self.inherit_environment = false;
        self
    }

    /// Sets the working directory.
    #[must_use]
    pub fn current_dir(mut self, directory: &Path) -> Self {
        self.directory = Some(directory.to_owned());
        self
    }

    /// Appends standard output and error to a file.
    #[must_use]
    pub fn log_to(mut self, path: &Path) -> Self {
        self.log = Some(path.to_owned());
        self
    }

    /// Puts a program in front that changes to another user.
    #[must_use]
    pub(crate) fn wrapped(mut self, wrapper: impl IntoIterator<Item = String>) -> Self {
        self.wrapper = wrapper.into_iter().map(Into::into).collect();
        self
    }

    /// Starts the process.
    ///
    /// # Errors
    /// When `setpriv` (util-linux), the program, the working directory or the log file is missing.
    pub fn spawn(self) -> Result<Process> {
        let name = Path::new(&self.program)
            .file_name()
            .unwrap_or(OsStr::new("?"))
            .to_string_lossy()
            .into_owned();
        let command = self.build()?;
        let child = spawn_on_lasting_thread(command)
            .with_context(|| format!("cannot start {name} (setpriv of util-linux is needed)"))?;
        Ok(Process { name, child })
    }

    fn build(self) -> Result<Command> {
        // The death signal is set last, because a change of user clears it.
        let mut line = self.wrapper;
        line.extend(["setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", IF_OWNER_LIVES].map(Into::into));
        line.push(std::process::id().to_string().into());
        line.push(self.program);
        line.extend(self.arguments);
        let mut command = Command::new(&line[0]);
        command.args(&line[1..]).stdin(Stdio::null()).process_group(0);
        if !self.inherit_environment {
            command.env_clear();
        }
        command.envs(self.environment);
        if let Some(directory) = self.directory {
            command.current_dir(directory);
        }
        match self.log {
            None => command.stdout(Stdio::null()).stderr(Stdio::null()),
            Some(path) => {
                let log = OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(&path)
                    .with_context(|| format!("cannot write the log {}", path.display()))?;
                command.stdout(log.try_clone()?).stderr(log)
            }
        };
        Ok(command)
    }
}

/// A running process of ours. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
}

impl Process {
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

    /// Asks the process to stop and waits. After `patience` it is killed, which is an error.
    ///
    /// # Errors
    /// When the process had to be killed.
    pub async fn stop(&mut self, signal: Signal, patience: Duration) -> Result<()> {
        if self.exit_status().is_some() {
            return Ok(());
        }
        self.signal(signal);
        let asked = Instant::now();
        while self.exit_status().is_none() {
            if asked.elapsed() > patience {
                self.kill9();
                bail!("{} did not stop within {patience:?} and was killed", self.name);
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

type Order = (Command, mpsc::Sender<io::Result<Child>>);

/// The kernel sends the death signal when the *thread* that forked ends, so all processes are forked by one thread that
/// lives as long as this process.
static SPAWNER: LazyLock<mpsc::Sender<Order>> = LazyLock::new(|| {
    let (orders, inbox) = mpsc::channel::<Order>();
    std::thread::spawn(move || {
        for (mut command, answer) in inbox {
            let _asker_gone = answer.send(command.spawn());
        }
    });
    orders
});

fn spawn_on_lasting_thread(command: Command) -> io::Result<Child> {
    let (answer, result) = mpsc::channel();
    SPAWNER
        .send((command, answer))
        .map_err(|_| io::Error::other("the spawning thread has ended"))?;
    result
        .recv()
        .map_err(|_| io::Error::other("the spawning thread has ended"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_started_from_a_short_lived_thread_lives_on() {
        let mut sleeper = std::thread::spawn(|| OwnedCommand::new("sleep").arg("600").spawn())
            .join()
            .expect("the thread returns")
            .expect("sleep starts");
        assert!(sleeper.exit_status().is_none());
        sleeper.kill9();
        assert!(sleeper.exit_status().is_some());
    }

    #[tokio::test]
    async fn a_deaf_process_is_killed_after_the_patience_and_named() {
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
