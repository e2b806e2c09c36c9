//! The previous system's four Redis keys, for whoever looks at them. Written after commit from
//! `robot_days`, rebuilt when absent, never read for a decision. Redis being away costs the mirror, nothing else.

use super::model::DayCounters;
use super::repo;
use super::repo::capacity;
use deadpool_redis::redis::Script;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::id::RobotId;
use transport::RobotCode;

/// Two days.
const LIFETIME_SECONDS: u32 = 2 * 24 * 3600;
/// Robots a script call.
const BATCH: usize = 500;

/// Writes robots (id, display limit, remaining, recommendable, displays, activations) into the sorted sets. Counters only
/// grow within a day, so a writer that was overtaken is recognised by smaller ones and changes nothing. Tells whether
/// the keys were there before.
const WRITE: &str = r"
local snapshot, distribute, display, activated = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local known = redis.call('EXISTS', snapshot)
for i = 2, #ARGV, 6 do
  local robot, displays, activations = ARGV[i], tonumber(ARGV[i + 4]), tonumber(ARGV[i + 5])
  local shown = tonumber(redis.call('ZSCORE', display, robot) or 0)
  local bound = tonumber(redis.call('ZSCORE', activated, robot) or 0)
  if displays >= shown and activations >= bound then
    redis.call('ZADD', snapshot, ARGV[i + 1], robot)
    redis.call('ZADD', display, displays, robot)
    redis.call('ZADD', activated, activations, robot)
    if ARGV[i + 3] == '1' then
      redis.call('ZADD', distribute, ARGV[i + 2], robot)
    else
      redis.call('ZREM', distribute, robot)
    end
  end
end
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[1]) end
return known";

/// Names of the keys of a day: snapshot, distribute, display, activated.
pub fn keys(day: BusinessDate) -> [String; 4] {
    ["SNAPSHOT", "DISTRIBUTE", "DISPLAY", "ACTIVATED"].map(|name| format!("GPET:ROBOT_{name}_{day}"))
}

/// Mirrors one robot; all of them when the keys are gone.
pub async fn refresh(context: &Context, day: BusinessDate, robot: RobotId) {
    let outcome = match capacity::counters_of(context.db.read(), robot, day).await {
        Ok(counters) => write(context, day, &[counters]).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(true) => {}
        Ok(false) => rebuild(context, day).await,
        Err(error) => given_up(&error),
    }
}

/// As [`refresh`], for the robot with this chat code.
pub async fn refresh_code(context: &Context, day: BusinessDate, robot_code: &RobotCode) {
    match repo::by_code(context.db.read(), robot_code).await {
        Ok(Some(robot)) => refresh(context, day, robot.id).await,
        Ok(None) => {}
        Err(error) => given_up(&error),
    }
}

/// Mirrors every robot of a day.
pub async fn rebuild(context: &Context, day: BusinessDate) {
    let all = match capacity::list(context.db.read(), day).await {
        Ok(all) => all,
        Err(error) => return given_up(&error),
    };
    for batch in all.chunks(BATCH) {
        if let Err(error) = write(context, day, batch).await {
            return given_up(&error);
        }
    }
}

fn given_up(error: &Error) {
    metrics::counter!("gpet_robot_mirror_failures_total").increment(1);
    tracing::warn!(error = %error.chain(), "the capacity mirror in Redis was not written");
}

/// False when the keys were not there before.
async fn write(context: &Context, day: BusinessDate, robots: &[DayCounters]) -> Result<bool> {
    let script = Script::new(WRITE);
    let mut call = script.prepare_invoke();
    for key in keys(day) {
        call.key(key);
    }
    call.arg(LIFETIME_SECONDS);
    for robot in robots {
        call.arg(robot.robot_id.to_string())
            .arg(robot.display_limit)
            .arg(robot.remaining())
            .arg(u8::from(robot.recommendable()))
            .arg(robot.displays)
            .arg(robot.activations);
    }
    let known: i64 = context.cache.mirror(&call).await?;
    Ok(known == 1)
}
