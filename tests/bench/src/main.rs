//! `cargo xtask bench`: the product side by side with the best one could do by hand, on the same servers.

mod http;
mod product;
mod rounds;
mod settlement;

use anyhow::Result;
use clap::{Parser, Subcommand};
use product::Product;
use stack::Endpoints;
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "bench")]
struct Cli {
    /// The file that tells where the servers are.
    #[arg(long)]
    endpoints: PathBuf,
    /// The folder with `api` and `scheduler`, built for release.
    #[arg(long)]
    programs: PathBuf,
    /// The folder with PostgreSQL's programs.
    #[arg(long)]
    postgres: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The groups run against SQL written by hand.
    Settlement(settlement::Options),
    /// A single-row endpoint against `pgbench -S`.
    Http(http::Options),
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let endpoints = Endpoints::read(&cli.endpoints)?;
    let product = Product {
        endpoints,
        programs: cli.programs,
        clock: "",
    };
    match cli.command {
        Command::Settlement(options) => settlement::run(&product, &options).await,
        Command::Http(options) => http::run(&product, &cli.postgres, &options).await,
    }
}
