//! `fuzz`: the targets of `tests/fuzz` under libFuzzer.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use stack::provision;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::binaries::Binaries;
use crate::steps::Steps;
use crate::{places, process};

/// Seconds that reading one input may take; far more than any needs, and far less than a caller waits.
const LONGEST_INPUT_SECONDS: u32 = 10;
/// Memory it may take.
const MOST_MEGABYTES: u32 = 1024;
/// Bytes an input may have. What is longer says nothing new of the form, and slows all others.
const LARGEST_INPUT: u32 = 8192;

/// What `fuzz` can be told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this target; the names are those of the folders in `tests/fuzz/seeds`.
    target: Option<String>,
    /// How long each target runs.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    minutes: u64,
    /// How many targets run at once.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// Read only this file, such as a finding, and say what happens.
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
}

/// Runs every target for its time; the inputs that led somewhere new are kept for the next run.
pub async fn run(arguments: Arguments) -> Result<()> {
    let steps = Steps::begin();
    let targets = chosen(targets()?, arguments.target.as_deref())?;
    provision::cpp(&|line| steps.say(line)).await?;
    steps.say("building the targets with counters (minutes the first time)");
    let program = Binaries::fuzz().await?.path("fuzz");
    if let Some(input) = &arguments.input {
        let input = input
            .canonicalize()
            .with_context(|| format!("cannot read {}", input.display()))?;
        let names = variables(&targets[0]);
        return process::run(&program.to_string_lossy(), [OsString::from(input)], &names).await;
    }
    let places = Arc::new(Semaphore::new(arguments.jobs.into()));
    let mut running = JoinSet::new();
    for target in targets {
        let (program, places, minutes) = (program.clone(), places.clone(), arguments.minutes);
        running.spawn(async move {
            let _place = places.acquire_owned().await?;
            steps.say(&format!("{target}: {minutes} minutes"));
            let outcome = Run::of(&target)?.run(&program, minutes).await?;
            steps.say(&format!("{target}: {}", outcome.told()));
            anyhow::Ok(matches!(outcome, Outcome::Nothing(_)))
        });
    }
    let mut findings = 0;
    while let Some(ended) = running.join_next().await {
        findings += usize::from(!ended??);
    }
    if findings > 0 {
        bail!("{findings} targets with a finding");
    }
    steps.say("no finding");
    Ok(())
}

/// The names of all targets, by the folders of their seeds; a test holds them against the program.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in fs::read_dir(places::root().join("tests/fuzz/seeds"))? {
        names.push(folder?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn chosen(mut targets: Vec<String>, name: Option<&str>) -> Result<Vec<String>> {
    let known = targets.join(", ");
    targets.retain(|target| name.is_none_or(|name| name == target));
    match targets.is_empty() {
        true => bail!("no such target; there are {known}"),
        false => Ok(targets),
    }
}

fn variables(target: &str) -> [(&'static str, OsString); 1] {
    [("GPET_FUZZ_TARGET", target.into())]
}

/// What one target has on disk.
struct Run {
    target: String,
    seeds: PathBuf,
    corpus: PathBuf,
    findings: PathBuf,
    log: PathBuf,
}

impl Run {
    fn of(target: &str) -> Result<Self> {
        let kept = places::data().join("fuzz");
        let run = Run {
            target: target.to_owned(),
            seeds: places::root().join("tests/fuzz/seeds").join(target),
            corpus: kept.join("corpus").join(target),
            findings: kept.join("findings").join(target),
            log: kept.join(format!("{target}.log")),
        };
        fs::create_dir_all(&run.corpus)?;
        fs::create_dir_all(&run.findings)?;
        Ok(run)
    }

    async fn run(&self, program: &Path, minutes: u64) -> Result<Outcome> {
        let before = self.found()?;
        let dictionary = places::root().join("tests/fuzz/dictionary");
        let mut line: Vec<OsString> = [
            format!("-max_total_time={}", minutes * 60),
            format!("-timeout={LONGEST_INPUT_SECONDS}"),
            format!("-rss_limit_mb={MOST_MEGABYTES}"),
            format!("-max_len={LARGEST_INPUT}"),
            format!("-dict={}", dictionary.display()),
            format!("-artifact_prefix={}/", self.findings.display()),
            "-print_final_stats=1".to_owned(),
        ]
        .map(OsString::from)
        .into();
        line.extend([self.corpus.clone().into(), self.seeds.clone().into()]);
        let succeeded = process::logged(
            &program.to_string_lossy(),
            line,
            &variables(&self.target),
            &self.log,
        )
        .await?;
        if succeeded {
            let log = fs::read(&self.log)?;
            return Ok(Outcome::Nothing(executed(&String::from_utf8_lossy(&log))));
        }
        let new = self.found()?.into_iter().find(|input| !before.contains(input));
        Ok(match new {
            Some(input) => Outcome::Finding {
                replay: format!("cargo xtask fuzz {} --input {}", self.target, input.display()),
                words: stack::tail(&self.log, 30),
            },
            None => Outcome::Broken(stack::tail(&self.log, 30)),
        })
    }

    fn found(&self) -> Result<Vec<PathBuf>> {
        let inputs = fs::read_dir(&self.findings)?;
        Ok(inputs
            .map(|input| input.map(|input| input.path()))
            .collect::<std::io::Result<_>>()?)
    }
}

/// How the run of a target ended.
enum Outcome {
    /// So many inputs were read, and all that was promised held.
    Nothing(u64),
    /// An input broke something.
    Finding { replay: String, words: String },
    /// The program did not run.
    Broken(String),
}

impl Outcome {
    fn told(&self) -> String {
        match self {
            Outcome::Nothing(inputs) => format!("{inputs} inputs without a finding"),
            Outcome::Finding { replay, words } => format!("a finding\n{words}\nagain: {replay}"),
            Outcome::Broken(words) => format!("ended without an input to blame\n{words}"),
        }
    }
}

/// How many inputs libFuzzer says it has tried.
fn executed(log: &str) -> u64 {
    let said = log
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    said.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libfuzzer_tried_is_read_from_its_last_words() {
        let log = "#2 INITED\nDone 17 runs\nstat::number_of_executed_units: 17\nstat::average_exec_per_sec:     8\n";
        assert_eq!(executed(log), 17);
        assert_eq!(executed("nothing"), 0);
    }

    #[test]
    fn a_target_is_chosen_by_its_whole_name() {
        let all = || vec!["ids".to_owned(), "money".to_owned()];
        assert_eq!(chosen(all(), Some("money")).unwrap(), ["money"]);
        assert_eq!(chosen(all(), None).unwrap(), all());
        assert!(
            chosen(all(), Some("mon"))
                .unwrap_err()
                .to_string()
                .contains("ids, money")
        );
    }
}
