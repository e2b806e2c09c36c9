//! Who is killed, and at what time of which day.

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};

/// Who is killed, and where.
///
/// In the order in which a night's are killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Victim {
    SchedulerInSettlement,
    SchedulerInPayout,
    SchedulerUnderEvents,
    ApiInWithdrawal,
    PostgresInSettlement,
    Postgres,
    RabbitMq,
    Redis,
}

/// Each with its share of a hundred kills.
const SHARES: [(Victim, u32); 8] = [
    (Victim::SchedulerInSettlement, 22),
    (Victim::SchedulerInPayout, 12),
    (Victim::SchedulerUnderEvents, 10),
    (Victim::ApiInWithdrawal, 20),
    (Victim::PostgresInSettlement, 2),
    (Victim::Postgres, 12),
    (Victim::RabbitMq, 10),
    (Victim::Redis, 12),
];

impl Victim {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Victim::SchedulerInSettlement => "scheduler in a settlement",
            Victim::SchedulerInPayout => "scheduler in a payout",
            Victim::SchedulerUnderEvents => "scheduler under events",
            Victim::ApiInWithdrawal => "api in a withdrawal",
            Victim::PostgresInSettlement => "PostgreSQL in a settlement",
            Victim::Postgres => "PostgreSQL",
            Victim::RabbitMq => "RabbitMQ",
            Victim::Redis => "Redis",
        }
    }

    /// Whether it happens while a date is settled.
    pub fn at_night(self) -> bool {
        matches!(self, Victim::SchedulerInSettlement | Victim::PostgresInSettlement)
    }

    /// Whether it needs people who ask for money.
    pub fn with_money(self) -> bool {
        matches!(self, Victim::SchedulerInPayout | Victim::ApiInWithdrawal)
    }
}

/// Who is killed on each of `nights` and in each of `stages`: everybody once before anybody twice.
pub struct Schedule {
    /// By day, without the first.
    pub nights: Vec<Vec<Victim>>,
    /// By day and stage.
    pub stages: Vec<[Vec<Victim>; 2]>,
    /// Further chance: how long after a moment, at which table.
    pub chance: StdRng,
}

/// Makes it from the seed.
pub fn schedule(seed: u64, kills: usize, days: usize) -> Schedule {
    let mut chance = StdRng::seed_from_u64(seed ^ 0x6b69_6c6c);
    let mut victims: Vec<Victim> = SHARES.iter().map(|(victim, _)| *victim).collect();
    victims.shuffle(&mut chance);
    while victims.len() < kills {
        let drawn = SHARES.choose_weighted(&mut chance, |(_, share)| *share);
        victims.extend(drawn.map(|(victim, _)| *victim).ok());
    }
    victims.truncate(kills);
    let mut schedule = Schedule {
        nights: vec![Vec::new(); days],
        stages: vec![[Vec::new(), Vec::new()]; days],
        chance,
    };
    // Round the days, so that none has all of them.
    for (number, victim) in victims.into_iter().enumerate() {
        let day = number % days.max(1);
        let stage = usize::from(victim.with_money() || schedule.chance.random_bool(0.5));
        match victim.at_night() {
            true => schedule.nights[day].push(victim),
            false => schedule.stages[day][stage].push(victim),
        }
    }
    // PostgreSQL last: the scheduler that outlives it goes on and may get through.
    for night in &mut schedule.nights {
        night.sort();
    }
    schedule
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn all(schedule: &Schedule) -> Vec<Victim> {
        let stages = schedule.stages.iter().flatten().flatten();
        stages.chain(schedule.nights.iter().flatten()).copied().collect()
    }

    #[test]
    fn everybody_is_killed_once_before_anybody_twice() {
        for seed in 0..20 {
            let victims = all(&schedule(seed, SHARES.len(), 2));
            assert_eq!(victims.len(), SHARES.len());
            assert_eq!(victims.into_iter().collect::<BTreeSet<_>>().len(), SHARES.len());
        }
    }

    #[test]
    fn a_seed_kills_the_same_at_the_same_times() {
        let (once, again) = (schedule(7, 100, 5), schedule(7, 100, 5));
        assert_eq!((once.stages, once.nights), (again.stages, again.nights));
        let schedule = schedule(8, 100, 5);
        assert_eq!(all(&schedule).len(), 100);
        assert!(schedule.nights.iter().flatten().all(|victim| victim.at_night()));
        assert!(
            schedule
                .stages
                .iter()
                .flatten()
                .flatten()
                .all(|victim| !victim.at_night())
        );
        assert!(
            schedule
                .stages
                .iter()
                .all(|[morning, _]| !morning.iter().any(|victim| victim.with_money()))
        );
    }
}
