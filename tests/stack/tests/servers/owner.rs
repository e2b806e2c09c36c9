//! Servers end with whoever started them, even when that is killed with -9.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use stack::{Options, Stack, provision};

use crate::folder::Folder;

const FOLDER_VARIABLE: &str = "STACK_TEST_OWNER_FOLDER";
const READY: &str = "servers are ready: ";

#[tokio::test]
async fn nothing_outlives_an_owner_that_is_killed_with_9() -> Result<()> {
    for mode in [0o755, 0o700] {
        let folder = Folder::new(mode);
        let mut owner = Command::new(std::env::current_exe()?)
            .args(["--exact", "owner::owner_of_servers", "--ignored", "--nocapture"])
            .env(FOLDER_VARIABLE, folder.path())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = BufReader::new(owner.stdout.take().context("no output")?);
        let ready = output
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once(READY)?.1.to_owned()))
            .context("the owner did not start its servers")?;
        let names: Vec<String> = ready.split_whitespace().map(name).collect();
        for expected in ["postgres", "redis-server", "beam.smp", "epmd"] {
            assert!(
                names.iter().any(|name| name == expected),
                "no {expected} in {names:?}"
            );
        }
        assert!(below(folder.path()).len() >= names.len());

        owner.kill()?;
        owner.wait()?;
        let killed = Instant::now();
        while !below(folder.path()).is_empty() {
            assert!(
                killed.elapsed() < Duration::from_secs(10),
                "still there: {:?}",
                below(folder.path())
            );
            tokio::task::yield_now().await;
        }

        let servers = provision::provision(&|_| ()).await?;
        Stack::start(folder.path(), &servers, Options::small())
            .await
            .context("a start after the kill")?
            .stop()
            .await?;
    }
    Ok(())
}

/// Not a test: the process that the test above kills.
#[tokio::test]
#[ignore = "is run by another test in a process of its own"]
async fn owner_of_servers() -> Result<()> {
    let Some(folder) = std::env::var_os(FOLDER_VARIABLE) else {
        return Ok(());
    };
    let servers = provision::provision(&|_| ()).await?;
    let stack = Stack::start(Path::new(&folder), &servers, Options::small()).await?;
    let pids: Vec<String> = stack.pids().iter().map(u32::to_string).collect();
    println!("{READY}{}", pids.join(" "));
    std::future::pending().await
}

fn name(pid: impl AsRef<str>) -> String {
    fs::read_to_string(format!("/proc/{}/comm", pid.as_ref()))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// Every process with the folder as (part of) its working directory or in its command line, but not the owner itself.
fn below(folder: &Path) -> Vec<String> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let text = folder.display().to_string();
    let pids = processes
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    pids.filter(|pid| pid.parse::<u32>().is_ok())
        .filter(|pid| {
            let directory = fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            directory.starts_with(folder) || String::from_utf8_lossy(&line).contains(&text)
        })
        .map(|pid| format!("{} {pid}", name(&pid)))
        .collect()
}
