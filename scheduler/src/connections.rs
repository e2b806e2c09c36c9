//! What a process reaches connections of its own stores.

use kernel::Result;
use kernel::config::Config;
use partners::Partners;
use std::sync::Arc;
use transport::Transports;

/// Clients of other systems, and the transports to the chat networks our robots live on. Cheap to clone.
#[derive(Clone)]
pub struct Connections {
    /// Clients of other systems.
    pub partners: Arc<Partners>,
    /// Ways to the chat networks.
    pub transports: Transports,
}

impl Connections {
    /// All that the configuration names, in real time.
    ///
    /// # Errors
    /// Names the key and its environment variable.
    pub fn connect(config: &Config) -> Result<Self> {
        Ok(Connections {
            partners: Arc::new(Partners::connect(config)?),
            transports: transport::connect(config)?,
        })
    }
}
