//! The partners' side of a test.

use anyhow::Result;
use serde_json::Value;
use simulators::Control;
use simulators::gateway::Event;
use std::ops::Deref;

/// The simulator of this test. Dereferences to its control API.
pub struct Simulated {
    pub(crate) control: Control,
}

impl Deref for Simulated {
    type Target = Control;

    fn deref(&self) -> &Control {
        &self.control
    }
}

impl Simulated {
    /// Publishes one event of the gateway.
    ///
    /// # Errors
    /// When the simulator refuses.
    pub async fn event(&self, command: &str, body: Value) -> Result<()> {
        self.control
            .inject(&[Event::new(command, body)])
            .await
            .map(|_| ())
    }

    /// Returns when all that the gateway said so far is in the broker: events go out in order, one after another.
    ///
    /// # Errors
    /// When the broker is away.
    pub async fn settle(&self) -> Result<()> {
        let nobody = "nobody.listens";
        self.control
            .inject_raw(nobody, None, Vec::new())
            .await
            .map(|_| ())
    }

    /// Texts that a person was sent in private, oldest first.
    ///
    /// # Errors
    /// When the simulator is away.
    pub async fn told(&self, user_code: &str) -> Result<Vec<String>> {
        let sent = self.control.gateway().await?.sent.into_iter();
        Ok(sent
            .filter(|message| message.user_id.as_deref() == Some(user_code))
            .filter_map(|message| message.message["content"].as_str().map(str::to_owned))
            .collect())
    }
}
