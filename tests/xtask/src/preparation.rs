//! What both `up` and `test` do between started servers and started programs.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use stack::{Endpoints, POLICIES};

use crate::binaries::Binaries;
use crate::environment::Environment;
use crate::process;
use crate::steps::Steps;

/// The virtual hosts: the gateway's broker and ours.
const VHOSTS: [&str; 2] = ["gateway", OURS];
/// The one that others read events from.
const OURS: &str = "gpet";

/// Virtual hosts, the limits of queues, database, keys and `dir/env`. An existing database and existing secrets are kept.
///
/// # Errors
/// When a server refuses or the keys cannot be made.
pub async fn prepare(
    steps: &Steps,
    dir: &Path,
    endpoints: &Endpoints,
    binaries: &Binaries,
    database: &str,
) -> Result<Environment> {
    for vhost in VHOSTS {
        endpoints.create_vhost(vhost).await?;
    }
    for policy in &POLICIES {
        endpoints.set_policy(OURS, policy).await?;
    }
    if !endpoints.database_exists(database).await? {
        endpoints.create_database(database, None).await?;
    }
    let keys = dir.join("keys");
    if !keys.join("platform_public.pem").exists() {
        steps.say("making the keys of WeChat Pay's simulator and ours");
        let simulators = binaries.path("simulators");
        let folder = keys.to_string_lossy();
        process::quietly(
            &simulators.to_string_lossy(),
            &["init-keys", "--dir", &folder],
            &[],
        )
        .await?;
    }
    let file = dir.join("env");
    let mut environment = Environment::read(&file)?;
    environment.complete(endpoints, database, &keys)?;
    environment.write(&file)?;
    Ok(environment)
}

/// Brings the database named by `DATABASE_URL` to the newest schema.
///
/// # Errors
/// When a migration fails.
pub async fn migrate(steps: &Steps, binaries: &Binaries, environment: &Environment) -> Result<()> {
    steps.say("migrating the database");
    api(binaries, environment, &["migrate"]).await
}

/// Adds the first operator; one that is there already stays.
///
/// # Errors
/// When the program fails.
pub async fn add_operator(steps: &Steps, binaries: &Binaries, environment: &Environment) -> Result<()> {
    let name = environment.get("GPET_CONSOLE_USER");
    steps.say(&format!("adding the operator {name}"));
    let mut environment = environment.clone();
    environment.set(
        "GPET_OPERATOR_PASSWORD",
        environment.get("GPET_CONSOLE_PASSWORD").to_owned(),
    );
    api(
        binaries,
        &environment,
        &["operator", "add", name, "--role", "admin"],
    )
    .await
}

async fn api(binaries: &Binaries, environment: &Environment, arguments: &[&str]) -> Result<()> {
    let variables: Vec<(&str, OsString)> = environment
        .pairs()
        .map(|(name, value)| (name.as_str(), value.into()))
        .collect();
    let program = binaries.path("api");
    process::quietly(&program.to_string_lossy(), arguments, &variables).await
}
