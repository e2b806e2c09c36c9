//! The kill campaign: a few business days on the product's real programs, whose processes and servers are killed with
//! SIGKILL while everybody goes on working. What the days come to must equal the same days without a kill.
//!
//! [`run`] lives through the days twice, calm and struck, each time in a database of its own. What everybody does, who is
//! killed and in the middle of what follow from the seed (`plan`, `schedule`); moments within that are the machine's.

mod acts;
mod crowd;
mod day;
mod deployment;
mod night;
mod person;
mod plan;
mod program;
mod proof;
mod report;
mod rest;
mod schedule;
mod strike;
mod time;
mod totals;

pub use program::built;
pub use proof::Proof;
pub use report::Report;
pub use schedule::Victim;
pub use strike::Struck;

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use day::live;
use report::Witness;
use stack::{Options, Stack, provision};
use std::path::PathBuf;
use totals::differences;

/// Kills that fit into a day.
const KILLS_A_DAY: usize = 20;

/// What a campaign is to be.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// How often somebody is killed.
    pub kills: usize,
    /// Chooses everything.
    pub seed: u64,
    /// For the servers' data and the programs' logs.
    pub folder: PathBuf,
}

/// Runs a campaign; `say` hears of each step.
///
/// # Errors
/// Names what does not hold, or did not come back.
pub async fn run(campaign: &Campaign, say: &(dyn Fn(&str) + Sync)) -> Result<Report> {
    let servers = provision::provision(&|line| say(line)).await?;
    let mut stack = Stack::start(&campaign.folder.join("servers"), &servers, Options::small()).await?;
    let days = 1 + campaign.kills.div_ceil(KILLS_A_DAY).max(1);
    let morning: DateTime<Utc> = DateTime::parse_from_rfc3339(crate::MORNING)?.to_utc();
    let plan = plan::days(campaign.seed, days, morning);
    let mut witness = Witness::new(say, campaign.kills);
    witness.say(&format!("{days} days without a kill, seed {}", campaign.seed));
    let none = schedule::schedule(campaign.seed, 0, days - 1);
    let (calm, _) = live(
        &mut stack,
        campaign.folder.join("calm"),
        &plan,
        none,
        &mut witness,
    )
    .await?;
    witness.say(&format!("the same days with {} kills", campaign.kills));
    let kills = schedule::schedule(campaign.seed, campaign.kills, days - 1);
    let (struck, proof) = live(
        &mut stack,
        campaign.folder.join("struck"),
        &plan,
        kills,
        &mut witness,
    )
    .await?;
    // Killed, not stopped: nobody needs the data any more.
    drop(stack);
    let differences = differences(&calm, &struck);
    ensure!(
        differences.is_empty(),
        "other than without kills: {differences:#?}"
    );
    ensure!(
        witness.kills.len() == campaign.kills,
        "{} kills",
        witness.kills.len()
    );
    Ok(Report {
        kills: witness.kills,
        proof,
        equal: calm.values().map(Vec::len).sum(),
    })
}
