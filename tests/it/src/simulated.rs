//! The partners' side of a test.

use anyhow::Result;
use serde_json::Value;
use simulators::Control;
use simulators::control::Injection;
use simulators::gateway::Event;
use simulators::{Action, Partner, Rule};
use std::ops::Deref;
use std::sync::OnceLock;

/// The simulator of this test. Dereferences to its control API.
pub struct Simulated {
    pub(crate) control: Control,
    /// How what the gateway says is shuffled, where it says all twice.
    pub(crate) retelling: OnceLock<u64>,
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
        self.events(vec![Event::new(command, body)]).await
    }

    /// Publishes events of the gateway, one after the other.
    ///
    /// # Errors
    /// When the simulator refuses.
    pub async fn events(&self, events: Vec<Event>) -> Result<()> {
        let seed = self.retelling.get().copied();
        let told = Injection {
            events,
            twice: seed.is_some(),
            shuffle_seed: seed,
        };
        self.control.inject_as(&told).await.map(|_| ())
    }

    /// From now on the gateway says everything twice, in any order it may choose, its answers to our commands as well.
    ///
    /// # Errors
    /// When the simulator is away.
    pub async fn say_all_twice(&self, seed: u64) -> Result<()> {
        self.retelling.get_or_init(|| seed);
        let answered = ["bind_group", "unbind_group", "sync_group_members"].map(|endpoint| Rule {
            times: -1,
            ..Rule::next(Partner::Gateway, endpoint, Action::Twice {})
        });
        self.control.script(&answered).await.map(|_| ())
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
