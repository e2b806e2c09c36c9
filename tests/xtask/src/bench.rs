use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;
use stack::{Options, Stack, provision};

use crate::steps::Steps;
use crate::{places, process};

/// What `bench` can be told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// `settlement` or `http`.
    #[arg(value_parser = ["settlement", "http"])]
    what: String,
    /// Passed on: `--groups`, `--users` and `--rounds` of settlement; `--connections`, `--seconds` and `--rounds` of http.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<OsString>,
}

/// Builds for release, starts servers of its own, and measures.
pub async fn run(arguments: Arguments) -> Result<()> {
    let steps = Steps::begin();
    steps.say("looking for PostgreSQL, Redis and RabbitMQ");
    let servers = provision::provision(&|line| steps.say(line)).await?;
    steps.say("building api, scheduler and bench for release, optimised over all crates (many minutes the first time)");
    let build = [
        "build",
        "--release",
        "-p",
        "api",
        "-p",
        "scheduler",
        "-p",
        "bench",
    ];
    process::run("cargo", build, &[]).await?;
    let programs = release_folder().await?;
    steps.say("starting the benchmark's servers with their data under .gpet/bench");
    let dir = places::data().join("bench");
    let stack = Stack::start(&dir, &servers, Options::full()).await?;
    let endpoints = dir.join("endpoints.json");
    stack.endpoints().write(&endpoints)?;
    steps.say("measuring; let the machine do nothing else meanwhile");
    let mut line: Vec<OsString> = vec!["--endpoints".into(), endpoints.into()];
    line.extend(["--programs".into(), programs.clone().into()]);
    line.extend(["--postgres".into(), servers.postgres_bin.clone().into()]);
    line.push(arguments.what.into());
    line.extend(arguments.options);
    let measured = process::run(&programs.join("bench").to_string_lossy(), line, &[]).await;
    steps.say("stopping the benchmark's servers");
    let stopped = stack.stop().await;
    measured.and(stopped.context("the benchmark's servers"))
}

async fn release_folder() -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let json = process::output("cargo", &["metadata", "--format-version", "1", "--no-deps"]).await?;
    let metadata: Metadata =
        serde_json::from_slice(&json).context("cargo metadata answered something else")?;
    Ok(metadata.target_directory.join("release"))
}
