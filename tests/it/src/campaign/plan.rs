//! What everybody will do, made from the seed alone: the same with kills and without.

use super::person::Person;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use simulators::gateway::Event;

/// Robots people befriend.
pub const ROBOTS: [&str; 4] = ["R-1", "R-2", "R-3", "R-4"];
/// A robot for visitors' channel that may be shown to few of them: code, channel, groups it is good for.
pub const SCARCE: (&str, &str, i32) = ("R-scarce", "scarce", 4);
/// People who are there from the first day on, by generation: each has masters among those before.
const GENERATIONS: [usize; 3] = [6, 8, 10];
/// People who come each further day, and visitors who only look.
const NEWCOMERS: usize = 5;
const VISITORS: usize = 40;
const PAGES: usize = 80;
/// Whose payouts WeChat Pay refuses.
pub const REFUSED: &str = "p05";
/// How the names of those begin whom it pays without an answer.
pub const UNANSWERED: &str = "p1";

/// What somebody does, tried until it is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Adopts and befriends a robot, joins both accounts, and pulls the robot into groups.
    Arrive(Person, Vec<Event>),
    /// Binds a phone.
    Phone(Person),
    /// Adopts a robot and does no more.
    Visit(Person),
    /// The gateway publishes events, in this order.
    Events(Vec<Event>),
    /// BI rates groups.
    Stars(Value),
    /// The delivery system hands in a day's revenue.
    Ads(Value),
    /// Asks for money with a key; an operator decides.
    Withdraw {
        /// Who.
        person: Person,
        /// Yuan.
        amount: &'static str,
        /// The Idempotency-Key.
        key: String,
        /// What the operator says.
        approve: bool,
    },
    /// Looks at a page; the marker comes out at BI.
    Page(Person, String),
}

/// A business day: stages, one after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// Its date.
    pub date: BusinessDate,
    /// What is done at the same time.
    pub stages: Vec<Vec<Act>>,
}

/// Makes `count` days that begin with the one of `morning`. On the first one everybody moves in.
pub fn days(seed: u64, count: usize, morning: DateTime<Utc>) -> Vec<Day> {
    let mut maker = Maker {
        rng: StdRng::seed_from_u64(seed),
        people: Vec::new(),
        groups: Vec::new(),
        events: 0,
    };
    let first = BusinessDate::of(morning);
    let mut days = vec![maker.first_day(first)];
    days.extend((1..count as u64).map(|number| maker.day(first.plus_days(number))));
    days
}

struct Maker {
    rng: StdRng,
    /// Those who have arrived; the first ones are there from the beginning and have phones.
    people: Vec<Person>,
    /// Codes of all groups so far.
    groups: Vec<String>,
    events: usize,
}

impl Maker {
    fn first_day(&mut self, date: BusinessDate) -> Day {
        let mut stages = Vec::new();
        for size in GENERATIONS {
            let masters = self.people.clone();
            stages.push((0..size).map(|_| self.arrival(date, &masters)).collect());
        }
        stages.push(self.people.iter().cloned().map(Act::Phone).collect());
        let mut evening = self.talk(date);
        evening.extend(self.income(date));
        stages.push(evening);
        Day { date, stages }
    }

    fn day(&mut self, date: BusinessDate) -> Day {
        let settled: Vec<Person> = self.people.clone();
        let mut morning: Vec<Act> = (0..NEWCOMERS).map(|_| self.arrival(date, &settled)).collect();
        for person in &settled {
            if self.rng.random_bool(0.6) {
                let pulls = self.pulls(person, date, 1);
                morning.push(Act::Events(pulls));
            }
        }
        for number in 0..VISITORS {
            morning.push(Act::Visit(self.person(format!("v-{date}-{number:02}"), &settled)));
        }
        let mut afternoon = self.talk(date);
        afternoon.extend(self.income(date));
        let savers: usize = GENERATIONS.iter().sum();
        for person in settled.iter().take(savers).cloned() {
            if self.rng.random_bool(0.8) {
                afternoon.push(Act::Withdraw {
                    key: format!("{date}-{}", person.name),
                    amount: ["1.00", "1.00", "1.00", "20.00"]
                        .choose(&mut self.rng)
                        .unwrap_or(&"1.00"),
                    approve: self.rng.random_bool(0.9),
                    person,
                });
            }
        }
        let mut stages = vec![morning, afternoon];
        for (number, stage) in stages.iter_mut().enumerate() {
            stage.extend((0..PAGES).map(|page| self.page(&settled, format!("{date}-{number}-{page}"))));
            stage.shuffle(&mut self.rng);
        }
        Day { date, stages }
    }

    fn person(&mut self, name: String, masters: &[Person]) -> Person {
        let master = masters.choose(&mut self.rng);
        Person {
            master: master
                .filter(|_| self.rng.random_bool(0.8))
                .map(|master| master.name.clone()),
            robot: ROBOTS[name.bytes().map(usize::from).sum::<usize>() % ROBOTS.len()],
            name,
        }
    }

    fn arrival(&mut self, date: BusinessDate, masters: &[Person]) -> Act {
        let person = self.person(format!("p{:02}", self.people.len()), masters);
        self.people.push(person.clone());
        let groups = self.rng.random_range(1..=3);
        let pulls = self.pulls(&person, date, groups);
        Act::Arrive(person, pulls)
    }

    fn pulls(&mut self, person: &Person, date: BusinessDate, count: usize) -> Vec<Event> {
        let mut pulls = Vec::new();
        for number in 0..count {
            let code = format!("G-{date}-{}-{number}", person.name);
            let body = json!({"group_id": code, "robot_id": person.robot, "user_id": person.chat_code(), "name": code});
            pulls.push(self.event("wait_for_bind", body));
            self.groups.push(code);
        }
        pulls
    }

    fn event(&mut self, command: &str, body: Value) -> Event {
        self.events += 1;
        Event {
            message_id: format!("campaign-{}", self.events),
            ..Event::new(command, body)
        }
    }

    /// People come, go and speak in some groups.
    fn talk(&mut self, date: BusinessDate) -> Vec<Act> {
        let mut acts = Vec::new();
        for group in self.groups.clone() {
            if !self.rng.random_bool(0.5) {
                continue;
            }
            let mut events = Vec::new();
            for number in 0..self.rng.random_range(2..=6) {
                let (who, at) = (format!("M-{number}"), format!("{date}T10:00:{number:02}"));
                let joined = json!({"group_id": group, "user_id": who, "join_time": at});
                events.push(self.event("join_group", joined));
                let said = json!({"group_id": group, "user_id": who, "message_no": format!("{date}-{group}-{number}"),
                                  "type": 3, "content": "hi", "send_time": at});
                events.push(self.event("group_message", said));
                if self.rng.random_bool(0.3) {
                    let left = json!({"group_id": group, "user_id": who, "drop_time": at});
                    events.push(self.event("drop_out_group", left));
                }
            }
            acts.push(Act::Events(events));
        }
        acts
    }

    /// Stars for some groups, in several lists, and the revenue of the date.
    fn income(&mut self, date: BusinessDate) -> Vec<Act> {
        let mut stars = Vec::new();
        let mut revenue = serde_json::Map::new();
        for group in &self.groups {
            let today = group.contains(&date.to_string());
            if today || self.rng.random_bool(0.2) {
                stars.push(json!({"groupId": group, "state": 1, "star": self.rng.random_range(1..=5)}));
            }
            if self.rng.random_bool(0.6) {
                let amount = format!(
                    "{}.{:04}",
                    self.rng.random_range(0..9),
                    self.rng.random_range(0..9999)
                );
                revenue.insert(group.clone(), amount.into());
            }
        }
        let lists = stars.chunks(12);
        let mut acts: Vec<Act> = lists
            .map(|list| Act::Stars(json!({"command": "update_group_star", "data": list})))
            .collect();
        acts.push(Act::Ads(json!({"settle_date": date, "data": revenue})));
        acts
    }

    /// The accesses of people we do not know are dropped, so these are known.
    fn page(&mut self, known: &[Person], marker: String) -> Act {
        let person = known[self.rng.random_range(0..known.len())].clone();
        Act::Page(person, marker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_days() {
        let morning: DateTime<Utc> = "2026-11-21T02:00:00Z".parse().expect("a time");
        assert_eq!(days(7, 3, morning), days(7, 3, morning));
        assert_ne!(days(7, 3, morning), days(8, 3, morning));
    }
}
