//! Where everything lies that the commands write: below `.gpet/`.

use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::Result;

static ROOT: OnceLock<PathBuf> = OnceLock::new();

/// Finds the checkout. Every command begins with it.
///
/// # Errors
/// When we are run in none.
pub fn find() -> Result<()> {
    let root = stack::checkout()?;
    ROOT.get_or_init(|| root);
    Ok(())
}

/// The root of the checkout that we are run in.
pub fn root() -> PathBuf {
    ROOT.get().expect("`find` comes first").clone()
}

/// Where everything that runs keeps its data; ignored by git.
pub fn data() -> PathBuf {
    root().join(".gpet")
}

/// Programs as built from this checkout: the target directory may be shared with another.
pub fn programs() -> PathBuf {
    data().join("bin")
}

/// Log files of everything that `up` starts, except the servers'.
pub fn logs() -> PathBuf {
    data().join("logs")
}

/// What scripts and people read to connect.
pub fn env_file() -> PathBuf {
    data().join("env")
}
