//! What the gateway knows: robots, people, groups, and the messages it was asked to send.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::gateway::event::Event;
use crate::gateway::group::{Group, Member, Person, Robot, WaitingBind};

/// A message the gateway was asked to send.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SentMessage {
    /// The sending robot.
    pub robot_id: String,
    /// Target group of a group message.
    pub group_id: Option<String>,
    /// Target person of a private message.
    pub user_id: Option<String>,
    /// People mentioned.
    pub users: Vec<String>,
    /// The item as it came: type, content, title, url, desc, voice_time, message_no.
    pub message: Value,
    /// How often it was asked for; delivered once all the same when it has a message_no.
    pub asked: u32,
    /// When first.
    pub at: String,
}

/// An event that went out or was handed to the broker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Emitted {
    /// Position from 1.
    pub seq: u64,
    /// The event.
    pub event: Event,
    /// When.
    pub at: String,
}

/// The gateway's memory.
#[derive(Default)]
pub struct Books {
    /// Robots by id.
    pub robots: BTreeMap<String, Robot>,
    /// Groups by id.
    pub groups: BTreeMap<String, Group>,
    /// People by code.
    pub people: BTreeMap<String, Person>,
    /// Messages in the order of their first request.
    pub sent: Vec<SentMessage>,
    /// Events in the order they went out.
    pub events: Vec<Emitted>,
    by_number: HashMap<String, usize>,
}

impl Books {
    /// The robot, made up on first mention.
    pub fn robot(&mut self, id: &str) -> &mut Robot {
        self.robots
            .entry(id.to_owned())
            .or_insert_with(|| Robot::named(id))
    }

    /// The group, made up on first mention.
    pub fn group(&mut self, id: &str) -> &mut Group {
        self.groups.entry(id.to_owned()).or_insert_with(|| Group::new(id))
    }

    /// Books a send. The same number again is counted and not delivered.
    pub fn send(&mut self, message: SentMessage) {
        let number = message
            .message
            .get("message_no")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !number.is_empty() {
            if let Some(&first) = self.by_number.get(number) {
                self.sent[first].asked += 1;
                return;
            }
            self.by_number.insert(number.to_owned(), self.sent.len());
        }
        self.sent.push(message);
    }

    /// Notes an event that goes out.
    pub fn emitted(&mut self, event: &Event) {
        let seq = self.events.len() as u64 + 1;
        self.events.push(Emitted {
            seq,
            event: event.clone(),
            at: crate::clock::now().to_rfc3339(),
        });
    }

    /// Learns from an event, whoever made it up.
    pub fn observe(&mut self, event: &Event) {
        let robot_id = event.text("robot_id");
        if !robot_id.is_empty() {
            self.robot(robot_id);
        }
        match event.command.as_str() {
            "robot_added" => self.meet(event),
            "wait_for_bind" => self.wait(event),
            "bind_group_success" => self.enter(event),
            "unbind_group_success" => self.leave(event.text("group_id")),
            "robot_kicked" => {
                if let Some(group) = self.groups.get_mut(event.text("group_id")) {
                    group.robot_in_group = false;
                }
            }
            "join_group" => self.join(event),
            "drop_out_group" => {
                if let Some(group) = self.groups.get_mut(event.text("group_id")) {
                    group.members = group.crowd();
                    group
                        .members
                        .retain(|member| member.user_id != event.text("user_id"));
                }
            }
            "group_members" => self.count(event),
            _ => {}
        }
    }

    /// The group is no longer the product's.
    pub fn leave(&mut self, group_id: &str) {
        if let Some(group) = self.groups.get_mut(group_id) {
            group.bound = false;
            group.robot_in_group = false;
        }
    }

    fn meet(&mut self, event: &Event) {
        let person = Person {
            nickname: event.text("nickname").to_owned(),
            avatar: event.text("avatar").to_owned(),
        };
        self.people.insert(event.text("user_id").to_owned(), person);
    }

    fn wait(&mut self, event: &Event) {
        let group = self.group(event.text("group_id"));
        group.waiting = Some(WaitingBind {
            robot_id: event.text("robot_id").to_owned(),
            user_id: event.text("user_id").to_owned(),
            name: event.body.get("name").and_then(Value::as_str).map(str::to_owned),
        });
    }

    fn enter(&mut self, event: &Event) {
        let group = self.group(event.text("group_id"));
        group.robot_id = event.text("robot_id").to_owned();
        group.user_id = event.text("user_id").to_owned();
        group.waiting = None;
        group.robot_in_group = true;
        group.bound = true;
        if let Some(name) = event.body.get("name").and_then(Value::as_str) {
            group.name = Some(name.to_owned());
        }
    }

    fn join(&mut self, event: &Event) {
        if let Some(group) = self.groups.get_mut(event.text("group_id")) {
            group.members = group.crowd();
            group.members.push(Member {
                user_id: event.text("user_id").to_owned(),
                is_admin: false,
            });
        }
    }

    fn count(&mut self, event: &Event) {
        let rows: Vec<(String, Member)> = (event.body.as_array().into_iter().flatten())
            .filter_map(|row| {
                let member = serde_json::from_value(row.clone()).ok()?;
                Some((row.get("group_id")?.as_str()?.to_owned(), member))
            })
            .collect();
        let mut seen: BTreeMap<String, Vec<Member>> = BTreeMap::new();
        for (group, member) in rows {
            seen.entry(group).or_default().push(member);
        }
        for (group, members) in seen {
            if let Some(group) = self.groups.get_mut(&group) {
                group.members = members;
            }
        }
    }
}
