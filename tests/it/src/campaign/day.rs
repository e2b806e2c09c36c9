//! Days as they are lived: everybody works, somebody is killed, everything comes to rest.

use super::deployment::Deployment;
use super::plan::{Act, Day};
use super::proof::Proof;
use super::report::Witness;
use super::schedule::{Schedule, Victim};
use super::totals::{Totals, totals};
use anyhow::{Context as _, Result};
use chrono::{NaiveTime, TimeDelta};
use rand::rngs::StdRng;
use stack::Stack;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many act at once.
const ELBOWS: usize = 24;

/// Lives through the days, and proves them.
pub(super) async fn live(
    stack: &mut Stack,
    logs: PathBuf,
    days: &[Day],
    schedule: Schedule,
    witness: &mut Witness<'_>,
) -> Result<(Totals, Proof)> {
    let morning = days[0].date.at(NaiveTime::MIN + TimeDelta::hours(10));
    let mut deployment = Deployment::open(stack, &logs, morning).await?;
    let Schedule {
        nights,
        stages,
        mut chance,
    } = schedule;
    for (number, day) in days.iter().enumerate() {
        deployment.stop().await?;
        deployment
            .time
            .skip_to(day.date.at(NaiveTime::MIN + TimeDelta::hours(10)));
        deployment.start_api().await?;
        deployment.start_scheduler().await?;
        for (place, acts) in day.stages.iter().enumerate() {
            let victims = number
                .checked_sub(1)
                .map(|number| stages[number][place].as_slice());
            witness.place = format!(
                "{}, {}",
                day.date,
                if place == 0 { "morning" } else { "afternoon" }
            );
            stage(
                &mut deployment,
                acts,
                victims.unwrap_or_default(),
                &mut chance,
                witness,
            )
            .await
            .with_context(|| witness.place.clone())?;
        }
        witness.place = format!("night after {}", day.date);
        let victims = number.checked_sub(1).map(|number| nights[number].as_slice());
        let mut told = |struck| witness.tell(struck);
        let night = deployment
            .night(day.date, victims.unwrap_or_default(), &mut chance, &mut told)
            .await;
        night.with_context(|| witness.place.clone())?;
        witness.say(&format!("{} is settled", day.date));
    }
    let proof = deployment.prove().await?;
    let totals = totals(&deployment.context).await?;
    deployment.close().await?;
    Ok((totals, proof))
}

/// A stage of a day: its acts in as many portions as there are kills, and one more; each kill falls into a portion.
async fn stage(
    deployment: &mut Deployment<'_>,
    acts: &[Act],
    victims: &[Victim],
    chance: &mut StdRng,
    witness: &mut Witness<'_>,
) -> Result<()> {
    let elbows = Arc::new(Semaphore::new(ELBOWS));
    let mut load = JoinSet::new();
    let mut portions = portions(acts, victims).into_iter();
    for victim in victims {
        begin(&mut load, deployment, &elbows, portions.next());
        witness.tell(deployment.strike(*victim, chance).await?);
    }
    begin(&mut load, deployment, &elbows, portions.next());
    while let Some(ended) = load.join_next().await {
        ended??;
    }
    deployment.rest().await
}

/// Lets a portion begin: everything at once, except those who ask for money. They come in two lines, so that somebody is
/// always asking for a while.
fn begin(
    load: &mut JoinSet<Result<()>>,
    deployment: &Deployment<'_>,
    elbows: &Arc<Semaphore>,
    acts: Option<Vec<Act>>,
) {
    let with_money = |act: &Act| matches!(act, Act::Withdraw { .. });
    let (money, other): (Vec<Act>, Vec<Act>) = acts.into_iter().flatten().partition(with_money);
    let lines = money.chunks(money.len().div_ceil(2).max(1)).map(<[Act]>::to_vec);
    for line in lines.chain(other.into_iter().map(|act| vec![act])) {
        let (crowd, elbows) = (Arc::clone(&deployment.crowd), Arc::clone(elbows));
        load.spawn(async move {
            let _elbow = elbows.acquire().await?;
            for act in line {
                crowd.act(act).await?;
            }
            Ok(())
        });
    }
}

/// Deals the acts out. Who asks for money goes where that is needed.
fn portions(acts: &[Act], victims: &[Victim]) -> Vec<Vec<Act>> {
    let mut portions = vec![Vec::new(); victims.len() + 1];
    let with_money: Vec<usize> = (0..victims.len())
        .filter(|place| victims[*place].with_money())
        .collect();
    let (money, other): (Vec<_>, Vec<_>) = acts.iter().partition(|act| matches!(act, Act::Withdraw { .. }));
    for (number, act) in money.into_iter().enumerate() {
        let place = match with_money.as_slice() {
            [] => number % portions.len(),
            places => places[number % places.len()],
        };
        portions[place].push(act.clone());
    }
    for (number, act) in other.into_iter().enumerate() {
        let place = number % portions.len();
        portions[place].push(act.clone());
    }
    portions
}
