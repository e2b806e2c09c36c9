//! `cargo xtask campaign`: business days while programs and servers are killed.

use std::ffi::OsString;

use anyhow::Result;

use crate::binaries::Binaries;
use crate::steps::Steps;
use crate::{places, process};

/// What `campaign` can be told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How often somebody is killed.
    #[arg(long, default_value_t = 100)]
    kills: usize,
    /// Chooses what everybody does and who is killed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Builds the programs and runs a campaign on servers of its own, with data and logs under `.gpet/campaign`.
pub async fn run(arguments: Arguments) -> Result<()> {
    let steps = Steps::begin();
    let binaries = Binaries::build_with(&steps, &["it"]).await?;
    let line: [OsString; 6] = [
        "--kills".into(),
        arguments.kills.to_string().into(),
        "--seed".into(),
        arguments.seed.to_string().into(),
        "--folder".into(),
        places::data().join("campaign").into(),
    ];
    process::run(&binaries.path("campaign").to_string_lossy(), line, &[]).await
}
