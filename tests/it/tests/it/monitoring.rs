//! Dashboard, alert rules and README speak of metrics that the programs have, and the latter two of the same ones.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use stack::checkout;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

type Names = BTreeSet<String>;

fn text(path: &str) -> Result<String> {
    fs::read_to_string(checkout()?.join(path)).with_context(|| path.to_owned())
}

/// Every word that begins like a metric of ours.
fn mentioned(text: &str) -> Names {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !word(c));
    words
        .filter(|name| name.starts_with("gpet_"))
        .map(str::to_owned)
        .collect()
}

/// The names the programs' sources hand to the macros that make metrics, histograms with all their series.
fn declared() -> Result<Names> {
    let mut names = Names::new();
    for program in ["shared", "api/src", "scheduler/src"] {
        collect(&checkout()?.join(program), &mut names)?;
    }
    Ok(names)
}

fn collect(folder: &Path, names: &mut Names) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, names)?;
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            for (kind, name) in made_in(&fs::read_to_string(&path)?) {
                if kind == "histogram" {
                    names.extend(["bucket", "sum", "count"].map(|series| format!("{name}_{series}")));
                }
                names.insert(name);
            }
        }
    }
    Ok(())
}

fn made_in(source: &str) -> Vec<(&'static str, String)> {
    let mut made = Vec::new();
    for kind in ["counter", "gauge", "histogram"] {
        for after in source.split(&format!("{kind}!(")).skip(1) {
            let name = after
                .trim_start()
                .strip_prefix('"')
                .and_then(|rest| rest.split('"').next());
            made.extend(name.map(|name| (kind, name.to_owned())));
        }
    }
    made
}

fn expressions(panels: &Value, found: &mut Vec<String>) {
    for panel in panels.as_array().into_iter().flatten() {
        expressions(&panel["panels"], found);
        let targets = panel["targets"].as_array().into_iter().flatten();
        found.extend(targets.filter_map(|target| target["expr"].as_str().map(str::to_owned)));
    }
}

#[test]
fn the_dashboard_shows_what_the_programs_measure() -> Result<()> {
    let dashboard: Value = serde_json::from_str(&text("config/deploy/monitoring/dashboard.json")?)?;
    let mut shown = Vec::new();
    expressions(&dashboard["panels"], &mut shown);
    ensure!(shown.len() > 30, "only {} expressions", shown.len());
    let declared = declared()?;
    for expression in &shown {
        let names = mentioned(expression);
        ensure!(!names.is_empty(), "`{expression}` shows nothing of ours");
        let unknown: Vec<_> = names.difference(&declared).collect();
        ensure!(unknown.is_empty(), "`{expression}`: no program has {unknown:?}");
    }
    Ok(())
}

#[test]
fn the_rules_and_the_readme_watch_the_same_metrics() -> Result<()> {
    let rules = text("config/deploy/monitoring/alerts.yaml")?;
    let series = |name: String| name.strip_suffix("_bucket").map_or(name.clone(), str::to_owned);
    let watched: Names = (rules
        .lines()
        .filter(|line| line.trim_start().starts_with("expr:")))
    .flat_map(mentioned)
    .map(series)
    .collect();
    let unknown: Vec<_> = watched.difference(&declared()?).cloned().collect();
    ensure!(unknown.is_empty(), "no program has {unknown:?}");

    let readme = text("README.md")?;
    let table = readme
        .split("| alert when |")
        .nth(1)
        .context("no table of alerts")?;
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let explained: Names = rows
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(mentioned)
        .collect();
    assert_eq!(watched, explained, "left the rules, right README.md");
    Ok(())
}

#[test]
fn the_alert_goes_off_at_four_fifths_of_what_the_policies_allow() -> Result<()> {
    let (rules, notes) = (
        text("config/deploy/monitoring/alerts.yaml")?,
        text("config/deploy/README.md")?,
    );
    for (policy, queue) in stack::POLICIES
        .iter()
        .zip(["queue.pet.point.web", "bi.console.gpet.queue"])
    {
        let definition: Value = serde_json::from_str(policy.definition)?;
        let limit = definition["max-length"].as_u64().context("no limit")?;
        let alert = format!("gpet_queue_depth{{queue=\"{queue}\"}}) > {}", limit / 5 * 4);
        ensure!(rules.contains(&alert), "no rule has `{alert}`");
        ensure!(
            policy.pattern == format!("^{}$", queue.replace('.', r"\.")),
            "{policy:?} is not {queue}'s"
        );
        let command = format!("{} '{}' '{}'", policy.name, policy.pattern, policy.definition);
        ensure!(notes.contains(&command), "the notes set no `{command}`");
    }
    Ok(())
}
