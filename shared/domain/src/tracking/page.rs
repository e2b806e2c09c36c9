//! Page accesses (埋点): one round trip to PostgreSQL each, since no route is called more often.

use super::backlog::PageBacklog;
use super::mirror;
use super::repo::{self, Done, NewAccess};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::SHANGHAI;
use kernel::error::Result;
use kernel::external::without_nul;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

/// The argument that carries a union_id in, and the user's id out.
const USER: &str = "_a1";
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

    /// What is published, except the user; and the union_id to find them by, if there is one. Arguments do not
    /// overwrite what we know ourselves.
    pub fn into_body(self, now: DateTime<Utc>) -> (Map<String, Value>, Option<String>) {
        let mut body = Map::new();
        for (name, value) in self.arguments {
            body.insert(without_nul(name), without_nul(value).into());
        }
        let union_id = match body.remove(USER) {
            Some(Value::String(id)) if !id.is_empty() => Some(id),
            _ => None,
        };
        let agent: String = without_nul(self.agent).chars().take(LONGEST_AGENT).collect();
        let at = now.with_timezone(&SHANGHAI).format("%Y-%m-%d %H:%M:%S%.6f");
        body.insert("ip".to_owned(), self.ip.to_string().into());
        body.insert("ua".to_owned(), agent.into());
        body.insert("dt".to_owned(), at.to_string().into());
        (body, union_id)
    }
}

/// Publishes an access through the outbox, under the user's id where it names one, whose activity it counts. The access
/// of somebody unknown is dropped, and so is what comes while too many wait; activity counts all the same. Tells whether
/// it was published.
///
/// # Errors
/// 503 when PostgreSQL is away. RabbitMQ is not asked.
pub async fn page_accessed(context: &Context, backlog: &PageBacklog, access: PageAccess) -> Result<bool> {
    let now = context.clock.now();
    let room = backlog.has_room(context).await?;
    let (body, union_id) = access.into_body(now);
    let payload = json!({ "command": "page_access", "body": body });
    let day = context.clock.today();
    let new = NewAccess {
        union_id,
        day,
        topic: &context.config.mq.page_queue,
        payload: payload.to_string(),
        user_argument: USER,
        publish: room,
    };
    let Done { published, counts } = repo::access(context.db.autocommit(), new, now).await?;
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
