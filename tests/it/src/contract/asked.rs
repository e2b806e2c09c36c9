//! What was really asked: a run in which an operation never worked has shown little of it, and an example that does not
//! work is none, even where the operation worked by luck with other requests.

use super::read;
use anyhow::{Result, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How often each operation answered with each code.
type Answers = BTreeMap<String, BTreeMap<String, u64>>;

/// What a caller was answered.
#[derive(Default, Deserialize)]
struct Asked {
    /// To what the description allows.
    allowed: Answers,
    /// Of that, to the requests of `examples`, which are to work.
    examples: Answers,
}

/// Where the statistics of a caller are.
pub(super) fn file(reports: &Path, caller: &str) -> PathBuf {
    reports.join(format!("{caller}.asked.json"))
}

/// Prints how often operations worked, and those that never did, whatever they were sent or by their example; that must be
/// none in a whole run.
pub(super) fn report(reports: &Path, whole: bool) -> Result<()> {
    let mut all = Asked::default();
    for caller in ["operator", "user"] {
        let asked: Asked = read(&file(reports, caller))?;
        add(&mut all.allowed, asked.allowed);
        add(&mut all.examples, asked.examples);
    }
    let requests: u64 = all.allowed.values().flat_map(BTreeMap::values).sum();
    println!(
        "\n{} operations were sent {requests} requests that they allow",
        all.allowed.len()
    );
    let failed = failed("never worked", all.allowed) + failed("its example never worked", all.examples);
    ensure!(!whole || failed == 0, "{failed} never worked: listed above");
    Ok(())
}

fn add(all: &mut Answers, more: Answers) {
    for (operation, codes) in more {
        let all = all.entry(operation).or_default();
        for (code, times) in codes {
            *all.entry(code).or_default() += times;
        }
    }
}

/// Prints those of which no answer was good; how many they are. A request that was not sent has no answer.
fn failed(what: &str, mut answers: Answers) -> usize {
    answers.retain(|_, codes| !codes.keys().any(|code| good(code)));
    for (operation, codes) in &answers {
        let codes: Vec<String> = codes
            .iter()
            .map(|(code, times)| format!("{code} {times} times"))
            .collect();
        println!("{what}: {operation}: {}", codes.join(", "));
    }
    answers.len()
}

/// Whether it worked: our code, a partner's, or an HTTP status without a body.
fn good(code: &str) -> bool {
    matches!(code, "1200" | "100" | "200" | "204")
}
