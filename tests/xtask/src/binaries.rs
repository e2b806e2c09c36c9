//! The programs as `up` and the tests start them, built from this checkout.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::steps::Steps;
use crate::{places, process};

/// Programs as built from this checkout, in a folder of its own: the target directory may be shared, and another
/// checkout's next build would replace them there while ours are being started again.
#[derive(Debug)]
pub struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Builds the product's programs and the simulators.
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
        Self::make(
            "debug",
            &[&["api", "scheduler", "simulators"], more].concat(),
            &[],
            &[],
        )
        .await
    }

    /// Builds the fuzz targets under libFuzzer.
    ///
    /// # Errors
    /// When they don't compile.
    pub async fn fuzz() -> Result<Self> {
        // Only the packages of this workspace are built anew: all others are those of the tests.
        let wrapper = places::root().join("tests/fuzz/rustc.sh");
        let variables = [("RUSTC_WORKSPACE_WRAPPER", wrapper.into())];
        let options = ["--features", "engine", "--bin", "fuzz"];
        Self::make("fuzz", &["fuzz"], &options, &variables).await
    }

    /// Builds the product's programs and the benchmark as they are released.
    ///
    /// # Errors
    /// When they don't compile.
    pub async fn release(steps: &Steps) -> Result<Self> {
        steps.say("building api, scheduler and bench for release, optimised over all crates (many minutes the first time)");
        Self::make("release", &["api", "scheduler", "bench"], &["--release"], &[]).await
    }

    async fn make(
        folder: &str,
        packages: &[&str],
        options: &[&str],
        variables: &[(&str, OsString)],
    ) -> Result<Self> {
        let folder = places::programs().join(folder);
        fs::create_dir_all(&folder)?;
        let mut arguments: Vec<OsString> = ["build", "--message-format", "json-render-diagnostics"]
            .iter()
            .chain(options)
            .map(OsString::from)
            .collect();
        for package in packages {
            arguments.extend(["-p".into(), package.into()]);
        }
        let told = process::answer("cargo", &arguments, variables).await?;
        for program in executables(&told)? {
            keep(&program, &folder).with_context(|| format!("cannot copy {}", program.display()))?;
        }
        Ok(Self { folder })
    }

    /// The path of one of them.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder of them all.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The programs among what cargo tells of, one JSON object a line.
fn executables(told: &str) -> Result<Vec<PathBuf>> {
    #[derive(Deserialize)]
    struct Told {
        executable: Option<PathBuf>,
    }
    let lines = told.lines().map(serde_json::from_str::<Told>);
    let told: Vec<Told> = lines
        .collect::<serde_json::Result<_>>()
        .context("cargo build told something else")?;
    Ok(told.into_iter().filter_map(|told| told.executable).collect())
}

/// Copies a program unless the copy is of this build. One that runs keeps the file it was started from.
fn keep(program: &Path, folder: &Path) -> Result<()> {
    let name = program.file_name().context("a program without a name")?;
    let (built, kept) = (fs::metadata(program)?, folder.join(name));
    let known = fs::metadata(&kept)
        .is_ok_and(|kept| kept.len() == built.len() && kept.modified().ok() == built.modified().ok());
    if known {
        return Ok(());
    }
    let draft = kept.with_extension(format!("{}.draft", std::process::id()));
    fs::copy(program, &draft)?;
    File::options()
        .append(true)
        .open(&draft)?
        .set_modified(built.modified()?)?;
    Ok(fs::rename(&draft, &kept)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_follows_its_program_and_leaves_the_running_one_alone() {
        let place = std::env::temp_dir().join(format!("gpet-programs-{}", stack::random_hex(6)));
        let (program, kept) = (place.join("api"), place.join("kept"));
        fs::create_dir_all(&kept).unwrap();
        let copy = kept.join("api");
        fs::write(&program, "one").unwrap();
        keep(&program, &kept).unwrap();
        let mut running = File::open(&copy).unwrap();
        fs::write(&program, "three").unwrap();
        let before = fs::read_to_string(&copy).unwrap();
        keep(&program, &kept).unwrap();
        let (mut still, after) = (String::new(), fs::read_to_string(&copy).unwrap());
        std::io::Read::read_to_string(&mut running, &mut still).unwrap();
        let files = fs::read_dir(&kept).unwrap().count();
        fs::remove_dir_all(&place).unwrap();
        assert_eq!(
            (before.as_str(), still.as_str(), after.as_str(), files),
            ("one", "one", "three", 1)
        );
    }

    #[test]
    fn only_programs_are_taken_from_what_cargo_tells() {
        let told = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
                    {\"reason\":\"compiler-artifact\",\"executable\":\"/t/debug/api\"}\n\
                    {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(executables(told).unwrap(), [PathBuf::from("/t/debug/api")]);
        assert!(executables("warning: nothing").is_err());
    }
}
