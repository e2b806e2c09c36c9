//! `world`: a world of the settlement oracle through the product's own jobs. Standard output holds the answer alone.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use md5::{Digest, Md5};
use serde::Deserialize;
use stack::{Endpoints, Options, Stack, provision};

use crate::binaries::Binaries;
use crate::environment::Environment;
use crate::lock::{Holder, Lock};
use crate::steps::Steps;
use crate::{places, preparation, process};

/// The database of a world nobody wants to keep.
const PASSING: &str = "gpet_world";

/// What `world` can be told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A world of the oracle's form.
    file: PathBuf,
    /// Keep the database under this name. If it holds this file already, only the jobs run again.
    #[arg(long)]
    database: Option<String>,
}

#[derive(Deserialize)]
struct World {
    settle_date: String,
}

/// Loads the world unless it is there, runs both settlements, prints slips, remainders and groups.
pub async fn run(arguments: Arguments) -> Result<()> {
    let steps = Steps::aside();
    let file = arguments
        .file
        .canonicalize()
        .with_context(|| format!("no file {}", arguments.file.display()))?;
    let text = fs::read(&file)?;
    let world: World = serde_json::from_slice(&text).context("this is no world")?;
    let mark = format!("world {}", hex::encode(Md5::digest(&text)));
    let binaries = Binaries::build_with(&steps, &["it"]).await?;
    let servers = Servers::running_or_started(&steps).await?;
    let name = arguments.database.as_deref().unwrap_or(PASSING);
    if arguments.database.is_none() {
        servers.endpoints.drop_database(name).await?;
    }
    let settled = settle(
        &steps,
        &binaries,
        &servers.endpoints,
        name,
        (&file, &mark),
        &world.settle_date,
    )
    .await;
    if arguments.database.is_none() {
        servers.endpoints.drop_database(name).await?;
    }
    servers.stop().await?;
    settled
}

async fn settle(
    steps: &Steps,
    binaries: &Binaries,
    endpoints: &Endpoints,
    name: &str,
    (file, mark): (&PathBuf, &str),
    settle_date: &str,
) -> Result<()> {
    let holds = endpoints.database_exists(name).await?;
    let dir = places::data().join("world");
    fs::create_dir_all(&dir)?;
    let mut environment = preparation::prepare(steps, &dir, endpoints, binaries, name).await?;
    environment.set("GPET_CLOCK", format!("{}T02:00:00+08:00", next_day(settle_date)?));
    if !holds {
        steps.say("migrating the database");
        quietly(binaries, "api", &["migrate".into()], &environment).await?;
        steps.say("loading the world");
        quietly(
            binaries,
            "world",
            &["load".into(), file.clone().into()],
            &environment,
        )
        .await?;
        endpoints.mark_database(name, mark).await?;
    } else if endpoints.database_mark(name).await?.as_deref() != Some(mark) {
        bail!("database {name} holds something else; choose another name");
    }
    for job in ["settle_groups", "settle_ads"] {
        steps.say(&format!("{job} of {settle_date}"));
        quietly(
            binaries,
            "scheduler",
            &["run-job".into(), job.into(), "--date".into(), settle_date.into()],
            &environment,
        )
        .await?;
    }
    steps.say("reading what it came to");
    print!(
        "{}",
        quietly(binaries, "world", &["outcome".into()], &environment).await?
    );
    Ok(())
}

/// Runs a program; its answer is returned, its log goes to standard error.
async fn quietly(
    binaries: &Binaries,
    program: &str,
    arguments: &[OsString],
    environment: &Environment,
) -> Result<String> {
    let program = binaries.path(program).display().to_string();
    let variables: Vec<(&str, OsString)> = environment
        .pairs()
        .map(|(name, value)| (name.as_str(), value.into()))
        .collect();
    process::answer(&program, arguments, &variables).await
}

fn next_day(date: &str) -> Result<String> {
    let date =
        chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").with_context(|| format!("{date} is no date"))?;
    Ok(date.succ_opt().context("the last of all days")?.to_string())
}

/// The servers of a running `up`, or our own on the same data.
struct Servers {
    endpoints: Endpoints,
    own: Option<(Stack, Lock)>,
}

impl Servers {
    async fn running_or_started(steps: &Steps) -> Result<Self> {
        match Lock::take()? {
            Holder::Other(_) => {
                let endpoints = Endpoints::read(&places::data().join("endpoints.json"))?;
                Ok(Self { endpoints, own: None })
            }
            Holder::Us(mut lock) => {
                lock.sign()?;
                steps.say("starting private servers with their data under .gpet");
                let servers = provision::provision(&|line| steps.say(line)).await?;
                let stack = Stack::start(&places::data(), &servers, Options::full()).await?;
                Ok(Self {
                    endpoints: stack.endpoints(),
                    own: Some((stack, lock)),
                })
            }
        }
    }

    async fn stop(self) -> Result<()> {
        match self.own {
            Some((stack, _lock)) => stack.stop().await,
            None => Ok(()),
        }
    }
}
