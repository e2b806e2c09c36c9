//! `scheduler`: the background binary.

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use kernel::clock::BusinessDate;
use kernel::config::Config;
use kernel::telemetry;
use kernel::{Context, Error};
use scheduler::connections::Connections;
use scheduler::engine::ByHand;
use scheduler::{by_hand, run, timetable};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Robot events in, outbox out, and the daily jobs. Configured by the environment; see config/default.toml.
#[derive(Parser)]
#[command(name = "scheduler")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run all workers and jobs until stopped. Several replicas side by side are safe.
    Run,
    /// List the jobs with their last and next run, and the dates they missed.
    Jobs,
    /// Run one job for one business date that has come, or one pass of a worker.
    RunJob {
        /// The job's name, as `jobs` lists it.
        name: String,
        /// The business date, like 2026-11-21; for settlements the settle date. Workers have none.
        #[arg(long)]
        date: Option<BusinessDate>,
        /// Do everything, change nothing. Refused for workers.
        #[arg(long)]
        dry_run: bool,
        /// Let a date that has not ended be settled. Refused in production.
        #[arg(long)]
        allow_open_day: bool,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let config = Config::load().map_err(plain)?;
    telemetry::start(&config.log).map_err(plain)?;
    let context = Context::new(config).await.map_err(plain)?;
    match cli.command {
        Command::Run => {
            let connections = connections(&context)?;
            run::run(context, connections, stop_signal()?)
                .await
                .map_err(plain)
        }
        Command::Jobs => {
            print!("{}", timetable::timetable(&context).await.map_err(plain)?);
            Ok(())
        }
        Command::RunJob {
            name,
            date,
            dry_run,
            allow_open_day,
        } => {
            let options = ByHand {
                dry_run,
                allow_open_day,
            };
            let result = by_hand::run(&context, &connections(&context)?, &name, date, options)
                .await
                .map_err(plain)?;
            println!("{}", serde_json::to_string_pretty(&result)?);
            Ok(())
        }
    }
}

/// Clients of other systems and ways to the chat networks. They live in real time, whatever a rehearsal's clock shows.
fn connections(context: &Context) -> anyhow::Result<Connections> {
    Connections::connect(&context.config).map_err(plain)
}

fn plain(error: Error) -> anyhow::Error {
    anyhow::anyhow!(error.chain())
}

/// Cancelled by SIGTERM and Ctrl-C.
fn stop_signal() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        stopping.cancel();
    });
    Ok(stop)
}
