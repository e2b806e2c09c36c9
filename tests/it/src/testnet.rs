//! A second chat network: small, in memory, with a wire of its own that has nothing in common with the gateway's.
//!
//! What happens there is a line of words between tabs, numbered by the network: `17 pulled G-1 R-1 U-1 Mums`. What it is
//! asked is noted as a line: `bind R-1 G-1`. It confirms what it was asked with further lines, as the gateway does.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::error::{Error, Result};
use kernel::inbox::Arrival;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use transport::*;
use uuid::Uuid;

/// Its name.
pub const NAME: &str = "testnet";

/// The network itself and our transport to it.
pub struct TestNet {
    abilities: Abilities,
    books: Mutex<Books>,
    knock: Notify,
}

#[derive(Default)]
struct Books {
    lines: u64,
    /// What happened and nobody of ours has heard yet.
    unheard: VecDeque<String>,
    /// What it was asked, in order.
    asked: Vec<String>,
    /// Who pulled a robot into a group, by group.
    pullers: BTreeMap<String, String>,
    /// Groups of each robot.
    bound: BTreeMap<String, Vec<String>>,
}

impl TestNet {
    /// A network that can do all that the product asks for, except pictures and mentions.
    pub fn new() -> Self {
        TestNet::with(Abilities {
            bind: true,
            rename: true,
            member_lists: true,
            mention: false,
            kinds: &[MessageKind::Text, MessageKind::Link],
            echo: false,
            unbound_send: false,
        })
    }

    /// A network that can do so much.
    pub fn with(abilities: Abilities) -> Self {
        TestNet {
            abilities,
            books: Mutex::default(),
            knock: Notify::new(),
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happens on the network.
    pub fn happens(&self, words: &[&str]) {
        if let ["pulled", group, _, user, _] = words {
            self.books()
                .pullers
                .insert((*group).to_owned(), (*user).to_owned());
        }
        let mut books = self.books();
        books.lines += 1;
        let line = format!("{}\t{}", books.lines, words.join("\t"));
        books.unheard.push_back(line);
        self.knock.notify_one();
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<String> {
        self.books().asked.clone()
    }

    /// Files what happened until now; tells how much that was.
    ///
    /// # Errors
    /// When PostgreSQL is away.
    pub async fn hand_over(&self, intake: &Intake) -> Result<usize> {
        let raws = self.take();
        if !raws.is_empty() {
            intake.receive(self, &raws).await?;
        }
        Ok(raws.len())
    }

    fn take(&self) -> Vec<RawMessage> {
        let lines = self.books().unheard.drain(..).collect::<Vec<_>>();
        let raw = |line: String| RawMessage {
            message_id: None,
            body: line.into_bytes(),
        };
        lines.into_iter().map(raw).collect()
    }
}

impl Default for TestNet {
    fn default() -> Self {
        TestNet::new()
    }
}

fn network() -> Network {
    NAME.parse().expect("a name")
}

fn group(bare: &str) -> Result<GroupCode> {
    GroupCode::on(&network(), bare).map_err(|invalid| invalid.in_field("group"))
}

fn robot(bare: &str) -> Result<RobotCode> {
    RobotCode::on(&network(), bare).map_err(|invalid| invalid.in_field("robot"))
}

fn user(bare: &str) -> Result<UserCode> {
    UserCode::on(&network(), bare).map_err(|invalid| invalid.in_field("user"))
}

fn words(body: &[u8]) -> Result<Vec<&str>> {
    let line = std::str::from_utf8(body).map_err(|_| Error::params("body", "is no text"))?;
    Ok(line.split('\t').collect())
}

#[async_trait]
impl RobotTransport for TestNet {
    fn network(&self) -> Network {
        network()
    }

    fn abilities(&self) -> Abilities {
        self.abilities
    }

    async fn listen(&self, intake: &Intake, stop: &CancellationToken) {
        loop {
            let raws = self.take();
            if !raws.is_empty() && !intake.store(self, &raws, stop).await {
                return;
            }
            tokio::select! {
                () = self.knock.notified() => {}
                () = stop.cancelled() => return,
            }
        }
    }

    fn file(&self, _message_id: Option<&str>, body: &[u8], _arrived_at: DateTime<Utc>) -> Arrival {
        let read = self.read(body);
        let said = words(body).unwrap_or_default();
        let lane = match said.as_slice() {
            [_, "befriended" | "told", robot, user, ..] => format!("robot:{robot}:{user}"),
            // The very lanes and keys that the gateway has for the same bare codes.
            [_, _, group, ..] => format!("group:{group}"),
            _ => "malformed".to_owned(),
        };
        Arrival {
            message_key: format!("gateway:id:{}", said.first().unwrap_or(&"")),
            command: said.get(1).unwrap_or(&"malformed").to_string(),
            lane,
            body: body.to_vec(),
            full_size: None,
            malformed: read.err().map(|error| error.message.into_owned()),
        }
    }

    fn read(&self, body: &[u8]) -> Result<RobotEvent> {
        Ok(match words(body)?.as_slice() {
            [_, "befriended", by_robot, by_user] => RobotEvent::RobotAdded(RobotAdded {
                robot_code: robot(by_robot)?,
                user_code: user(by_user)?,
                nickname: format!("{by_user} of testnet"),
                avatar: String::new(),
                added_at: None,
            }),
            [_, what @ ("pulled" | "bound"), in_group, by_robot, by_user, name] => {
                let binding = Binding {
                    group_code: group(in_group)?,
                    robot_code: robot(by_robot)?,
                    user_code: user(by_user)?,
                    name: (*name).to_owned(),
                };
                match *what {
                    "pulled" => RobotEvent::WaitForBind(binding),
                    _ => RobotEvent::BindGroupSuccess(binding),
                }
            }
            [_, "unbound", in_group, by_robot, reason] => RobotEvent::UnbindGroupSuccess(Unbound {
                robot_code: robot(by_robot)?,
                group_code: group(in_group)?,
                reason: reason
                    .parse::<i16>()
                    .map_err(|_| Error::params("reason", "is no number"))
                    .and_then(CancelReason::try_from)?,
            }),
            [_, "kicked", in_group, by_robot] => RobotEvent::RobotKicked(RobotKicked {
                robot_code: robot(by_robot)?,
                group_code: group(in_group)?,
                user_code: None,
                kicked_at: None,
            }),
            [_, "members", in_group, all @ ..] => {
                let member = |bare: &&str| {
                    Ok(Member {
                        user_code: user(bare)?,
                        is_owner: false,
                    })
                };
                RobotEvent::GroupMembers(vec![GroupMembers {
                    group_code: group(in_group)?,
                    members: all.iter().map(member).collect::<Result<_>>()?,
                }])
            }
            [number, "said", in_group, by_user, text] => RobotEvent::GroupMessage(GroupMessage {
                group_code: group(in_group)?,
                user_code: user(by_user)?,
                mentions_all: false,
                mentions: Vec::new(),
                message_no: (*number).to_owned(),
                from_robot: false,
                sent_at: None,
                said: Content {
                    kind: 3,
                    content: (*text).to_owned(),
                    ..Content::default()
                },
                body: serde_json::json!({ "said": text }),
            }),
            [_, "told", by_robot, by_user, text] => RobotEvent::PrivateMessage(PrivateMessage {
                robot_code: robot(by_robot)?,
                user_code: user(by_user)?,
                sent_at: None,
                said: Content {
                    kind: 3,
                    content: (*text).to_owned(),
                    ..Content::default()
                },
            }),
            [_, "joined", in_group, newcomer] => RobotEvent::JoinGroup(Joined {
                group_code: group(in_group)?,
                user_code: user(newcomer)?,
                inviter: None,
                nickname: String::new(),
                avatar: String::new(),
                user_wxid: String::new(),
                join_type: None,
                joined_at: None,
            }),
            _ => return Err(Error::params("body", "is no line of this network's")),
        })
    }

    fn repeatable(&self, command: &RobotCommand) -> bool {
        !matches!(
            command,
            RobotCommand::SendGroupMessage { .. } | RobotCommand::SendPrivateMessage { .. }
        )
    }

    async fn execute(&self, _id: Uuid, command: &RobotCommand) -> CommandOutcome {
        let note = |line: String| self.books().asked.push(line);
        match command {
            RobotCommand::BindGroup {
                robot_code,
                group_code,
            } => {
                let (robot, group) = (robot_code.bare(), group_code.bare());
                note(format!("bind {robot} {group}"));
                let mut books = self.books();
                let Some(puller) = books.pullers.get(group).cloned() else {
                    return CommandOutcome::Refused("nobody pulled it in".to_owned());
                };
                let groups = books.bound.entry(robot.to_owned()).or_default();
                groups.push(group.to_owned());
                drop(books);
                self.happens(&["bound", group, robot, &puller, "Dads"]);
            }
            RobotCommand::UnbindGroup {
                robot_code,
                group_code,
                reason,
            } => {
                let (robot, group) = (robot_code.bare(), group_code.bare());
                note(format!("unbind {robot} {group} {reason}"));
                self.books()
                    .bound
                    .entry(robot.to_owned())
                    .or_default()
                    .retain(|held| held != group);
                self.happens(&["unbound", group, robot, &reason.to_string()]);
            }
            RobotCommand::SyncGroupMembers {
                robot_code,
                group_code,
            } => {
                let robot = robot_code.as_ref().map_or("nobody", RobotCode::bare);
                note(format!("sync {robot} {}", group_code.bare()));
                self.happens(&["members", group_code.bare(), robot, "U-1", "U-2"]);
            }
            RobotCommand::RenameInGroup {
                robot_code,
                group_code,
                nickname,
            } => note(format!(
                "rename {} {} {nickname}",
                robot_code.bare(),
                group_code.bare()
            )),
            RobotCommand::SendGroupMessage {
                robot_code,
                group_code,
                message,
                ..
            } => note(format!(
                "say {} {} {}",
                robot_code.bare(),
                group_code.bare(),
                text(message)
            )),
            RobotCommand::SendPrivateMessage {
                robot_code,
                user_code,
                message,
            } => note(format!(
                "tell {} {} {}",
                robot_code.bare(),
                user_code.bare(),
                text(message)
            )),
        }
        CommandOutcome::Done
    }

    async fn robot(&self, robot: &RobotCode) -> Result<RobotProfile> {
        Ok(RobotProfile {
            name: format!("{} of testnet", robot.bare()),
            wechat_no: String::new(),
            head_url: String::new(),
            qr_code: String::new(),
        })
    }

    async fn groups_of(&self, robot: &RobotCode) -> Result<Vec<GroupCode>> {
        let held = self.books().bound.get(robot.bare()).cloned().unwrap_or_default();
        held.iter().map(|bare| group(bare)).collect()
    }
}

fn text(message: &OutgoingMessage) -> &str {
    match message {
        OutgoingMessage::Text { text } => text,
        OutgoingMessage::Link { url, .. } => url,
        _ => "",
    }
}
