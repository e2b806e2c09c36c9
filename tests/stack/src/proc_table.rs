//! What /proc knows about processes: children, and an identity that survives the reuse of process ids.

use std::fs;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// A process, told apart from a later one with the same id by its start time and boot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pid: u32,
    started: u64,
    boot: String,
}

impl Identity {
    /// The identity of a process that runs now.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        Some(Self {
            pid,
            started: stat(pid)?.started,
            boot: boot()?,
        })
    }

    /// Kills what is left of an earlier start; does nothing when that process is gone. True when it was there.
    pub(crate) fn kill_leftover(&self) -> bool {
        let there = Self::of(self.pid).as_ref() == Some(self);
        if there {
            kill9(self.pid);
        }
        there
    }

    /// Whether exactly this process still runs (a zombie doesn't).
    pub(crate) fn is_running(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }
}

/// Sends SIGKILL; a process that is already gone is no error.
pub(crate) fn kill9(pid: u32) {
    signal(pid, Signal::SIGKILL);
}

/// Sends a signal; a process that is already gone is no error.
pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        let _gone_already = kill(Pid::from_raw(pid), signal);
    }
}

/// The direct children of a process.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    all()
        .filter(|&pid| stat(pid).is_some_and(|stat| stat.parent == parent))
        .collect()
}

/// The processes of a program that work in a folder.
pub(crate) fn working_in(directory: &Path, program: &str) -> Vec<u32> {
    let works_there = |pid: u32| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == directory);
    let name = |pid: u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    all()
        .filter(|&pid| works_there(pid) && name(pid).trim_end() == program)
        .collect()
}

fn all() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

struct Stat {
    parent: u32,
    started: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold spaces and brackets itself; what follows the last bracket has fixed places.
    let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
    if matches!(*fields.first()?, "Z" | "X") {
        return None;
    }
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

fn boot() -> Option<String> {
    Some(
        fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .ok()?
            .trim()
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_bound_to_the_start_of_the_process() {
        let own = Identity::of(std::process::id()).unwrap();
        assert!(own.is_running());
        let other = Identity {
            started: own.started + 1,
            ..own
        };
        assert!(!other.is_running());
        assert!(!other.kill_leftover());
    }
}
