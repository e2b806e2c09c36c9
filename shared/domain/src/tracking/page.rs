//! Page accesses (埋点): one round trip to PostgreSQL each, since no route is called more often.

use super::backlog::PageBacklog;
use super::mirror::{self, Counts};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::SHANGHAI;
use kernel::db;
use kernel::error::Result;
use kernel::id::new_uuid;
use sea_orm::FromQueryResult;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

/// The argument that carries a union_id in, and the user's id out.
const USER: &str = "_a1";
/// The status of a deleted user: `identity::UserStatus`, which this room comes before. It is held equal there.
pub(crate) const DELETED_USER: i16 = 3;
/// Characters of a user agent that are kept.
const LONGEST_AGENT: usize = 512;

/// What a visitor's browser tells of a page.
#[derive(Debug, Clone)]
pub struct PageAccess {
    /// Where it came from.
    pub ip: IpAddr,
    /// The user agent.
    pub agent: String,
    /// All query arguments, in their order. The last word on a name counts.
    pub arguments: Vec<(String, String)>,
}

impl PageAccess {
    /// Whether the page names no user.
    pub fn anonymous(&self) -> bool {
        let without_nul = |text: &str| text.replace('\0', "");
        let mut said = self.arguments.iter().rev();
        let said = said.find(|(name, _)| without_nul(name) == USER);
        said.is_none_or(|(_, union_id)| without_nul(union_id).is_empty())
    }

    /// What is published, but for the user; and the union_id to find them by, if there is one. Arguments do not
    /// overwrite what we know ourselves.
    pub fn into_body(self, now: DateTime<Utc>) -> (Map<String, Value>, Option<String>) {
        let mut body = Map::new();
        for (name, value) in self.arguments {
            body.insert(clean(name), clean(value).into());
        }
        let union_id = match body.remove(USER) {
            Some(Value::String(id)) if !id.is_empty() => Some(id),
            _ => None,
        };
        let agent: String = clean(self.agent).chars().take(LONGEST_AGENT).collect();
        let at = now.with_timezone(&SHANGHAI).format("%Y-%m-%d %H:%M:%S%.6f");
        body.insert("ip".to_owned(), self.ip.to_string().into());
        body.insert("ua".to_owned(), agent.into());
        body.insert("dt".to_owned(), at.to_string().into());
        (body, union_id)
    }
}

/// PostgreSQL keeps no NUL in text.
fn clean(text: String) -> String {
    match text.contains('\0') {
        true => text.replace('\0', ""),
        false => text,
    }
}

/// Publishes an access through the outbox, under the user's id where it names one, whose activity it counts. The access
/// of somebody unknown is dropped, and so is what comes while too many wait; activity counts all the same. Tells whether
/// it was published.
///
/// # Errors
/// 503 when PostgreSQL is away. RabbitMQ is not asked.
pub async fn accessed(context: &Context, backlog: &PageBacklog, access: PageAccess) -> Result<bool> {
    let now = context.clock.now();
    let room = backlog.has_room(context).await?;
    let (body, union_id) = access.into_body(now);
    let payload = json!({ "command": "page_access", "body": body });
    let day = context.clock.today();
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
        union_id.into(),
        day.into(),
        new_uuid().into(),
        context.config.mq.page_queue.clone().into(),
        payload.to_string().into(),
        USER.into(),
        now.into(),
        room.into(),
    ];
    let Done { published, counts } = db::fetch_one(context.db.read(), &sql, values).await?;
    if published {
        backlog.grew();
    }
    if !room {
        metrics::counter!("gpet_page_events_dropped_total").increment(1);
    }
    if let Some(counts) = counts {
        mirror::refresh(context, day, counts).await;
    }
    Ok(published)
}

/// Whether an access was published, and what its user did today by now.
#[derive(FromQueryResult)]
struct Done {
    published: bool,
    #[sea_orm(nested)]
    counts: Option<Counts>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_cannot_overwrite_what_we_know() {
        let argument = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let access = PageAccess {
            ip: "203.0.113.9".parse().unwrap(),
            agent: "Mozilla\0".repeat(100),
            arguments: vec![
                argument("ip", "1.1.1.1"),
                argument("ua", "x"),
                argument("dt", "never"),
                argument("p", "/home"),
                argument("p", "/group"),
                argument("n\0", "\0"),
                argument("_a1", "union"),
            ],
        };
        let now = "2019-03-01T02:20:30.0001237Z".parse().unwrap();
        let (body, union_id) = access.clone().into_body(now);
        assert_eq!(union_id.as_deref(), Some("union"));
        let agent: String = "Mozilla".repeat(100).chars().take(512).collect();
        let expected = json!({
            "ip": "203.0.113.9", "ua": agent, "dt": "2019-03-01 10:20:30.000123", "p": "/group", "n": "",
        });
        assert_eq!(Value::Object(body), expected);
        let nobody = PageAccess {
            arguments: vec![argument("_a1", "")],
            ..access
        };
        assert_eq!(nobody.into_body(now).1, None);
    }
}
