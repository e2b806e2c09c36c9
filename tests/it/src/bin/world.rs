//! `world load FILE` and `world outcome`, on the database that `DATABASE_URL` names; `cargo xtask world` runs them.

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use kernel::Context;
use kernel::config::Config;
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "world")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Load a world into a migrated database that holds none.
    Load {
        /// A world of the oracle's form.
        file: PathBuf,
    },
    /// Print slips, remainders and groups in the oracle's form.
    Outcome,
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let context = Context::new(Config::load()?).await?;
    match cli.command {
        Command::Load { file } => {
            let text =
                std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            it::world::load(&context, &text).await
        }
        Command::Outcome => {
            println!(
                "{}",
                serde_json::to_string_pretty(&it::world::outcome(&context).await?)?
            );
            Ok(())
        }
    }
}
