//! What a stack remembers from one start to the next.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::files::write_private;
use crate::ports::free_ports;
use crate::proc_table::Identity;
use crate::secret::random_hex;

/// What a stack remembers between starts, in `stack.json` beside its data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) ports: Ports,
    pub(crate) postgres_password: String,
    pub(crate) redis_password: String,
    pub(crate) rabbitmq_password: String,
    /// The servers of the last start. What is left of them is killed before the next.
    pub(crate) processes: Vec<Identity>,
}

/// The TCP ports on 127.0.0.1, all chosen together so that no two are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ports {
    pub(crate) postgres: u16,
    pub(crate) redis: u16,
    pub(crate) rabbitmq: u16,
    pub(crate) rabbitmq_management: u16,
    pub(crate) rabbitmq_distribution: u16,
    pub(crate) epmd: u16,
}

impl State {
    /// The state of an earlier start, with its ports where they are still free; a new one in a new folder.
    pub(crate) fn load_or_new(dir: &Path) -> Result<Self> {
        let path = file(dir);
        if !path.exists() {
            return Ok(Self {
                ports: Ports::free(&[])?,
                postgres_password: random_hex(16),
                redis_password: random_hex(16),
                rabbitmq_password: random_hex(16),
                processes: Vec::new(),
            });
        }
        let json = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut state: Self = serde_json::from_slice(&json)
            .with_context(|| format!("{} is not ours; start over without its folder", path.display()))?;
        for leftover in &state.processes {
            leftover.kill_leftover();
        }
        while state.processes.iter().any(Identity::is_running) {
            std::thread::yield_now();
        }
        state.ports = Ports::free(&state.ports.as_list())?;
        Ok(state)
    }

    pub(crate) fn save(&self, dir: &Path) -> Result<()> {
        write_private(&file(dir), &serde_json::to_string_pretty(self)?)
    }
}

impl Ports {
    fn free(preferred: &[u16]) -> Result<Self> {
        let ports = free_ports(6, preferred)?;
        Ok(Self {
            postgres: ports[0],
            redis: ports[1],
            rabbitmq: ports[2],
            rabbitmq_management: ports[3],
            rabbitmq_distribution: ports[4],
            epmd: ports[5],
        })
    }

    fn as_list(self) -> [u16; 6] {
        [
            self.postgres,
            self.redis,
            self.rabbitmq,
            self.rabbitmq_management,
            self.rabbitmq_distribution,
            self.epmd,
        ]
    }
}

fn file(dir: &Path) -> PathBuf {
    dir.join("stack.json")
}
