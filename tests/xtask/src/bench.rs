//! `cargo xtask bench`: measures a release build on servers of its own.

use std::ffi::OsString;

use anyhow::{Context, Result};
use stack::{Options, Stack, provision};

use crate::binaries::Binaries;
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
    let binaries = Binaries::release(&steps).await?;
    steps.say("starting the benchmark's servers with their data under .gpet/bench");
    let dir = places::data().join("bench");
    let stack = Stack::start(&dir, &servers, Options::full()).await?;
    let endpoints = dir.join("endpoints.json");
    stack.endpoints().write(&endpoints)?;
    steps.say("measuring; let the machine do nothing else meanwhile");
    let mut line: Vec<OsString> = vec!["--endpoints".into(), endpoints.into()];
    line.extend(["--programs".into(), binaries.folder().into()]);
    line.extend(["--postgres".into(), servers.postgres_bin.clone().into()]);
    line.push(arguments.what.into());
    line.extend(arguments.options);
    let measured = process::run(&binaries.path("bench").to_string_lossy(), line, &[]).await;
    steps.say("stopping the benchmark's servers");
    let stopped = stack.stop().await;
    measured.and(stopped.context("the benchmark's servers"))
}
