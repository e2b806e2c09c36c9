//! Robots, people and groups of the chat network, and how the gateway describes a group.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Members a group has when nobody said otherwise.
const DEFAULT_MEMBERS: usize = 60;

/// A robot account as the gateway shows it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Robot {
    /// Gateway id.
    pub robot_id: String,
    /// Display name.
    pub nickname: String,
    /// Number on the chat network.
    pub wxid: String,
    /// Picture URL.
    pub avatar: String,
    /// QR code URL.
    pub qrcode: String,
}

impl Robot {
    /// A robot nobody has described.
    pub fn named(id: &str) -> Self {
        Self {
            robot_id: id.into(),
            nickname: format!("robot {id}"),
            wxid: format!("wx-{id}"),
            avatar: format!("https://gateway.example/{id}.png"),
            qrcode: format!("https://gateway.example/{id}-qr.png"),
        }
    }
}

/// A chat person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    /// Display name.
    pub nickname: String,
    /// Picture URL.
    pub avatar: String,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Code of the person.
    pub user_id: String,
    /// Whether they own the chat group.
    #[serde(default)]
    pub is_admin: bool,
}

/// The newest `wait_for_bind` of a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WaitingBind {
    /// The robot pulled in.
    pub robot_id: String,
    /// Who pulled it.
    pub user_id: String,
    /// The group's name then.
    pub name: Option<String>,
}

/// A chat group that a robot was pulled into.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// Gateway id.
    pub group_id: String,
    /// The robot in it.
    #[serde(default)]
    pub robot_id: String,
    /// Who pulled the robot in.
    #[serde(default)]
    pub user_id: String,
    /// Name, may be missing.
    #[serde(default)]
    pub name: Option<String>,
    /// Who waits for it to be bound.
    #[serde(default)]
    pub waiting: Option<WaitingBind>,
    /// Whether the product has it bound.
    #[serde(default)]
    pub bound: bool,
    /// Whether the robot is still in the chat.
    #[serde(default)]
    pub robot_in_group: bool,
    /// The robot's name in the group.
    #[serde(default)]
    pub robot_nickname: Option<String>,
    /// Members; the default crowd when empty.
    #[serde(default)]
    pub members: Vec<Member>,
}

impl Group {
    /// A group nobody has described.
    pub fn new(group_id: &str) -> Self {
        Self {
            group_id: group_id.into(),
            robot_id: String::new(),
            user_id: String::new(),
            name: None,
            waiting: None,
            bound: false,
            robot_in_group: false,
            robot_nickname: None,
            members: Vec::new(),
        }
    }

    /// Who is in it. Unless told otherwise: the puller, who owns it, and a crowd with invented codes.
    pub fn crowd(&self) -> Vec<Member> {
        if !self.members.is_empty() {
            return self.members.clone();
        }
        let owner = Member {
            user_id: self.user_id.clone(),
            is_admin: true,
        };
        let others = (1..DEFAULT_MEMBERS).map(|n| Member {
            user_id: format!("{}-M{n}", self.group_id),
            is_admin: false,
        });
        std::iter::once(owner).chain(others).collect()
    }

    /// The body of `group_members`.
    pub fn members_body(&self) -> Value {
        let rows = self.crowd().into_iter().map(
            |member| json!({"group_id": self.group_id, "user_id": member.user_id, "is_admin": member.is_admin}),
        );
        Value::Array(rows.collect())
    }

    /// The body of `group_info`.
    pub fn info_body(&self) -> Value {
        let crowd = self.crowd();
        let owner = crowd
            .iter()
            .find(|member| member.is_admin)
            .map(|member| &member.user_id);
        json!({
            "id": self.group_id,
            "name": self.name.as_deref().unwrap_or("未命名"),
            "admin_user_id": owner,
            "mem_count": crowd.len(),
            "robots": [{"robot_id": self.robot_id, "robot_in_group": self.robot_in_group}],
        })
    }
}
