//! Tools that only tests need: Python with its virtual environments, Node with npm, a C++ compiler.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use nix::unistd::geteuid;

use super::find::search;
use super::install;
use crate::Say;

/// The oldest Node that the checks of the TypeScript client run on.
const NODE_VERSION: u32 = 18;

/// A Python 3 that can make virtual environments. Debian's `python3-venv` is installed where there is none and we are root.
///
/// # Errors
/// When there is none and it cannot be installed.
pub async fn python(say: Say<'_>) -> Result<PathBuf> {
    let able = || {
        let python = search("python3")?;
        answers(&python, &["-c", "import ensurepip, venv"]).map(|_| python)
    };
    found_or_installed(&able, "Python 3 with venv", &["python3-venv"], say).await
}

/// Node with npm: the folder that has both. Debian's `nodejs` and `npm` are installed where there is none and we are root.
///
/// # Errors
/// When there is none and it cannot be installed.
pub async fn node(say: Say<'_>) -> Result<PathBuf> {
    let able = || {
        let (node, npm) = (search("node")?, search("npm")?);
        let version = answers(&node, &["--version"])?;
        (node_major(&version)? >= NODE_VERSION).then_some(npm)
    };
    let tool = format!("Node {NODE_VERSION} or later with npm");
    found_or_installed(&able, &tool, &["nodejs", "npm"], say).await
}

/// A C++ compiler under the name that cargo's build scripts look for. Debian's `g++` is installed where there is none and we are root.
///
/// # Errors
/// When there is none and it cannot be installed.
pub async fn cpp(say: Say<'_>) -> Result<PathBuf> {
    found_or_installed(&|| search("c++"), "a C++ compiler", &["g++"], say).await
}

async fn found_or_installed(
    find: &(dyn Fn() -> Option<PathBuf> + Sync),
    tool: &str,
    packages: &[&'static str],
    say: Say<'_>,
) -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if !geteuid().is_root() || !install::is_debian() {
        bail!(
            "{tool}: not found in PATH, and only root on Debian or Ubuntu can have it installed by this command (packages {}). \
             Install it; nothing else of it is needed",
            packages.join(", ")
        );
    }
    install::install(packages, say).await?;
    match find() {
        Some(found) => Ok(found),
        None => bail!(
            "{} are installed, but what is in PATH is not {tool}",
            packages.join(", ")
        ),
    }
}

/// What a program prints, if it succeeds.
fn answers(program: &PathBuf, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The number in `v20.20.2`.
fn node_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_node_prints() {
        assert_eq!(node_major("v20.20.2\n"), Some(20));
        assert_eq!(node_major("v18.20.4"), Some(18));
        assert_eq!(node_major("20"), None);
    }
}
