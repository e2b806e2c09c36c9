//! `cargo xtask test`: all checks and tests, against servers of its own.

use std::ffi::OsString;

use anyhow::Result;
use stack::provision;

use crate::binaries::Binaries;
use crate::servers::TestServers;
use crate::steps::Steps;
use crate::{client, contract, process};

/// What `test` can be told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only tests whose name contains this; without it also the examples in the documentation, the contract and the client.
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
    let whole = arguments.filter.is_none();
    if whole {
        client::check(&steps).await?;
    }
    let more: &[&str] = if whole { &[contract::PACKAGE] } else { &[] };
    let binaries = Binaries::build_with(&steps, more).await?;
    let servers = TestServers::start(&steps, &servers, &binaries).await?;
    let mut tested = tests(&steps, arguments.filter.as_deref(), &servers.variables).await;
    if whole && tested.is_ok() {
        tested = contract::check(&steps, &binaries, &servers, &contract::Arguments::default()).await;
    }
    let stopped = servers.stop(&steps).await;
    tested.and(stopped)?;
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
