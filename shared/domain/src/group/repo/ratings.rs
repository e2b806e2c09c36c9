//! Stars and attributes, set-based.

use super::super::model::{GroupStatus, Rating, Star};
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::{GroupId, UserId};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};
use transport::{GroupCode, RobotCode, UserCode};
use uuid::Uuid;

/// A group about to be rated.
#[derive(Debug, FromQueryResult)]
pub(in super::super) struct Candidate {
    /// Which rating of the list it belongs to, from 1.
    pub place: i64,
    pub id: GroupId,
    pub name: String,
    pub user_id: UserId,
    pub user_code: Option<UserCode>,
    pub robot_code: RobotCode,
    pub star: Option<Star>,
    pub star_state: Option<i16>,
    pub status: GroupStatus,
    pub old_group: bool,
    pub settle_count: i16,
    /// After how many days the new star is settled out.
    pub day: Option<i16>,
}

/// The groups these ratings are about, as far as they are not cancelled, locked, in the order of the list.
pub(in super::super) async fn candidates(
    conn: &impl ConnectionTrait,
    ratings: &[Rating],
) -> Result<Vec<Candidate>> {
    let codes: Vec<GroupCode> = ratings.iter().map(|rating| rating.group_code.clone()).collect();
    let keys: Vec<String> = ratings
        .iter()
        .map(|rating| rating.star.rule_key().to_owned())
        .collect();
    let sql = "SELECT new.place, g.id, g.name, g.user_id, u.code AS user_code, r.code AS robot_code, g.star, g.star_state,
                      g.status, g.old_group, coalesce(c.settle_count, 0::smallint) AS settle_count,
                      (t.rule -> new.rule_key ->> 'day')::numeric::smallint AS day
               FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS new (code, rule_key, place)
                    JOIN groups g ON g.code = new.code AND g.cancelled_at IS NULL
                    JOIN users u ON u.id = g.user_id
                    JOIN robots r ON r.id = g.robot_id
                    JOIN profit_templates t ON t.id = g.template_id
                    LEFT JOIN group_settle_counts c ON c.group_id = g.id
               ORDER BY g.id FOR NO KEY UPDATE OF g";
    let mut found: Vec<Candidate> = db::fetch_all(conn, sql, [codes.into(), keys.into()]).await?;
    found.sort_by_key(|candidate| candidate.place);
    Ok(found)
}

#[derive(FromQueryResult)]
struct Count {
    user_id: UserId,
    groups: i64,
}

/// How many groups of one star each of these importers has.
pub(in super::super) async fn one_star_counts(
    conn: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<Vec<(UserId, i64)>> {
    let ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
    let sql = format!(
        "SELECT user_id, count(*) AS groups FROM groups
         WHERE user_id = ANY($1) AND cancelled_at IS NULL AND star = {one} GROUP BY user_id",
        one = Star::One
    );
    let counts: Vec<Count> = db::fetch_all(conn, &sql, [ids.into()]).await?;
    Ok(counts
        .into_iter()
        .map(|count| (count.user_id, count.groups))
        .collect())
}

/// A group's new star.
pub(in super::super) struct NewStar {
    pub group: GroupId,
    pub star: Star,
    pub state: i16,
    pub status: GroupStatus,
}

/// Writes new stars and their history.
pub(in super::super) async fn write(
    conn: &impl ConnectionTrait,
    stars: &[NewStar],
    now: DateTime<Utc>,
) -> Result<()> {
    let ids: Vec<Uuid> = stars.iter().map(|new| new.group.0).collect();
    let numbers = |of: fn(&NewStar) -> i16| stars.iter().map(of).collect::<Vec<i16>>();
    let sql = "WITH new AS (
                   SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::smallint[]) AS new (id, star, state, status)),
                    written AS (
                   UPDATE groups g SET star = new.star, star_state = new.state, status = new.status, updated_at = $5
                   FROM new WHERE g.id = new.id)
               INSERT INTO star_changes (group_id, changed_at, star, state) SELECT id, $5, star, state FROM new";
    let values = [
        ids.into(),
        numbers(|new| new.star.number()).into(),
        numbers(|new| new.state).into(),
        numbers(|new| new.status.number()).into(),
        now.into(),
    ];
    db::execute(conn, sql, values).await.map(|_| ())
}

/// Writes whether groups are old and their repeat rates; tells which codes are groups of ours.
pub(in super::super) async fn write_attributes(
    conn: &impl ConnectionTrait,
    attributes: &[(&str, bool, Option<Decimal>)],
    now: DateTime<Utc>,
) -> Result<Vec<String>> {
    let codes: Vec<String> = attributes.iter().map(|(code, _, _)| (*code).to_owned()).collect();
    let old: Vec<bool> = attributes.iter().map(|(_, old, _)| *old).collect();
    let rates: Vec<String> = attributes
        .iter()
        .map(|(_, _, rate)| rate.map(|rate| rate.to_string()).unwrap_or_default())
        .collect();
    let sql = "UPDATE groups g SET old_group = new.old_group, repeat_rate = nullif(new.rate, '')::numeric, updated_at = $4
               FROM unnest($1::text[], $2::boolean[], $3::text[]) AS new (code, old_group, rate)
               WHERE g.code = new.code AND g.cancelled_at IS NULL RETURNING g.code";
    db::fetch_column(conn, sql, [codes.into(), old.into(), rates.into(), now.into()]).await
}

/// Keeps the day's list of groups without ad clicks, whole.
pub(in super::super) async fn put_no_click(
    conn: &impl ConnectionTrait,
    day: kernel::clock::BusinessDate,
    group_codes: Vec<GroupCode>,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO no_click_lists (day, group_codes, received_at) VALUES ($1, $2, $3)
               ON CONFLICT (day) DO UPDATE SET group_codes = $2, received_at = $3";
    db::execute(conn, sql, [day.into(), group_codes.into(), now.into()])
        .await
        .map(|_| ())
}
