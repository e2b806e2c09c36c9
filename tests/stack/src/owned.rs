//! Starting processes that belong to this one.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, mpsc};

use anyhow::{Context, Result};

use crate::process::Process;

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
        Ok(Process::new(name, child))
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
}
