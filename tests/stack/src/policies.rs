//! How long the queues may grow that others read from us, as `config/deploy/README.md` has it for production.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};

use crate::endpoints::{Endpoints, percent_encoded};

/// A policy of RabbitMQ's: it limits queues without their declarations knowing.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Its name.
    pub name: &'static str,
    /// Which queues it holds for.
    pub pattern: &'static str,
    /// What holds for them, as JSON. The oldest messages go first: a publish that was refused would block the relay.
    pub definition: &'static str,
}

/// Page accesses for a day, business events for a week, and never more than a disk bears.
pub const POLICIES: [Policy; 2] = [
    Policy {
        name: "gpet-page",
        pattern: r"^queue\.pet\.point\.web$",
        definition: r#"{"max-length":200000,"message-ttl":86400000,"overflow":"drop-head"}"#,
    },
    Policy {
        name: "gpet-bi",
        pattern: r"^bi\.console\.gpet\.queue$",
        definition: r#"{"max-length":5000000,"message-ttl":604800000,"overflow":"drop-head"}"#,
    },
];

impl Endpoints {
    /// Sets a policy in a virtual host; one of this name is replaced.
    ///
    /// # Errors
    /// When there is no such virtual host or RabbitMQ refuses.
    pub async fn set_policy(&self, vhost: &str, policy: &Policy) -> Result<()> {
        let path = format!("/api/policies/{}/{}", percent_encoded(vhost), policy.name);
        let definition: Value = serde_json::from_str(policy.definition).context(policy.name)?;
        let body = json!({ "pattern": policy.pattern, "definition": definition, "apply-to": "queues" });
        let set = self.rabbitmq.call(Method::PUT, &path, Some(body)).await?;
        set.map(|_| ())
            .with_context(|| format!("there is no virtual host {vhost}"))
    }
}
