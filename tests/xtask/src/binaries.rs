use std::ffi::OsString;
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
        Self::build_with(steps, &[]).await
    }

    /// Builds them, and these packages beside them.
    ///
    /// # Errors
    /// When they don't compile.
    pub async fn build_with(steps: &Steps, more: &[&str]) -> Result<Self> {
        steps.say("building api, scheduler and simulators (minutes the first time)");
        let mut arguments = vec![OsString::from("build")];
        for package in ["api", "scheduler", "simulators"].iter().chain(more) {
            arguments.extend(["-p".into(), package.into()]);
        }
        process::answer("cargo", &arguments, &[]).await?;
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
