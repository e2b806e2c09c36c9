//! Every query of the room.

use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::dates::{DateRange, DayCount};
use kernel::db;
use kernel::error::Result;
use kernel::id::{UserId, new_uuid};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

/// The status of a deleted user: `identity::UserStatus`, which this room comes before. It is held equal there.
pub(crate) const DELETED_USER: i16 = 3;

/// What one user did on a day.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Counts {
    pub user_id: UserId,
    pub access_web_counts: i32,
    pub chat_counts: i32,
}

/// Notes that a user wrote to a robot.
pub async fn chatted(conn: &impl ConnectionTrait, user: UserId, day: BusinessDate) -> Result<()> {
    let sql = "INSERT INTO activity_records AS record (user_id, day, chat_counts) VALUES ($1, $2, 1)
               ON CONFLICT (user_id, day) DO UPDATE SET chat_counts = record.chat_counts + 1";
    db::execute(conn, sql, [user.into(), day.into()])
        .await
        .map(|_| ())
}

/// What users did on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult)]
pub struct DayActivity {
    /// Users who did anything.
    pub users: i64,
    /// Pages they opened.
    pub accesses: i64,
    /// Messages they wrote.
    pub chats: i64,
}

/// What the date saw. A day's log needs no copying: it is written where it stays.
pub async fn activity_of(conn: &impl ConnectionTrait, date: BusinessDate) -> Result<DayActivity> {
    let sql = "SELECT count(*) AS users, coalesce(sum(access_web_counts), 0)::bigint AS accesses,
                      coalesce(sum(chat_counts), 0)::bigint AS chats
               FROM activity_records WHERE day = $1";
    db::fetch_one(conn, sql, [date.into()]).await
}

/// What the user with this chat code did on a day by now.
pub(super) async fn counts_of(
    conn: &impl ConnectionTrait,
    user_code: &str,
    day: BusinessDate,
) -> Result<Option<Counts>> {
    let sql = "SELECT record.user_id, record.access_web_counts, record.chat_counts
               FROM activity_records AS record JOIN users ON users.id = record.user_id
               WHERE users.code = $1 AND record.day = $2";
    let values = [user_code.into(), day.into()];
    db::fetch_optional(conn, sql, values).await
}

/// What users did on a day, so many after that one, by id.
pub(super) async fn counts_after(
    conn: &impl ConnectionTrait,
    day: BusinessDate,
    after: UserId,
    most: i64,
) -> Result<Vec<Counts>> {
    let sql = "SELECT user_id, access_web_counts, chat_counts FROM activity_records
               WHERE day = $1 AND user_id > $2 ORDER BY user_id LIMIT $3";
    db::fetch_all(conn, sql, [day.into(), after.into(), most.into()]).await
}

/// How many page events wait, counted no further than `most`.
pub(super) async fn waiting_pages(conn: &impl ConnectionTrait, most: i64) -> Result<Option<i64>> {
    let sql = "SELECT count(*) FROM (
                   SELECT FROM outbox WHERE destination = 'event' AND state = 'pending' AND lane LIKE 'page:%'
                   LIMIT $1) AS waiting";
    db::fetch_scalar(conn, sql, [most.into()]).await
}

/// An access to be published.
pub(super) struct NewAccess<'a> {
    /// Of the user, if it names one.
    pub union_id: Option<String>,
    pub day: BusinessDate,
    /// Routing key.
    pub topic: &'a str,
    pub payload: String,
    /// The argument of the payload's body that gets the user's id.
    pub user_argument: &'a str,
    /// Whether it is published; it is counted all the same.
    pub publish: bool,
}

/// Whether an access was published, and what its user did today by now.
#[derive(FromQueryResult)]
pub(super) struct Done {
    pub published: bool,
    #[sea_orm(nested)]
    pub counts: Option<Counts>,
}

/// Counts an access and publishes it through the outbox, unless it names a user whom we do not know.
pub(super) async fn access(
    conn: &impl ConnectionTrait,
    new: NewAccess<'_>,
    now: DateTime<Utc>,
) -> Result<Done> {
    // Accesses have no order among themselves: each has a lane of its own.
    let sql = format!(
        "WITH known AS (SELECT id FROM users WHERE union_id = $1 AND status <> {DELETED_USER}),
              counted AS (
                  INSERT INTO activity_records AS record (user_id, day, access_web_counts) SELECT id, $2, 1 FROM known
                  ON CONFLICT (user_id, day) DO UPDATE SET access_web_counts = record.access_web_counts + 1
                  RETURNING user_id, access_web_counts, chat_counts),
              published AS (
                  INSERT INTO outbox (id, destination, topic, lane, payload, next_attempt_at, created_at)
                  SELECT $3, 'event', $4, 'page:' || $3::text,
                         CASE WHEN known.id IS NULL THEN $5::jsonb
                              ELSE jsonb_set($5::jsonb, ARRAY['body', $6::text], to_jsonb(known.id::text)) END, $7, $7
                  FROM (VALUES ($1::text)) AS asked (union_id) LEFT JOIN known ON true
                  WHERE $8 AND (asked.union_id IS NULL OR known.id IS NOT NULL) RETURNING id)
         SELECT EXISTS (SELECT FROM published) AS published, user_id, access_web_counts, chat_counts
         FROM (VALUES (1)) AS one (row) LEFT JOIN counted ON true"
    );
    let values = [
        new.union_id.into(),
        new.day.into(),
        new_uuid().into(),
        new.topic.into(),
        new.payload.into(),
        new.user_argument.into(),
        now.into(),
        new.publish.into(),
    ];
    db::fetch_one(conn, &sql, values).await
}

/// How many users did anything, by date; dates without any are left out.
pub async fn users_by_day(conn: &impl ConnectionTrait, dates: DateRange) -> Result<Vec<DayCount>> {
    let sql = "SELECT day AS date, count(*) FROM activity_records WHERE day BETWEEN $1 AND $2 GROUP BY day ORDER BY day";
    db::fetch_all(conn, sql, dates.values()).await
}
