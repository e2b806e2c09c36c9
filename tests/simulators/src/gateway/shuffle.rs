//! Delivers a history of events at least once and out of order, within what the gateway may do.
//!
//! Every event goes out twice. Across groups any interleaving is fine. Within a group the order stays, except
//! that `robot_added` may come after the `wait_for_bind` it made possible (but before what follows that), and
//! `unbind_group_success` may overtake the `bind_group_success` right before it. `robot_added` and private
//! messages keep their order per robot and user. An event about a whole robot stays where it is.

use std::collections::HashMap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::gateway::event::Event;

/// The same history, doubled and shuffled; the same seed gives the same order.
pub fn shuffled(events: Vec<Event>, seed: u64) -> Vec<Event> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut out = Vec::with_capacity(events.len() * 2);
    let mut part = Vec::new();
    for event in events {
        if chain(&event).is_some() {
            part.push(event);
        } else {
            out.extend(shuffled_part(std::mem::take(&mut part), &mut rng));
            out.extend([event.clone(), event]);
        }
    }
    out.extend(shuffled_part(part, &mut rng));
    out
}

/// What an event keeps its order with: none for events that concern more than that.
fn chain(event: &Event) -> Option<String> {
    match event.command.as_str() {
        "robot_added" | "private_message" => Some(format!(
            "friends {} {}",
            event.text("robot_id"),
            event.text("user_id")
        )),
        _ => event.group().map(|group| format!("group {group}")),
    }
}

/// A random order among those that keep every "before"; a copy may go out any time after its original.
fn shuffled_part(events: Vec<Event>, rng: &mut StdRng) -> Vec<Event> {
    let (followers, mut missing) = order(&events, rng);
    let mut sent = vec![false; events.len()];
    let mut ready: Vec<usize> = (0..events.len()).filter(|&i| missing[i] == 0).collect();
    let mut out = Vec::with_capacity(events.len() * 2);
    while !ready.is_empty() {
        let at = rng.random_range(0..ready.len());
        let index = ready[at];
        out.push(events[index].clone());
        if sent[index] {
            ready.swap_remove(at);
            continue;
        }
        sent[index] = true; // stays ready for its copy
        for &next in &followers[index] {
            missing[next] -= 1;
            if missing[next] == 0 {
                ready.push(next);
            }
        }
    }
    out
}

/// For each event, which events wait for it, and for how many it waits itself.
fn order(events: &[Event], rng: &mut StdRng) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut chains: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, event) in events.iter().enumerate() {
        chains
            .entry(chain(event).unwrap_or_default())
            .or_default()
            .push(index);
    }
    let mut followers = vec![Vec::new(); events.len()];
    let mut missing = vec![0; events.len()];
    let mut befriended: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, event) in events
        .iter()
        .enumerate()
        .filter(|(_, event)| event.command == "robot_added")
    {
        befriended.entry(event.text("user_id")).or_default().push(index);
    }
    let mut lines: Vec<Vec<usize>> = chains.into_values().collect();
    lines.sort(); // a HashMap's order is not the seed's
    for line in &mut lines {
        overtake(line, events, rng);
        for pair in line.windows(2) {
            followers[pair[0]].push(pair[1]);
            missing[pair[1]] += 1;
            if events[pair[0]].command != "wait_for_bind" {
                continue;
            }
            for &added in befriended
                .get(events[pair[0]].text("user_id"))
                .into_iter()
                .flatten()
            {
                if added < pair[0] {
                    followers[added].push(pair[1]);
                    missing[pair[1]] += 1;
                }
            }
        }
    }
    (followers, missing)
}

/// Sometimes puts an unbind before the bind right in front of it.
fn overtake(line: &mut [usize], events: &[Event], rng: &mut StdRng) {
    for at in 1..line.len() {
        let (first, second) = (&events[line[at - 1]], &events[line[at]]);
        if first.command == "bind_group_success"
            && second.command == "unbind_group_success"
            && rng.random_bool(0.5)
        {
            line.swap(at - 1, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn history() -> Vec<Event> {
        let mut events = Vec::new();
        for n in 0..8 {
            let ids = json!({"group_id": format!("G-{n}"), "robot_id": "R-1", "user_id": format!("U-{n}")});
            for command in [
                "robot_added",
                "private_message",
                "wait_for_bind",
                "join_group",
                "robot_kicked",
            ] {
                events.push(Event::new(command, ids.clone()));
            }
        }
        events.push(Event::new("abnormal_robot", json!({"robot_id": "R-1"})));
        events.push(Event::new(
            "join_group",
            json!({"group_id": "G-1", "user_id": "U-9"}),
        ));
        events
    }

    fn firsts(out: &[Event]) -> HashMap<&str, usize> {
        let mut firsts = HashMap::new();
        for (place, event) in out.iter().enumerate() {
            firsts.entry(event.message_id.as_str()).or_insert(place);
        }
        firsts
    }

    #[test]
    fn everything_goes_out_twice_in_an_order_the_gateway_may_choose() {
        let events = history();
        let mut late_friends = 0;
        for seed in 0..200 {
            let out = shuffled(events.clone(), seed);
            assert_eq!(out, shuffled(events.clone(), seed));
            for event in &events {
                assert_eq!(out.iter().filter(|other| *other == event).count(), 2);
            }
            let first = firsts(&out);
            let place = |n: usize| first[events[n].message_id.as_str()];
            for n in (0..40).step_by(5) {
                let (added, private, wait) = (place(n), place(n + 1), place(n + 2));
                let (join, kicked, abnormal) = (place(n + 3), place(n + 4), place(40));
                assert!(added < private && wait < join && join < kicked && added < join);
                assert!(kicked < abnormal && private < abnormal);
                late_friends += usize::from(wait < added);
            }
            assert!(place(40) < place(41));
        }
        assert!(
            late_friends > 100,
            "robot_added hardly ever comes late: {late_friends}"
        );
    }

    #[test]
    fn an_unbind_may_overtake_its_bind_only() {
        let group = json!({"group_id": "G-1", "robot_id": "R-1"});
        let commands = ["bind_group_success", "unbind_group_success", "join_group"];
        let events: Vec<Event> = commands
            .iter()
            .map(|command| Event::new(command, group.clone()))
            .collect();
        let mut overtaken = 0;
        for seed in 0..50 {
            let out = shuffled(events.clone(), seed);
            let first = firsts(&out);
            let place = |n: usize| first[events[n].message_id.as_str()];
            overtaken += usize::from(place(1) < place(0));
            assert!(place(2) > place(0) && place(2) > place(1));
        }
        assert!((10..40).contains(&overtaken), "{overtaken}");
    }
}
