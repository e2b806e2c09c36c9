//! Tasks and what their items become.

use kernel::error::{Error, Result};
use kernel::external;
use serde::Serialize;
use std::collections::HashSet;
use transport::{GroupCode, OutgoingMessage, UserCode};

/// Groups a task may name.
const MOST_GROUPS: usize = 10_000;
/// Items a task may have. Each is kept once a group, so their size counts too.
const MOST_ITEMS: usize = 10;
/// Characters of an item's longest field.
const LONGEST: usize = 4000;
/// What stands in a link for the group's code.
const PLACEHOLDER: &str = "{groupId}";

kernel::numbered! {
    /// What a task is for.
    pub enum TaskType: "taskType" {
        /// Ads.
        Delivery = 1,
        /// A conversation.
        Conversation = 2,
    }
}

kernel::named! {
    /// What became of a group's part of a task.
    pub enum ResultState {
        /// Messages are still under way.
        Pending = "pending",
        /// Everything arrived for certain.
        Sent = "sent",
        /// Something did not, or nothing was to be sent.
        Failed = "failed",
    }
}

kernel::numbered! {
    /// What an item is, in the numbers of the delivery system, which differ from the gateway's.
    pub enum ItemKind: "type" {
        /// Words.
        Text = 1,
        /// A picture.
        Picture = 2,
        /// A link with a title.
        Link = 3,
        /// A mini-program, whose file is fetched.
        MiniProgram = 4,
    }
}

/// A task as the delivery system hands it over.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its id there.
    pub id: String,
    /// What it is for.
    pub task_type: TaskType,
    /// Codes of the groups.
    pub group_codes: Vec<GroupCode>,
    /// Code of a person to mention in every message.
    pub user_code: Option<UserCode>,
    /// What each group gets, in this order.
    pub items: Vec<Item>,
}

/// One message of a task, in the numbers of the delivery system, which differ from the gateway's.
#[derive(Debug, Clone, Default, Serialize)]
#[allow(missing_docs)]
pub struct Item {
    /// An [`ItemKind`], or a number that only the delivery system knows.
    pub kind: i64,
    pub title: String,
    pub content: String,
    pub file_path: String,
    pub url: String,
}

/// A message that still lacks what differs from group to group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft(pub OutgoingMessage);

impl Task {
    /// Checks what was handed over; a group named twice is one.
    ///
    /// # Errors
    /// 1403 naming the field.
    pub fn checked(mut self) -> Result<Self> {
        external::check_code("taskId", &self.id)?;
        if self.group_codes.is_empty() || self.group_codes.len() > MOST_GROUPS {
            let message = format!("`groupIds` must be 1 to {MOST_GROUPS} codes");
            return Err(Error::params("groupIds", message));
        }
        let mut seen = HashSet::new();
        self.group_codes.retain(|group| seen.insert(group.clone()));
        if self.items.is_empty() || self.items.len() > MOST_ITEMS {
            let message = format!("`content.items` must be 1 to {MOST_ITEMS} items");
            return Err(Error::params("content.items", message));
        }
        let mut each = self.items.iter().enumerate();
        each.try_for_each(|(place, item)| item.check(place))?;
        Ok(self)
    }
}

impl Item {
    /// What it is; none when the delivery system has a kind we do not know.
    pub(super) fn known_kind(&self) -> Option<ItemKind> {
        let number = i16::try_from(self.kind).ok()?;
        ItemKind::try_from(number).ok()
    }

    fn check(&self, place: usize) -> Result<()> {
        let given: &[(&str, &str)] = match self.known_kind() {
            Some(ItemKind::Text) => &[("content", &self.content)],
            Some(ItemKind::Picture) => &[("filePath", &self.file_path)],
            Some(ItemKind::Link) => &[("url", &self.url), ("title", &self.title)],
            Some(ItemKind::MiniProgram) => &[("filePath", &self.file_path), ("title", &self.title)],
            None => &[],
        };
        let refuse = |field: &str, why: &str| {
            let at = format!("content.items[{place}].{field}");
            Err(Error::params(at.clone(), format!("`{at}` {why}")))
        };
        if let Some((field, _)) = given.iter().find(|(_, value)| value.trim().is_empty()) {
            return refuse(field, "is missing");
        }
        let all = [
            ("title", &self.title),
            ("content", &self.content),
            ("filePath", &self.file_path),
            ("url", &self.url),
        ];
        match all
            .iter()
            .find(|(_, value)| value.chars().count() > LONGEST || value.contains('\0'))
        {
            Some((field, _)) => refuse(field, "is too long, or no text"),
            None => Ok(()),
        }
    }

    /// The message it becomes; `xml` is what its file held, if it is a mini-program.
    ///
    /// # Errors
    /// Why it cannot be sent.
    pub(super) fn draft(&self, xml: Option<String>) -> std::result::Result<Draft, String> {
        let message = match (self.known_kind(), xml) {
            (Some(ItemKind::Text), _) => OutgoingMessage::Text {
                text: self.content.clone(),
            },
            (Some(ItemKind::Picture), _) => OutgoingMessage::Picture {
                url: self.file_path.clone(),
            },
            (Some(ItemKind::Link), _) => OutgoingMessage::Link {
                title: self.title.clone(),
                description: self.content.clone(),
                thumbnail: self.file_path.clone(),
                url: self.url.clone(),
            },
            (Some(ItemKind::MiniProgram), Some(xml)) => OutgoingMessage::MiniProgram {
                title: self.title.clone(),
                xml,
                cover: self.content.clone(),
            },
            _ => return Err(format!("item type {} is unknown", self.kind)),
        };
        Ok(Draft(message))
    }
}

impl Draft {
    /// The message for one group. Only the placeholder is replaced; other braces are the link's own.
    pub(super) fn for_group(&self, code: &GroupCode) -> OutgoingMessage {
        let mut message = self.0.clone();
        if let OutgoingMessage::Link { url, .. } = &mut message {
            *url = url.replace(PLACEHOLDER, code.as_str());
        }
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: i64) -> Item {
        Item {
            kind,
            title: "t".into(),
            content: "c".into(),
            file_path: "https://x.example/f".into(),
            url: "https://x.example/p?g={groupId}&f={other}".into(),
        }
    }

    fn task(items: Vec<Item>) -> Task {
        Task {
            id: "T-9".into(),
            task_type: TaskType::Delivery,
            group_codes: ["G-1", "G-2", "G-1"].map(|code| code.parse().unwrap()).into(),
            user_code: None,
            items,
        }
    }

    fn field(task: Task) -> String {
        task.checked().unwrap_err().field.unwrap().into_owned()
    }

    #[test]
    fn what_a_task_lacks_is_named() {
        let sound = task((1..=4).map(item).collect()).checked().unwrap();
        assert_eq!(
            sound.group_codes,
            ["G-1", "G-2"].map(|code| code.parse().unwrap())
        );
        assert_eq!(
            field(Task {
                id: String::new(),
                ..task(vec![item(1)])
            }),
            "taskId"
        );
        assert_eq!(
            field(Task {
                group_codes: vec![],
                ..task(vec![item(1)])
            }),
            "groupIds"
        );
        assert_eq!(field(task(vec![])), "content.items");
        for (kind, missing) in [(1, "content"), (2, "filePath"), (3, "url"), (4, "filePath")] {
            let bare = Item {
                kind,
                title: "t".into(),
                ..Item::default()
            };
            assert_eq!(
                field(task(vec![item(1), bare])),
                format!("content.items[1].{missing}")
            );
        }
        let long = Item {
            content: "长".repeat(LONGEST + 1),
            ..item(1)
        };
        assert_eq!(field(task(vec![long])), "content.items[0].content");
    }

    #[test]
    fn only_the_placeholder_is_replaced() {
        let OutgoingMessage::Link { url, description, .. } =
            item(3).draft(None).unwrap().for_group(&"G-1".parse().unwrap())
        else {
            panic!("a link");
        };
        assert_eq!(
            (url.as_str(), description.as_str()),
            ("https://x.example/p?g=G-1&f={other}", "c")
        );
        let text = Item {
            content: "{groupId}".into(),
            ..item(1)
        };
        assert_eq!(
            text.draft(None).unwrap().for_group(&"G-1".parse().unwrap()),
            OutgoingMessage::Text {
                text: "{groupId}".into()
            }
        );
        assert!(item(5).draft(None).is_err());
    }
}
