//! What people are told: each kill as it happens, and a summary.

use super::proof::Proof;
use super::schedule::Victim;
use super::strike::Struck;
use std::collections::BTreeMap;
use std::fmt;
use tokio::time::Instant;

/// Tells of each step and remembers the kills.
pub struct Witness<'a> {
    say: &'a (dyn Fn(&str) + Sync),
    began: Instant,
    /// How many kills there will be.
    all: usize,
    /// Those so far.
    pub kills: Vec<Struck>,
    /// Day and stage.
    pub place: String,
}

impl<'a> Witness<'a> {
    /// One that has seen nothing yet.
    pub fn new(say: &'a (dyn Fn(&str) + Sync), all: usize) -> Self {
        Witness {
            say,
            began: Instant::now(),
            all,
            kills: Vec::new(),
            place: String::new(),
        }
    }

    /// One line, with the time since the start.
    pub fn say(&self, line: &str) {
        let seconds = self.began.elapsed().as_millis() / 100;
        (self.say)(&format!("[{:>4}.{} s] {line}", seconds / 10, seconds % 10));
    }

    /// A kill.
    pub fn tell(&mut self, struck: Struck) {
        let (number, all) = (self.kills.len() + 1, self.all);
        let inside = if struck.inside { "" } else { " (missed its moment)" };
        self.say(&format!(
            "kill {number:>3}/{all} {:<26} {}: {}{inside}",
            struck.victim.name(),
            self.place,
            struck.what
        ));
        self.kills.push(struck);
    }
}

/// How a campaign went.
#[derive(Debug, Clone)]
pub struct Report {
    /// Every kill.
    pub kills: Vec<Struck>,
    /// What held in the end.
    pub proof: Proof,
    /// How many rows of totals were equal.
    pub equal: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut victims: BTreeMap<Victim, (usize, usize)> = BTreeMap::new();
        for kill in &self.kills {
            let (all, inside) = victims.entry(kill.victim).or_default();
            *all += 1;
            *inside += usize::from(kill.inside);
        }
        writeln!(f, "{} kills, and the days came to the same:", self.kills.len())?;
        for (victim, (all, inside)) in victims {
            writeln!(
                f,
                "  {:<26} {all:>3} killed, {inside:>3} in the middle of it",
                victim.name()
            )?;
        }
        let Proof {
            payouts,
            paid,
            events,
            copies,
            pages,
            robot_events,
            again,
        } = &self.proof;
        writeln!(
            f,
            "  {} rows of totals equal those of the days without kills",
            self.equal
        )?;
        writeln!(
            f,
            "  the ledger check is clean, the newest runs replay to the same lines"
        )?;
        writeln!(
            f,
            "  {payouts} payouts of {paid} yuan, each by one bill that WeChat Pay paid once"
        )?;
        writeln!(
            f,
            "  {robot_events} robot events handled once each, no dead letters, nothing left in the outbox"
        )?;
        writeln!(
            f,
            "  {events} events of the outbox are in both queues, {copies} copies beyond the first"
        )?;
        write!(
            f,
            "  {pages} answered page accesses are among them; {again} requests were made again"
        )
    }
}
