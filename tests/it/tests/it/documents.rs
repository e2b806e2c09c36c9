//! What the READMEs name is there, and the day has one order wherever it is written down.

use anyhow::{Context as _, Result, ensure};
use domain::operations::job_catalogue::{DATED, OwedDates};
use kernel::job_run::CoveredDate;
use regex::Regex;
use stack::checkout;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Folders of no interest: what is built, fetched and run.
const ASIDE: [&str; 4] = ["target", "node_modules", ".git", ".gpet"];

/// Every file and folder of the checkout, from its root; folders end in `/`.
fn everything(folder: &Path, root: &Path, found: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if ASIDE.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let path = entry.path();
        let relative = path.strip_prefix(root)?.to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            found.push(format!("{relative}/"));
            everything(&path, root, found)?;
        } else {
            found.push(relative);
        }
    }
    Ok(())
}

/// What stands in backticks or is linked to, and reads like a file or folder of ours. Blocks of code are examples.
fn paths(text: &str) -> Vec<String> {
    let outside = text.split("```").step_by(2).collect::<Vec<_>>().join("\n");
    let marked = Regex::new(r"`([^`\n]+)`|\]\(([^)\s]+)\)").unwrap();
    let path = Regex::new(r"^[\w.…-][\w./…-]*(\.(rs|md|toml|sql|ts|py|yaml|json)|/)$").unwrap();
    let named = marked
        .captures_iter(&outside)
        .filter_map(|found| found.get(1).or(found.get(2)));
    named
        .map(|name| name.as_str())
        .filter(|name| name.contains('/') && path.is_match(name) && !name.starts_with(".gpet"))
        .map(str::to_owned)
        .collect()
}

/// Whether there is such a thing: `…` stands for any folders, `NNNN` and `TARGET` for what a reader chooses. Rooms name
/// their files from their own folder, and the README those of a room from the room's.
fn exists(path: &str, everything: &[String]) -> bool {
    let choice = Regex::new(r"\b(NNNN_name|TARGET)\b").unwrap();
    let open = choice.replace_all(path.trim_start_matches("…/"), "…");
    let parts: Vec<String> = open.split('…').map(regex::escape).collect();
    let wanted = Regex::new(&format!("(^|/){}$", parts.join(".*"))).unwrap();
    everything.iter().any(|one| wanted.is_match(one))
}

#[test]
fn what_the_readmes_name_is_there() -> Result<()> {
    let root = checkout()?;
    let mut all = Vec::new();
    everything(&root, &root, &mut all)?;
    let (mut named, mut missing) = (0, Vec::new());
    for readme in all.iter().filter(|path| path.ends_with(".md")) {
        let found = paths(&fs::read_to_string(root.join(readme))?);
        named += found.len();
        missing.extend(
            found
                .into_iter()
                .filter(|path| !exists(path, &all))
                .map(|path| format!("{readme}: {path}")),
        );
    }
    ensure!(named > 100, "only {named} paths are named");
    assert_eq!(missing, [""; 0]);
    Ok(())
}

/// The text after `begin`, up to the next blank line.
fn part<'a>(text: &'a str, begin: &str) -> Result<&'a str> {
    let (_, rest) = text.split_once(begin).context(format!("no `{begin}`"))?;
    Ok(rest.split("\n\n").next().unwrap_or(rest))
}

/// (times, name) of the dated jobs in `config/default.toml`.
fn configured(text: &str) -> Result<Vec<(String, String)>> {
    let lines = part(text, "\n[jobs]")?.lines().skip(1);
    let keys = lines.filter_map(|line| line.split_once(" = "));
    Ok(keys
        .filter(|(key, _)| !key.ends_with("_seconds"))
        .map(|(key, value)| (value.trim_matches('"').to_owned(), key.trim().to_owned()))
        .collect())
}

#[test]
fn the_day_has_one_order() -> Result<()> {
    let read = |path: &str| fs::read_to_string(checkout()?.join(path)).context(path.to_owned());
    let names: Vec<&str> = DATED.iter().map(|job| job.name).collect();

    let configured = configured(&read("config/default.toml")?)?;
    let keys: Vec<&str> = configured.iter().map(|(_, key)| key.as_str()).collect();
    assert_eq!(keys, names, "config/default.toml");

    let sections = read("shared/kernel/src/config/sections.rs")?;
    let (_, fields) = sections.split_once("JobsConfig {").context("no JobsConfig")?;
    let fields = fields.lines().filter(|line| line.ends_with(": DailyTimes,"));
    let fields: Vec<&str> = fields.filter_map(|line| line.trim().split(':').next()).collect();
    assert_eq!(fields, names, "JobsConfig");

    let modules = read("scheduler/src/jobs/mod.rs")?;
    let modules = modules.lines().filter_map(|line| line.strip_prefix("pub mod "));
    let modules: BTreeSet<&str> = modules.map(|line| line.trim_end_matches(';')).collect();
    assert_eq!(
        modules,
        names.iter().copied().collect(),
        "scheduler/src/jobs/mod.rs"
    );

    let readme = read("README.md")?;
    let rows = part(&readme, "| time | job | date | does |")?.lines().skip(2);
    let rows: Vec<Vec<&str>> = rows
        .map(|row| row.split('|').map(str::trim).skip(1).take(3).collect())
        .collect();
    let expected: Vec<Vec<String>> = DATED
        .iter()
        .zip(&configured)
        .map(|(job, (times, _))| {
            let times = match job.owes {
                OwedDates::OnDemand => "any",
                _ => times.as_str(),
            };
            let date = match job.covers {
                CoveredDate::Today => "begun",
                CoveredDate::Yesterday => "ended",
            };
            vec![times.to_owned(), format!("`{}`", job.name), date.to_owned()]
        })
        .collect();
    assert_eq!(rows, expected, "README.md");
    Ok(())
}
