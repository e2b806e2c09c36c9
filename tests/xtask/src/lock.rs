//! One `up` at a time, in one checkout.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};

use anyhow::{Context, Result, bail};

use crate::places;

/// Held by the one running `up`; the file holds its process id. The kernel lets go of it however that process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// Who holds the lock.
#[derive(Debug)]
pub enum Holder {
    /// Nobody did; now we do.
    Us(Lock),
    /// Another `up`, with this process id.
    Other(i32),
}

impl Lock {
    /// Tries to become the one running `up`.
    ///
    /// # Errors
    /// When the lock file cannot be written.
    pub fn take() -> Result<Holder> {
        let path = places::data().join("up.lock");
        fs::create_dir_all(places::data())?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Holder::Us(Self { file })),
            Err(fs::TryLockError::Error(error)) => bail!("cannot lock {}: {error}", path.display()),
            Err(fs::TryLockError::WouldBlock) => {
                let mut pid = String::new();
                file.read_to_string(&mut pid)?;
                let pid = pid
                    .trim()
                    .parse()
                    .with_context(|| format!("{} holds no process id", path.display()))?;
                Ok(Holder::Other(pid))
            }
        }
    }

    /// Writes down that this process is the one, for `down`.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn sign(&mut self) -> Result<()> {
        self.file.set_len(0)?;
        Ok(writeln!(self.file, "{}", std::process::id())?)
    }
}
