use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;
use crate::steps::Steps;

/// The product's programs and the simulators, as built from this checkout.
#[derive(Debug)]
pub struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Builds them.
    ///
    /// # Errors
    /// When they don't compile.
    pub async fn build(steps: &Steps) -> Result<Self> {
        steps.say("building api, scheduler and simulators (minutes the first time)");
        process::run(
            "cargo",
            ["build", "-p", "api", "-p", "scheduler", "-p", "simulators"],
            &[],
        )
        .await?;
        #[derive(Deserialize)]
        struct Metadata {
            target_directory: PathBuf,
        }
        let json = process::output("cargo", &["metadata", "--format-version", "1", "--no-deps"]).await?;
        let metadata: Metadata =
            serde_json::from_slice(&json).context("cargo metadata answered something else")?;
        Ok(Self {
            folder: metadata.target_directory.join("debug"),
        })
    }

    /// The path of one of them.
    pub fn path(&self, name: &str) -> PathBuf {
        Path::new(&self.folder).join(name)
    }
}
