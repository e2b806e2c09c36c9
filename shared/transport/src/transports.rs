//! All transports of a process, by network.

use crate::code::{GroupCode, RobotCode};
use crate::command::{CommandOutcome, RobotCommand};
use crate::event::{RobotEvent, RobotProfile};
use crate::network::Network;
use crate::robot_transport::RobotTransport;
use kernel::error::{Error, Result};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use uuid::Uuid;

/// The transports of a process, each asked only what concerns its own network and what that network can do.
#[derive(Clone)]
pub struct Transports(BTreeMap<Network, Arc<dyn RobotTransport>>);

impl Transports {
    /// These transports. From now on codes that begin with one of their networks' names are read as that network's.
    ///
    /// # Errors
    /// When two lead to the same network.
    pub fn new(transports: impl IntoIterator<Item = Arc<dyn RobotTransport>>) -> Result<Self> {
        let mut all = BTreeMap::new();
        for transport in transports {
            let network = transport.network();
            network.register();
            match all.entry(network) {
                Entry::Vacant(place) => place.insert(transport),
                Entry::Occupied(taken) => {
                    let message = format!("two transports lead to the network {}", taken.key());
                    return Err(Error::internal(message));
                }
            };
        }
        Ok(Transports(all))
    }

    /// Every transport.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn RobotTransport>> {
        self.0.values()
    }

    /// The transport to a network.
    ///
    /// # Errors
    /// 1101, transient: another process, or this one after the next deployment, may have it.
    pub fn to(&self, network: &Network) -> Result<&Arc<dyn RobotTransport>> {
        self.0
            .get(network)
            .ok_or_else(|| Error::partner("chat network", format!("there is no transport to {network}")))
    }

    /// Reads a message that came by this network.
    ///
    /// # Errors
    /// As [`Transports::to`] and [`RobotTransport::read`].
    pub fn read(&self, network: &str, body: &[u8]) -> Result<RobotEvent> {
        self.to(&network.parse()?)?.read(body)
    }

    /// Whether carrying this command out a second time changes nothing.
    pub fn repeatable(&self, command: &RobotCommand) -> bool {
        match self.route(command) {
            Ok(transport) => transport.repeatable(command),
            Err(_) => true, // it will be refused again
        }
    }

    /// Carries out a command by its own network, once. What that network cannot do is refused without asking it, and so
    /// is a command that has codes of two networks, or of one that nobody leads to.
    pub async fn execute(&self, id: Uuid, command: &RobotCommand) -> CommandOutcome {
        match self.route(command) {
            Ok(transport) => transport.execute(id, command).await,
            Err(words) => CommandOutcome::Refused(words),
        }
    }

    fn route(&self, command: &RobotCommand) -> Result<&Arc<dyn RobotTransport>, String> {
        let network = command
            .network()
            .ok_or_else(|| "its codes are of different networks".to_owned())?;
        let transport = self.to(&network).map_err(|error| error.chain())?;
        match transport.abilities().refusal(command) {
            Some(what) => Err(format!("the network {network} {what}")),
            None => Ok(transport),
        }
    }

    /// What a robot's network says of it.
    ///
    /// # Errors
    /// As [`Transports::to`] and [`RobotTransport::robot`].
    pub async fn robot(&self, robot: &RobotCode) -> Result<RobotProfile> {
        self.to(&robot.network())?.robot(robot).await
    }

    /// Codes of the groups a robot's network sees it in.
    ///
    /// # Errors
    /// As [`Transports::robot`].
    pub async fn groups_of(&self, robot: &RobotCode) -> Result<Vec<GroupCode>> {
        self.to(&robot.network())?.groups_of(robot).await
    }
}
