use std::ffi::OsString;

use anyhow::{Context, Result};
use stack::{ENDPOINTS_VARIABLE, Options, PROGRAMS_VARIABLE, Stack, provision};

use crate::binaries::Binaries;
use crate::steps::Steps;
use crate::{places, preparation, process};

/// The migrated database that every test copies.
const TEMPLATE: &str = "gpet_template";

/// What `test` can be told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only tests whose name contains this; without it the examples in the documentation run as well.
    filter: Option<String>,
    /// Leave out the format check and clippy.
    #[arg(long)]
    fast: bool,
}

/// Runs all checks and tests; stops at the first step that fails.
pub async fn run(arguments: Arguments) -> Result<()> {
    let steps = Steps::begin();
    steps.say("looking for PostgreSQL, Redis and RabbitMQ");
    let servers = provision::provision(&|line| steps.say(line)).await?;
    if !arguments.fast {
        steps.say("checking the format");
        cargo(&["fmt", "--all", "--check"], &[]).await?;
        steps.say("clippy, warnings are errors");
        cargo(
            &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
            &[],
        )
        .await?;
    }
    let binaries = Binaries::build(&steps).await?;
    steps.say("starting the tests' servers with their data under .gpet/test");
    let dir = places::data().join("test");
    let stack = Stack::start(&dir, &servers, Options::small()).await?;
    let (endpoints, file) = (stack.endpoints(), dir.join("endpoints.json"));
    endpoints.write(&file)?;
    steps.say("making the template of the tests' databases");
    endpoints.drop_database(TEMPLATE).await?;
    let environment = preparation::prepare(&steps, &dir, &endpoints, &binaries, TEMPLATE).await?;
    preparation::migrate(&steps, &binaries, &environment).await?;
    endpoints.seal_template(TEMPLATE).await?;

    let variables = [
        (ENDPOINTS_VARIABLE, file.into_os_string()),
        (PROGRAMS_VARIABLE, binaries.folder().into()),
    ];
    let tested = tests(&steps, arguments.filter.as_deref(), &variables).await;
    steps.say("stopping the tests' servers");
    let stopped = stack.stop().await;
    tested.and(stopped.context("the tests' servers"))?;
    steps.say("all passed");
    Ok(())
}

async fn tests(steps: &Steps, filter: Option<&str>, variables: &[(&str, OsString)]) -> Result<()> {
    if process::quietly("cargo", &["nextest", "--version"], &[])
        .await
        .is_ok()
    {
        steps.say("unit, property and integration tests (cargo nextest)");
        let run = ["nextest", "run", "--workspace", "--no-fail-fast"]
            .into_iter()
            .chain(filter)
            .collect::<Vec<_>>();
        cargo(&run, variables).await?;
    } else {
        steps.say("unit, property and integration tests (cargo test; cargo-nextest would be faster)");
        let run = ["test", "--workspace", "--all-targets"]
            .into_iter()
            .chain(filter)
            .collect::<Vec<_>>();
        cargo(&run, variables).await?;
    }
    if filter.is_none() {
        steps.say("examples in the documentation");
        cargo(&["test", "--workspace", "--doc"], variables).await?;
    }
    Ok(())
}

async fn cargo(arguments: &[&str], variables: &[(&str, OsString)]) -> Result<()> {
    process::run("cargo", arguments, variables).await
}
