//! What operators say of a robot: its card, its channel, and how many groups it may be bound to.

use super::model::Robot;
use kernel::error::{Error, Result};
use serde_json::{Map, Value, json};
use transport::RobotCode;

/// Characters of a code, a name, a number or a channel.
const SHORT: usize = 255;
/// Characters of an address.
const LONG: usize = 2048;
/// Groups a robot may be bound to at once, at most.
const MOST_GROUPS: i32 = 100_000;

/// A robot to register.
#[derive(Debug, Clone, serde::Deserialize)]
#[allow(missing_docs)]
pub struct NewRobot {
    pub code: RobotCode,
    pub name: String,
    pub wechat_no: String,
    pub head_url: String,
    pub qr_code: String,
    pub channel: Option<String>,
    pub count_threshold: i32,
}

impl NewRobot {
    /// # Errors
    /// 1403 naming the field.
    pub(super) fn check(&self) -> Result<()> {
        Changes::from(self.clone()).check()
    }
}

/// What is to be different about a robot; what is not named stays.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Changes {
    pub name: Option<String>,
    pub wechat_no: Option<String>,
    pub head_url: Option<String>,
    pub qr_code: Option<String>,
    /// `Some(None)`: it is for everybody from now on.
    pub channel: Option<Option<String>>,
    pub count_threshold: Option<i32>,
}

impl From<NewRobot> for Changes {
    fn from(new: NewRobot) -> Self {
        Changes {
            name: Some(new.name),
            wechat_no: Some(new.wechat_no),
            head_url: Some(new.head_url),
            qr_code: Some(new.qr_code),
            channel: Some(new.channel),
            count_threshold: Some(new.count_threshold),
        }
    }
}

impl Changes {
    /// # Errors
    /// 1403 naming the field.
    pub(super) fn check(&self) -> Result<()> {
        let channel = self.channel.clone().flatten();
        for (field, value, least, most) in [
            ("name", &self.name, 1, SHORT),
            ("wechat_no", &self.wechat_no, 0, SHORT),
            ("head_url", &self.head_url, 0, LONG),
            ("qr_code", &self.qr_code, 0, LONG),
            ("channel", &channel, 0, SHORT),
        ] {
            if let Some(value) = value {
                text(field, value, least, most)?;
            }
        }
        match self.count_threshold {
            Some(groups) if !(0..=MOST_GROUPS).contains(&groups) => Err(Error::params(
                "count_threshold",
                format!("must be from 0 to {MOST_GROUPS}"),
            )),
            _ => Ok(()),
        }
    }

    /// The robot as it is to be.
    pub(super) fn applied_to(self, robot: &Robot) -> Robot {
        let robot = robot.clone();
        Robot {
            name: self.name.unwrap_or(robot.name),
            wechat_no: self.wechat_no.unwrap_or(robot.wechat_no),
            head_url: self.head_url.unwrap_or(robot.head_url),
            qr_code: self.qr_code.unwrap_or(robot.qr_code),
            channel: (self.channel).map_or(robot.channel, |channel| channel.filter(|name| !name.is_empty())),
            count_threshold: self.count_threshold.unwrap_or(robot.count_threshold),
            ..robot
        }
    }
}

fn text(field: &'static str, value: &str, least: usize, most: usize) -> Result<()> {
    if value.trim().len() < least || value.chars().count() > most || value.contains('\0') {
        return Err(Error::params(
            field,
            format!("`{field}` must have {least} to {most} characters, none of them NUL"),
        ));
    }
    Ok(())
}

/// Which fields differ, each with its value before and after; for the audit trail.
pub(super) fn differences(before: &Robot, after: &Robot) -> Map<String, Value> {
    let fields = |robot: &Robot| {
        [
            ("name", json!(robot.name)),
            ("wechat_no", json!(robot.wechat_no)),
            ("head_url", json!(robot.head_url)),
            ("qr_code", json!(robot.qr_code)),
            ("channel", json!(robot.channel)),
            ("count_threshold", json!(robot.count_threshold)),
        ]
    };
    let pairs = fields(before).into_iter().zip(fields(after));
    pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((field, before), (_, after))| (field.to_owned(), json!({ "before": before, "after": after })))
        .collect()
}
