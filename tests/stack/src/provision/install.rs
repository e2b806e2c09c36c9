//! Has Debian's packages of missing servers installed, and none of their servers started.

use std::path::Path;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::Say;

/// A shell script, so that its trap puts everything back also when we are interrupted.
const SCRIPT: &str = include_str!("install.sh");

/// Whether packages come from apt here.
pub(super) fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists() && Path::new("/usr/bin/apt-get").exists()
}

/// Installs the missing packages; apt's own output goes to standard error.
pub(super) async fn install(packages: &[&str], say: Say<'_>) -> Result<()> {
    let names = packages.join(", ");
    say(&format!(
        "installing Debian's packages {names}; none of their servers is started, no cluster is created"
    ));
    let status = Command::new("sh")
        .args(["-eu", "-c", SCRIPT, "install"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(std::process::Stdio::null())
        .status()
        .await
        .context("cannot run sh")?;
    if !status.success() {
        bail!("apt-get could not install {names} ({status}); what it said is above");
    }
    Ok(())
}
