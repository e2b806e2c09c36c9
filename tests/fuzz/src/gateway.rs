//! Messages of the robot gateway: filed whatever they are, and what is filed as readable can be read.

use std::sync::LazyLock;

use kernel::config::GatewayConfig;
use kernel::inbox::{Arrival, KEPT_OF_REFUSED};
use transport::RobotTransport;
use transport::gateway::Gateway;

use crate::rules::{now, shows_nul};

/// Commands of which each is its own: the newest one counts.
const SNAPSHOTS: [&str; 2] = ["group_members", "group_info"];

static GATEWAY: LazyLock<Gateway> = LazyLock::new(|| Gateway::new(&config("http://127.0.0.1:9")).unwrap());

/// A gateway at this address.
pub fn config(host: &str) -> GatewayConfig {
    GatewayConfig {
        mq_url: "amqp://127.0.0.1:9".into(),
        exchange: String::new(),
        queues: Vec::new(),
        host: host.to_owned(),
        token: super::answer::SECRET.into(),
        timeout_seconds: 5,
        idempotent_sends: false,
    }
}

/// A body; after `#` a line with the message's id stands before it.
pub fn message(data: &[u8]) {
    let (id, body) = with_id(data);
    let filed = GATEWAY.file(id, body, now());
    assert_eq!(filed.body, body);
    fits(&filed);
    let again = GATEWAY.file(id, body, now());
    let snapshot = SNAPSHOTS.contains(&filed.command.as_str()) && filed.malformed.is_none();
    let by_id = filed.message_key.starts_with("gateway:id:");
    assert_eq!(
        filed.message_key == again.message_key,
        !snapshot || by_id,
        "{filed:?}"
    );
    assert_eq!((&filed.lane, &filed.malformed), (&again.lane, &again.malformed));
    match (&filed.malformed, GATEWAY.read(body)) {
        (_, Ok(event)) => assert!(!shows_nul(&format!("{event:?}")), "{event:?}"),
        (Some(_), Err(_)) => {}
        (None, Err(error)) => panic!("filed as readable, and then: {error:?}"),
    }
    let refused = Arrival::refused("gateway", body, "for some reason".to_owned());
    assert!(refused.body.len() <= KEPT_OF_REFUSED && refused.malformed.is_some());
    fits(&refused);
}

fn fits(arrival: &Arrival) {
    let misfit = arrival.misfit();
    assert!(misfit.is_none(), "{misfit:?}: {arrival:?}");
    assert!(arrival.malformed.as_ref().is_none_or(|reason| !reason.is_empty()));
}

fn with_id(data: &[u8]) -> (Option<&str>, &[u8]) {
    let Some(rest) = data.strip_prefix(b"#") else {
        return (None, data);
    };
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (id, body) = rest.split_at(end);
    (
        std::str::from_utf8(id).ok(),
        body.strip_prefix(b"\n").unwrap_or(body),
    )
}
