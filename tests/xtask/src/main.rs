//! `cargo xtask`: runs gpet on this machine, and its tests.

mod banner;
mod bench;
mod binaries;
mod campaign;
mod client;
mod contract;
mod demo;
mod detach;
mod down;
mod environment;
mod fuzz;
mod lock;
mod places;
mod preparation;
mod process;
mod products;
mod servers;
mod steps;
mod test;
mod up;
mod world;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Runs gpet on this machine, and its tests")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything: private servers, simulated partners, api and scheduler. Ctrl-C stops all.
    Up(up::Arguments),
    /// Stop what `up` started.
    Down,
    /// Format check, clippy and all tests against real servers.
    Test(test::Arguments),
    /// Ask the API everything its description allows, as an operator and as a user (schemathesis).
    Contract(contract::Arguments),
    /// Generate the TypeScript client, compile it strictly, and look for states that any number or text would fit.
    Client,
    /// Hand everything that reads bytes from outside whatever libFuzzer thinks of.
    Fuzz(fuzz::Arguments),
    /// Settle a world of the oracle's form in a database of its own and print what it came to.
    World(world::Arguments),
    /// Kill processes and servers at random while everybody works, and prove that the days come to the same.
    Campaign(campaign::Arguments),
    /// Measure the release build: the groups run against SQL written by hand, an endpoint against pgbench.
    Bench(bench::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nfailed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    places::find()?;
    match command {
        Command::Up(arguments) => up::run(arguments).await,
        Command::Down => down::run().await,
        Command::Test(arguments) => test::run(arguments).await,
        Command::Contract(arguments) => contract::run(arguments).await,
        Command::Client => client::run().await,
        Command::Fuzz(arguments) => fuzz::run(arguments).await,
        Command::World(arguments) => world::run(arguments).await,
        Command::Campaign(arguments) => campaign::run(arguments).await,
        Command::Bench(arguments) => bench::run(arguments).await,
    }
}
