//! Runs the kill campaign and prints it; `cargo xtask campaign` builds everything it needs.

use anyhow::Result;
use clap::Parser;
use it::campaign::{self, Campaign};
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "campaign")]
struct Cli {
    /// How often somebody is killed.
    #[arg(long, default_value_t = 100)]
    kills: usize,
    /// Chooses what everybody does and who is killed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// For data and logs; what is in it is deleted first.
    #[arg(long)]
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    if cli.folder.exists() {
        std::fs::remove_dir_all(&cli.folder)?;
    }
    let campaign = Campaign {
        kills: cli.kills,
        seed: cli.seed,
        folder: cli.folder,
    };
    let report = campaign::run(&campaign, &|line| println!("{line}")).await?;
    println!("\n{report}");
    Ok(())
}
