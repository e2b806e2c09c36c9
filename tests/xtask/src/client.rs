//! `client`: a TypeScript client is generated from the API's description, compiled strictly, and its types are looked through.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use stack::provision;

use crate::steps::Steps;
use crate::{places, process};

/// Runs it alone.
pub async fn run() -> Result<()> {
    let steps = Steps::begin();
    check(&steps).await?;
    steps.say("the generated client holds");
    Ok(())
}

/// Checks `frontend/api-client` in a copy under `.gpet`, so that nothing is installed into the checkout.
///
/// # Errors
/// When the client does not compile or leaves a state open, or its tools cannot be installed.
pub async fn check(steps: &Steps) -> Result<()> {
    let (source, copy) = (
        places::root().join("frontend/api-client"),
        places::data().join("tools/api-client"),
    );
    let npm = provision::node(&|line| steps.say(line)).await?;
    for part in ["scripts", "src"] {
        let old = copy.join(part);
        if old.exists() {
            fs::remove_dir_all(&old)?;
        }
        copy_folder(&source.join(part), &old)?;
    }
    for file in [".npmrc", "package.json", "package-lock.json", "tsconfig.json"] {
        fs::copy(source.join(file), copy.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    install(steps, &npm, &copy).await?;
    steps.say("the TypeScript client generated from the description");
    let description = places::root().join("api/openapi.json").into_os_string();
    let arguments = [
        "--prefix".into(),
        copy.into_os_string(),
        "run".into(),
        "check".into(),
    ];
    process::run(
        &npm.to_string_lossy(),
        arguments,
        &[("GPET_OPENAPI", description)],
    )
    .await
}

/// What the lock file names is fetched once.
async fn install(steps: &Steps, npm: &Path, copy: &Path) -> Result<()> {
    let (wanted, mark): (PathBuf, PathBuf) = (copy.join("package-lock.json"), copy.join("installed.json"));
    let versions = fs::read_to_string(&wanted)?;
    if fs::read_to_string(&mark).is_ok_and(|there| there == versions) {
        return Ok(());
    }
    steps.say("installing the generator and the compiler under .gpet/tools");
    let install: [OsString; 3] = ["--prefix".into(), copy.into(), "ci".into()];
    process::run(&npm.to_string_lossy(), install, &[]).await?;
    fs::write(mark, versions)?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let (path, target) = entry.map(|entry| (entry.path(), to.join(entry.file_name())))?;
        match path.is_dir() {
            true => copy_folder(&path, &target)?,
            false => fs::copy(&path, &target).map(|_| ())?,
        }
    }
    Ok(())
}
