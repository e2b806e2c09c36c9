//! `api`: the HTTP binary.

use api::command::{Command, run};
use clap::Parser;
use shared::Context;
use shared::kernel::config::Config;
use shared::kernel::telemetry;
use std::process::ExitCode;

/// gpet's HTTP binary.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// What to do; serving, unless told.
    #[command(subcommand)]
    command: Option<Command>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match start(Arguments::parse().command.unwrap_or_default()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("api: {}", error.chain());
            ExitCode::FAILURE
        }
    }
}

async fn start(command: Command) -> shared::Result<()> {
    // The description needs no server, so it needs no configuration either.
    if let Command::Openapi = command {
        print!("{}", api::description()?);
        return Ok(());
    }
    let config = Config::load()?;
    telemetry::start(&config.log)?;
    run(command, Context::new(config).await?).await
}
