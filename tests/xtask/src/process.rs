//! Commands that a step runs to their end, with their output in the terminal.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::places;

/// Of what a program said before it failed, so much is shown.
const MOST_LINES: usize = 40;

/// Runs `program` in the root of the checkout.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub async fn run<I>(program: &str, arguments: I, environment: &[(&str, OsString)]) -> Result<()>
where
    I: IntoIterator<Item: Into<OsString>>,
{
    let mut command = command(program, arguments);
    // Tools that report on standard error (cargo-nextest's summary) must also be seen in a saved standard output.
    command
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stderr(std::io::stdout());
    let shown = format!("{:?}", command.as_std());
    let status = command
        .status()
        .await
        .with_context(|| format!("cannot run {program}"))?;
    if !status.success() {
        let name = shown.split("\"--\"").last().unwrap_or(&shown).replace('"', "");
        bail!("{}: {status}", name.trim());
    }
    Ok(())
}

/// What `program` prints on standard output; its standard error is ours.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub async fn answer(
    program: &str,
    arguments: &[OsString],
    environment: &[(&str, OsString)],
) -> Result<String> {
    let mut command = command(program, arguments);
    command
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stderr(Stdio::inherit());
    let output = command
        .output()
        .await
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        let shown: Vec<_> = arguments
            .iter()
            .map(|argument| argument.to_string_lossy())
            .collect();
        bail!("{program} {}: {}", shown.join(" "), output.status);
    }
    String::from_utf8(output.stdout).context("the answer is no text")
}

/// Runs `program` and keeps what it says to itself, unless it fails.
///
/// # Errors
/// When it cannot be started or does not succeed; the error has the end of what it said.
pub async fn quietly(program: &str, arguments: &[&str], environment: &[(&str, OsString)]) -> Result<()> {
    let mut command = command(program, arguments);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let output = command
        .output()
        .await
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let lines: Vec<&str> = said.trim().lines().collect();
        let end = lines[lines.len().saturating_sub(MOST_LINES)..].join("\n");
        let name = Path::new(program).file_name().unwrap_or_default().display();
        bail!(
            "{name} {}: {}; it said:\n{end}",
            arguments.join(" "),
            output.status
        );
    }
    Ok(())
}

/// Runs `program` with all it says in a file, and tells whether it succeeded.
///
/// # Errors
/// When it cannot be started.
pub async fn logged<I>(
    program: &str,
    arguments: I,
    environment: &[(&str, OsString)],
    log: &Path,
) -> Result<bool>
where
    I: IntoIterator<Item: Into<OsString>>,
{
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut command = command(program, arguments);
    command
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdout(file.try_clone()?)
        .stderr(file);
    let status = command.status().await;
    Ok(status.with_context(|| format!("cannot run {program}"))?.success())
}

/// It is asked to end when we are killed, and must not take the variables that cargo set for *us*: build scripts that
/// watch them would make cargo rebuild half the world.
#[allow(
    clippy::disallowed_methods,
    reason = "only names are read, to keep them from children"
)]
fn command<I>(program: &str, arguments: I) -> Command
where
    I: IntoIterator<Item: Into<OsString>>,
{
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "TERM", "--", program])
        .args(arguments.into_iter().map(Into::into));
    let ours = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_"];
    for (name, _) in std::env::vars_os() {
        if ours
            .iter()
            .any(|prefix| name.to_string_lossy().starts_with(prefix))
        {
            command.env_remove(name);
        }
    }
    command
        .current_dir(places::root())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}
