//! `contract`: schemathesis asks the API everything its description allows, as an operator and as a user.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use stack::provision;

use crate::binaries::Binaries;
use crate::servers::TestServers;
use crate::steps::Steps;
use crate::{places, process};

/// What has the program that asks.
pub const PACKAGE: &str = "it";

/// Requests an operation is sent beyond the systematic ones: in `test`, where all must end in a few minutes.
const EXAMPLES: u32 = 20;

/// What `test` draws its requests by, so that it asks the same each time.
const SEED: u64 = 1;

/// What `contract` can be told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only operations whose path contains this.
    path: Option<String>,
    /// Requests an operation is sent beyond the systematic ones.
    #[arg(long, default_value_t = EXAMPLES)]
    examples: u32,
    /// What the requests are drawn by: the same seed asks the same.
    #[arg(long, default_value_t = SEED)]
    seed: u64,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            path: None,
            examples: EXAMPLES,
            seed: SEED,
        }
    }
}

/// Runs it alone, on the tests' servers.
pub async fn run(arguments: Arguments) -> Result<()> {
    let steps = Steps::begin();
    steps.say("looking for PostgreSQL, Redis and RabbitMQ");
    let servers = provision::provision(&|line| steps.say(line)).await?;
    let binaries = Binaries::build_with(&steps, &[PACKAGE]).await?;
    let servers = TestServers::start(&steps, &servers, &binaries).await?;
    let checked = check(&steps, &binaries, &servers, &arguments).await;
    let stopped = servers.stop(&steps).await;
    checked.and(stopped)?;
    steps.say("the API keeps to its description");
    Ok(())
}

/// Runs it on servers that are there.
///
/// # Errors
/// When the API breaches its description, or schemathesis cannot be installed.
pub async fn check(
    steps: &Steps,
    binaries: &Binaries,
    servers: &TestServers,
    arguments: &Arguments,
) -> Result<()> {
    let schemathesis = installed(steps).await?;
    steps.say("the API against its description (schemathesis)");
    let mut line: Vec<OsString> = vec!["--schemathesis".into(), schemathesis.into()];
    line.extend(["--rules".into(), rules().into()]);
    line.extend(["--reports".into(), places::data().join("contract").into()]);
    line.extend(["--examples".into(), arguments.examples.to_string().into()]);
    line.extend(["--seed".into(), arguments.seed.to_string().into()]);
    if let Some(path) = &arguments.path {
        line.extend(["--path".into(), path.into()]);
    }
    process::run(
        &binaries.path("contract").to_string_lossy(),
        line,
        &servers.variables,
    )
    .await
}

/// schemathesis's program, in a virtual environment of its own. Only what `requirements.txt` does not find there already is
/// fetched.
async fn installed(steps: &Steps) -> Result<PathBuf> {
    let wanted = rules().join("requirements.txt");
    let folder = places::data().join("tools").join("schemathesis");
    let (program, mark) = (folder.join("bin/st"), folder.join("installed.txt"));
    // Its programs know the path of the folder: in a checkout that was moved they are installed again.
    let versions = format!("{}\n{}", folder.display(), fs::read_to_string(&wanted)?);
    if program.exists() && fs::read_to_string(&mark).is_ok_and(|there| there == versions) {
        return Ok(program);
    }
    let python = provision::python(&|line| steps.say(line)).await?;
    steps.say("installing schemathesis under .gpet/tools");
    let venv: [OsString; 4] = [
        "-m".into(),
        "venv".into(),
        "--clear".into(),
        folder.clone().into(),
    ];
    process::run(&python.to_string_lossy(), venv, &[]).await?;
    let install: [OsString; 8] = [
        "-m".into(),
        "pip".into(),
        "install".into(),
        "--quiet".into(),
        "--disable-pip-version-check".into(),
        "--require-hashes".into(),
        "--requirement".into(),
        wanted.into(),
    ];
    process::run(&folder.join("bin/python").to_string_lossy(), install, &[]).await?;
    fs::write(mark, versions)?;
    Ok(program)
}

fn rules() -> PathBuf {
    places::root().join("tests/contract")
}
