//! The tests' servers with the migrated database that every test copies.

use std::ffi::OsString;

use anyhow::{Context, Result};
use stack::{ENDPOINTS_VARIABLE, Options, PROGRAMS_VARIABLE, Stack, provision};

use crate::binaries::Binaries;
use crate::steps::Steps;
use crate::{places, preparation};

/// The migrated database that every test copies.
const TEMPLATE: &str = "gpet_template";

/// Servers with their data under `.gpet/test`.
pub struct TestServers {
    stack: Stack,
    /// By which a process finds them.
    pub variables: [(&'static str, OsString); 2],
}

impl TestServers {
    /// Starts them and makes the template.
    ///
    /// # Errors
    /// When one does not start, or a migration fails.
    pub async fn start(steps: &Steps, servers: &provision::Servers, binaries: &Binaries) -> Result<Self> {
        steps.say("starting the tests' servers with their data under .gpet/test");
        let dir = places::data().join("test");
        let stack = Stack::start(&dir, servers, Options::small()).await?;
        let (endpoints, file) = (stack.endpoints(), dir.join("endpoints.json"));
        endpoints.write(&file)?;
        steps.say("making the template of the tests' databases");
        endpoints.drop_database(TEMPLATE).await?;
        let environment = preparation::prepare(steps, &dir, &endpoints, binaries, TEMPLATE).await?;
        preparation::migrate(steps, binaries, &environment).await?;
        endpoints.seal_template(TEMPLATE).await?;
        Ok(Self {
            stack,
            variables: [
                (ENDPOINTS_VARIABLE, file.into_os_string()),
                (PROGRAMS_VARIABLE, binaries.folder().into()),
            ],
        })
    }

    /// Stops them in order.
    ///
    /// # Errors
    /// When one had to be killed.
    pub async fn stop(self, steps: &Steps) -> Result<()> {
        steps.say("stopping the tests' servers");
        self.stack.stop().await.context("the tests' servers")
    }
}
