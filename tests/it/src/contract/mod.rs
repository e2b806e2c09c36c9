//! The API against its own description: schemathesis asks every operation as an operator and as a user, in a world where
//! something has happened.

mod asked;
mod examples;
mod world;

use crate::{App, notification, with_app_configured};
use anyhow::{Context as _, Result, ensure};
use deadpool_redis::redis::cmd;
use domain::identity::Role;
use kernel::config::Config;
use secrecy::ExposeSecret;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::process::Command;

/// The file with requests that work.
const EXAMPLES: &str = "examples.json";

/// How long WeChat Pay's notification of the one payout may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a run needs.
pub struct Contract {
    /// schemathesis's program.
    pub schemathesis: PathBuf,
    /// The folder with its configuration and our hooks.
    pub rules: PathBuf,
    /// Where reports go.
    pub reports: PathBuf,
    /// Requests an operation is sent beyond the systematic ones.
    pub examples: u32,
    /// What the requests are drawn by: the same seed asks the same.
    pub seed: u64,
    /// Only operations whose path contains this.
    pub path: Option<String>,
}

/// Who asks.
struct Caller {
    name: &'static str,
    token: String,
}

/// Furnishes a world, lets schemathesis ask as an operator and as a user, and proves afterwards what must always hold.
///
/// # Errors
/// When an answer breaches the description, or an operation was never really asked.
///
/// # Panics
/// When the world cannot be made, or an invariant is broken in the end.
pub async fn run(contract: &Contract) -> Result<()> {
    // What an earlier run found would be asked first, and make this one another run.
    if contract.reports.exists() {
        std::fs::remove_dir_all(&contract.reports)?;
    }
    let mut kept = true;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let configured = |config: &mut Config| {
        // So that a clean-up finds something to plan.
        config.groups.one_star_total_limit = 1;
        config.wxpay.notify_url = format!("http://{address}/");
    };
    let notified = tokio::spawn(async move { notification::catch(&listener).await });
    with_app_configured(configured, async |app| {
        let user = world::furnish(app).await?;
        let notification = tokio::time::timeout(PATIENCE, notified).await???;
        let examples = examples::collect(app, &notification).await?;
        std::fs::create_dir_all(&contract.reports)?;
        std::fs::write(contract.reports.join(EXAMPLES), examples.to_string())?;
        let id = app.operator(Role::Admin).await?;
        let operator = Caller {
            name: "operator",
            token: app.operator_as(id, Role::Admin)?.token.context("no token")?,
        };
        // Limits by time are not what is asked about; those by address do not bite, for each request has its own.
        let unlimited = forget(app, format!("GPET:EXPORT:{id}"));
        let person = Caller {
            name: "user",
            token: user.token.clone(),
        };
        // Both are run to their end, so that one report has all. Operators last: they take away what users need.
        let asked = async {
            for caller in [person, operator] {
                kept &= ask(app, contract, &caller, &user.id).await?;
            }
            Ok(())
        };
        tokio::select! {
            asked = asked => asked,
            failed = unlimited => failed,
        }
    })
    .await;
    for caller in ["user", "operator"] {
        let breaches = std::fs::read_to_string(breaches(contract, caller)).unwrap_or_default();
        println!(
            "\nbreaches, asked as {caller}: {}\n{breaches}",
            breaches.lines().count()
        );
    }
    let asked = asked::report(&contract.reports, contract.path.is_none());
    ensure!(
        kept,
        "answers breach the description: listed above, each with its request further above"
    );
    asked
}

/// Whether schemathesis had nothing to say.
async fn ask(app: &App, contract: &Contract, caller: &Caller, user: &str) -> Result<bool> {
    println!("\nschemathesis asks as {}\n", caller.name);
    let secret = app.context.config.partner.secret.expose_secret();
    let report = contract.reports.join(format!("{}.ndjson", caller.name));
    let mut command = Command::new(&contract.schemathesis);
    command
        .arg("--config-file")
        .arg(contract.rules.join("schemathesis.toml"))
        .arg("run")
        .arg(format!("{}/openapi.json", app.anonymous().base))
        .args(["--url", &app.anonymous().base])
        .args(["--max-examples", &contract.examples.to_string()])
        .args(["--seed", &contract.seed.to_string()])
        .arg("--report-ndjson-path")
        .arg(&report)
        .env("GPET_CONTRACT_HOOKS", "hooks")
        .env("PYTHONPATH", &contract.rules)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONHASHSEED", "0")
        .env("GPET_CONTRACT_CALLER", caller.name)
        .env("GPET_CONTRACT_TOKEN", &caller.token)
        .env("GPET_CONTRACT_PARTNER_SECRET", secret)
        .env(
            "GPET_CONTRACT_NOW",
            app.context.clock.now().timestamp().to_string(),
        )
        .env("GPET_CONTRACT_USER", user)
        .env("GPET_CONTRACT_EXAMPLES", contract.reports.join(EXAMPLES))
        .env("GPET_CONTRACT_BREACHES", breaches(contract, caller.name))
        .env("GPET_CONTRACT_ASKED", asked::file(&contract.reports, caller.name))
        .current_dir(&contract.reports)
        .kill_on_drop(true);
    if let Some(path) = &contract.path {
        command.args(["--include-path-regex", &escaped(path)]);
    }
    let status = command
        .status()
        .await
        .with_context(|| format!("cannot run {}", contract.schemathesis.display()))?;
    ensure!(
        matches!(status.code(), Some(0 | 1)),
        "schemathesis itself failed ({status}); what it said is above"
    );
    Ok(status.success())
}

/// Deletes a counter of Redis again and again; ends with an error only.
async fn forget(app: &App, key: String) -> Result<()> {
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    loop {
        beat.tick().await;
        let _: u32 = app.context.cache.run(cmd("DEL").arg(&key)).await?;
    }
}

/// Where breaches are listed, a line each.
fn breaches(contract: &Contract, caller: &str) -> PathBuf {
    contract.reports.join(format!("{caller}.breaches.txt"))
}

/// A text as a regular expression that finds it.
fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c]))
        .collect()
}

/// Reads a file of JSON.
fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} holds something else", path.display()))
}
