//! Taking a task: what each group is to get is queued.

use super::mini_program;
use super::model::{Draft, ItemKind, Task};
use super::repo::{self, ItemOutcome, Target};
use super::report::result;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Context;
use kernel::code::Code;
use kernel::config::Profile;
use kernel::error::{Error, Result};
use kernel::outbox::{self, Message};
use sea_orm::ConnectionTrait;
use transport::{RobotCode, RobotCommand};

/// Groups whose messages are written with one statement.
const SLICE: usize = 500;
/// A robot speaks to one group after the other, so far apart.
const PACE: TimeDelta = TimeDelta::seconds(1);

/// Takes a task: its messages are queued, and groups that cannot have them are told of at once. When one item cannot be
/// sent anywhere, none is sent.
///
/// # Errors
/// 1403 naming the field; 1409 when the task was taken before.
pub async fn receive(context: &Context, task: Task) -> Result<()> {
    let task = task.checked()?;
    if repo::taken(context.db.read(), &task.id).await? {
        return Err(taken_before());
    }
    // Files are fetched before the transaction, which must not wait for strangers.
    let drafts = drafts(context.config.profile, &task).await;
    let now = context.clock.now();
    let conn = context.db.begin().await?;
    if !repo::take(&conn, &task, now).await? {
        return Err(taken_before());
    }
    let targets = repo::targets(&conn, task.group_codes.clone()).await?;
    let mut pace = Pace::default();
    for slice in targets.chunks(SLICE) {
        queue(&conn, &task, &drafts, slice, &mut pace, now).await?;
    }
    Ok(conn.commit().await?)
}

fn taken_before() -> Error {
    // The first answer's data was null, and so is this one's.
    Error::new(Code::DuplicateRequest, "this task has been received before")
}

async fn drafts(profile: Profile, task: &Task) -> Result<Vec<Draft>, String> {
    let drafts = task.items.iter().map(|item| async move {
        let xml = match item.known_kind() {
            Some(ItemKind::MiniProgram) => Some(mini_program::xml(profile, item).await?),
            _ => None,
        };
        item.draft(xml)
    });
    futures::future::try_join_all(drafts).await
}

/// Why a group gets nothing, if so.
fn refusal<'a>(target: &Target, drafts: &'a Result<Vec<Draft>, String>) -> Option<&'a str> {
    match (drafts, &target.robot_code, target.launch_switch) {
        (_, None, _) => Some("is no group with a robot of ours"),
        (_, _, Some(false)) => Some("takes no ads"),
        (Err(reason), _, _) => Some(reason),
        _ => None,
    }
}

async fn queue(
    conn: &impl ConnectionTrait,
    task: &Task,
    drafts: &Result<Vec<Draft>, String>,
    slice: &[Target],
    pace: &mut Pace,
    now: DateTime<Utc>,
) -> Result<()> {
    let (mut outcomes, mut messages, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    let mut results = Vec::new();
    for target in slice {
        let reason = refusal(target, drafts);
        outcomes.push(ItemOutcome { target, reason });
        let (None, Ok(drafts), Some(robot_code)) = (reason, drafts, &target.robot_code) else {
            results.push(result(&task.id, &target.group_code, false)?);
            continue;
        };
        let due = pace.next(robot_code, now);
        for draft in drafts {
            let message = send(task, target, robot_code, draft)?;
            messages.push(if due > now { message.put_off(due) } else { message });
            groups.push(target.group_code.clone());
        }
    }
    repo::insert_results(conn, &task.id, &outcomes, now).await?;
    let ids = outbox::push_known(conn, now, messages).await?;
    repo::insert_items(conn, &task.id, ids, groups).await?;
    outbox::push(conn, now, results).await
}

fn send(task: &Task, target: &Target, robot_code: &RobotCode, draft: &Draft) -> Result<Message> {
    RobotCommand::SendGroupMessage {
        robot_code: robot_code.clone(),
        group_code: target.group_code.clone(),
        mention: task.user_code.iter().cloned().collect(),
        message: draft.for_group(&target.group_code),
    }
    .into_message()
}

/// When a robot may speak to its next group. Targets come robot by robot.
#[derive(Default)]
struct Pace(Option<(RobotCode, DateTime<Utc>)>);

impl Pace {
    fn next(&mut self, robot_code: &RobotCode, now: DateTime<Utc>) -> DateTime<Utc> {
        let due = match &self.0 {
            Some((robot, last)) if robot == robot_code => *last + PACE,
            _ => now,
        };
        self.0 = Some((robot_code.clone(), due));
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(robot_code: Option<&str>, launch_switch: Option<bool>) -> Target {
        Target {
            group_code: "G-1".parse().unwrap(),
            user_id: None,
            robot_code: robot_code.map(|code| code.parse().unwrap()),
            launch_switch,
        }
    }

    #[test]
    fn a_group_gets_nothing_for_a_reason() {
        let (sound, broken) = (Ok(Vec::new()), Err("no file".to_owned()));
        assert_eq!(refusal(&target(Some("R"), Some(true)), &sound), None);
        assert_eq!(refusal(&target(Some("R"), Some(true)), &broken), Some("no file"));
        assert_eq!(
            refusal(&target(Some("R"), Some(false)), &sound),
            Some("takes no ads")
        );
        assert!(refusal(&target(None, None), &sound).is_some());
        assert!(refusal(&target(None, Some(true)), &sound).is_some());
    }

    #[test]
    fn a_robot_speaks_to_one_group_a_second() {
        let now = DateTime::UNIX_EPOCH;
        let mut pace = Pace::default();
        let seconds = ["A", "A", "A", "B", "B"]
            .map(|robot| (pace.next(&robot.parse().unwrap(), now) - now).num_seconds());
        assert_eq!(seconds, [0, 1, 2, 0, 1]);
    }
}
