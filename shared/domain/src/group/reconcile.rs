//! The nightly look at what the networks hold for us.

use super::repo::reconciliation::{self as rows, Listing};
use super::repo::stays::Because;
use super::{repo, unbind};
use crate::notice::throttle;
use crate::robot as robots;
use chrono::{DateTime, TimeDelta, Utc};
use futures::stream::{self, StreamExt};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use serde::Serialize;
use transport::{CancelReason, GroupCode, RobotCode, Transports};

/// Robots that are asked about side by side.
const SIDE_BY_SIDE: usize = 8;
/// A group bound more recently than this may not be listed yet.
const SETTLING_IN: TimeDelta = TimeDelta::minutes(10);
/// An unbinding that is not confirmed within this time is asked for again.
const ASK_AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);
/// A report names so many groups that are not ours; the count is whole.
const NAMED: usize = 1000;

/// What a night's reconciliation found.
#[derive(Debug, Default, Serialize)]
pub struct Reconciliation {
    /// Robots whose groups were compared.
    pub robots: usize,
    /// Robots their network could not answer for, and why.
    pub skipped: Vec<Skipped>,
    /// Groups missing for the first night.
    pub missing: u64,
    /// Groups missing for the second night, which have been cancelled.
    pub cancelled: usize,
    /// How many groups the gateway lists that we do not hold.
    pub unheld_count: usize,
    /// The first of them.
    pub unheld: Vec<Unheld>,
    /// Unbindings asked for again because nobody confirmed them.
    pub asked_again: usize,
}

/// A robot its network could not answer for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Skipped {
    pub robot_code: RobotCode,
    pub why: String,
}

/// A group the gateway lists for a robot, and we do not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Unheld {
    pub robot_code: RobotCode,
    pub group_code: GroupCode,
}

/// Compares the groups of every robot with its network's lists. A group missing on this night and the one before is
/// cancelled; a robot the gateway cannot answer for is left for the next night. The same night again changes nothing.
///
/// # Errors
/// A database error; robots before it are done.
pub async fn reconcile(
    context: &Context,
    transports: &Transports,
    night: BusinessDate,
) -> Result<Reconciliation> {
    let mut report = Reconciliation::default();
    let robots = robots::working(context.db.read()).await?;
    let mut answers = stream::iter(robots)
        .map(|robot| async move {
            let asked_at = context.clock.now();
            let answer = transports.groups_of(&robot.code).await;
            (robot, asked_at, answer)
        })
        .buffer_unordered(SIDE_BY_SIDE);
    while let Some((robot, asked_at, answer)) = answers.next().await {
        match answer {
            Ok(codes) => {
                let listing = Listing {
                    robot: robot.id,
                    codes: &codes,
                    night,
                    bound_before: asked_at - SETTLING_IN,
                };
                compare(context, &robot.code, listing, &mut report).await?;
            }
            Err(error) => report.skipped.push(Skipped {
                robot_code: robot.code,
                why: error.chain(),
            }),
        }
    }
    report.asked_again = tidy(context, context.clock.now()).await?;
    metrics::gauge!("gpet_groups_not_held").set(u32::try_from(report.unheld_count).unwrap_or(u32::MAX));
    report.skipped.sort_by(|a, b| a.robot_code.cmp(&b.robot_code));
    report.unheld.sort_by(|a, b| a.group_code.cmp(&b.group_code));
    Ok(report)
}

async fn compare(
    context: &Context,
    robot_code: &RobotCode,
    listing: Listing<'_>,
    report: &mut Reconciliation,
) -> Result<()> {
    let conn = context.db.begin().await?;
    let now = context.clock.now();
    // The robot before its groups, as everywhere.
    robots::lock_by_code(&conn, robot_code).await?;
    rows::found(&conn, &listing).await?;
    let gone = rows::missing_again(&conn, &listing).await?;
    if !gone.is_empty() {
        unbind::end_unasked(&conn, &gone, Because::AskedOr(CancelReason::Left), now).await?;
    }
    let missing = rows::note_missing(&conn, &listing).await?;
    let unheld = rows::unheld(&conn, &listing).await?;
    conn.commit().await?;

    report.robots += 1;
    report.cancelled += gone.len();
    report.missing += missing;
    report.unheld_count += unheld.len();
    let room = NAMED.saturating_sub(report.unheld.len());
    report
        .unheld
        .extend(unheld.into_iter().take(room).map(|group_code| Unheld {
            robot_code: robot_code.clone(),
            group_code,
        }));
    Ok(())
}

/// Asks again for unbindings nobody confirmed, and drops what has run out.
async fn tidy(context: &Context, now: DateTime<Utc>) -> Result<usize> {
    let conn = context.db.begin().await?;
    repo::sweep(&conn, now).await?;
    throttle::sweep(&conn, now).await?;
    let count = unbind::ask_again(&conn, now - ASK_AGAIN_AFTER, now).await?;
    conn.commit().await?;
    Ok(count)
}
