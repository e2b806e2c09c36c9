//! What the chat networks say of our robots, over what we thought: the job sync_robots.

use super::repo;
use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt};
use kernel::Context;
use kernel::error::Result;
use serde::Serialize;
use transport::Transports;

/// Robots asked about side by side.
const SIDE_BY_SIDE: usize = 16;

/// How a sync went.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Synced {
    /// Robots whose row is what the network says.
    pub updated: u64,
    /// Robots it did not answer for, or whose groups changed while it was asked; the next sync sees to them.
    pub skipped: u64,
}

/// Asks each robot's network about it and takes over names, pictures, QR codes and the number of bound groups.
///
/// # Errors
/// A database error; a network that does not answer only skips.
pub async fn sync(context: &Context, transports: &Transports, now: DateTime<Utc>) -> Result<Synced> {
    let robots = repo::living(context.db.read()).await?;
    let mut answers = stream::iter(robots)
        .map(|robot| async move {
            let answer = futures::try_join!(transports.robot(&robot.code), transports.groups_of(&robot.code));
            (robot, answer)
        })
        .buffer_unordered(SIDE_BY_SIDE);
    let mut synced = Synced::default();
    while let Some((robot, answer)) = answers.next().await {
        let taken_over = match answer {
            Ok((profile, groups)) => {
                repo::take_over(context.db.autocommit(), &robot, profile, groups.len(), now).await?
            }
            Err(error) => {
                tracing::warn!(robot = %robot.code, error = %error.chain(), "the network does not tell about a robot");
                false
            }
        };
        if taken_over {
            synced.updated += 1;
        } else {
            synced.skipped += 1;
        }
    }
    Ok(synced)
}
