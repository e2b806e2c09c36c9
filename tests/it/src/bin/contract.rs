//! Lets schemathesis ask the API; `cargo xtask contract` builds and installs everything it needs.

use anyhow::Result;
use clap::Parser;
use it::contract::{self, Contract};
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "contract")]
struct Cli {
    /// schemathesis's program.
    #[arg(long)]
    schemathesis: PathBuf,
    /// The folder with its configuration and our hooks.
    #[arg(long)]
    rules: PathBuf,
    /// Where reports go.
    #[arg(long)]
    reports: PathBuf,
    /// Requests an operation is sent beyond the systematic ones.
    #[arg(long)]
    examples: u32,
    /// What the requests are drawn by.
    #[arg(long)]
    seed: u64,
    /// Only operations whose path contains this.
    #[arg(long)]
    path: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let contract = Contract {
        schemathesis: cli.schemathesis,
        rules: cli.rules,
        reports: cli.reports,
        examples: cli.examples,
        seed: cli.seed,
        path: cli.path,
    };
    contract::run(&contract).await
}
