//! What the robots of each channel may still do on a day.

use super::repo::capacity;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use poem_openapi::Object;
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;

/// The robots of a channel on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Object)]
pub struct ChannelCapacity {
    /// Whose users they are for; null: everybody's.
    pub channel: Option<String>,
    /// How many robots.
    pub robots: i64,
    /// How many of them are offered to visitors now.
    pub offered: i64,
    /// Groups that the day may bind.
    pub overage: i64,
    /// Groups that it has bound.
    pub activations: i64,
    /// Groups that it may still bind to robots that are not out for the day.
    pub remaining: i64,
}

/// The capacity of the robots that the day was opened for, by channel; those for everybody first.
pub async fn capacity_by_channel(
    conn: &impl ConnectionTrait,
    day: BusinessDate,
) -> Result<Vec<ChannelCapacity>> {
    let mut channels: BTreeMap<Option<String>, ChannelCapacity> = BTreeMap::new();
    for robot in capacity::list(conn, day).await? {
        let sums = channels.entry(robot.channel.clone()).or_default();
        sums.robots += 1;
        sums.overage += i64::from(robot.overage);
        sums.activations += i64::from(robot.activations);
        if robot.recommendable() {
            sums.offered += 1;
            sums.remaining += i64::from(robot.remaining());
        }
    }
    let named = channels
        .into_iter()
        .map(|(channel, sums)| ChannelCapacity { channel, ..sums });
    Ok(named.collect())
}
