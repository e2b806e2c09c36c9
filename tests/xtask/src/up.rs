//! `cargo xtask up`: the whole product on this machine, with a demo world.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use stack::{Options, Stack, provision};
use tokio::signal::unix::{SignalKind, signal};

use crate::binaries::Binaries;
use crate::environment::Environment;
use crate::lock::{Holder, Lock};
use crate::products::Product;
use crate::steps::Steps;
use crate::{banner, demo, detach, places, preparation};

/// The database of the product.
const DATABASE: &str = "gpet";

/// What `up` can be told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Start over: all data under .gpet is deleted first (that of the tests stays).
    #[arg(long)]
    reset: bool,
    /// Leave it running in the background; `cargo xtask down` stops it.
    #[arg(long)]
    detach: bool,
    /// How `--detach` starts itself.
    #[arg(long, hide = true)]
    in_background: bool,
}

/// Starts everything and keeps it running until Ctrl-C (or `down`).
pub async fn run(arguments: Arguments) -> Result<()> {
    let mut lock = match Lock::take()? {
        Holder::Us(lock) => lock,
        Holder::Other(pid) if arguments.reset => {
            bail!("process {pid} runs everything already; `cargo xtask down` first, then `up --reset`")
        }
        Holder::Other(pid) => {
            println!("Running already (process {pid}); `cargo xtask down` stops it.\n");
            println!("{}", banner::text().context("it is still starting")?);
            return Ok(());
        }
    };
    if arguments.detach {
        drop(lock);
        return detach::run(arguments.reset).await;
    }
    if arguments.in_background {
        nix::unistd::setsid().context("cannot leave the session")?;
    }
    lock.sign()?;
    let steps = Steps::begin();
    let mut interrupt = Interrupt::new()?;
    if arguments.reset {
        steps.say("deleting the data of earlier runs");
        reset()?;
    }
    let _not_ready = fs::remove_file(detach::ready_file());
    let mut running = tokio::select! {
        started = Running::start(&steps) => started?,
        () = interrupt.comes() => bail!("interrupted while starting; nothing is left running"),
    };
    println!("\ngpet is ready.\n\n{}", banner::text()?);
    if !arguments.in_background {
        println!("Ctrl-C stops everything; the data stays for the next `up`.\n");
    }
    fs::write(detach::ready_file(), std::process::id().to_string())?;
    let watched = tokio::select! {
        failed = running.watch(&steps) => failed,
        () = interrupt.comes() => Ok(()),
    };
    let _ready_no_longer = fs::remove_file(detach::ready_file());
    let stopped = running.stop(&steps).await;
    watched.and(stopped)
}

/// Everything under `.gpet` but the lock we hold, the logs (ours is being written), the programs, the tests' servers and
/// tools, and what fuzzing has learned.
fn reset() -> Result<()> {
    for entry in fs::read_dir(places::data())? {
        let (name, path) = entry.map(|entry| (entry.file_name(), entry.path()))?;
        if ["up.lock", "logs", "bin", "test", "tools", "fuzz"]
            .iter()
            .any(|&kept| name == kept)
        {
            continue;
        }
        let deleted = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        deleted.with_context(|| format!("cannot delete {}", path.display()))?;
    }
    Ok(())
}

/// Everything that `up` runs.
struct Running {
    environment: Environment,
    products: [Product; 3],
    // Dropped last: the products before the servers they use.
    stack: Stack,
}

impl Running {
    async fn start(steps: &Steps) -> Result<Self> {
        steps.say("looking for PostgreSQL, Redis and RabbitMQ");
        let servers = provision::provision(&|line| steps.say(line)).await?;
        let binaries = Binaries::build(steps).await?;
        steps.say("starting private servers with their data under .gpet");
        let stack = Stack::start(&places::data(), &servers, Options::full()).await?;
        let endpoints = stack.endpoints();
        endpoints.write(&places::data().join("endpoints.json"))?;
        let environment =
            preparation::prepare(steps, &places::data(), &endpoints, &binaries, DATABASE).await?;
        preparation::migrate(steps, &binaries, &environment).await?;
        preparation::add_operator(steps, &binaries, &environment).await?;
        let mut products = Product::all(&binaries, &environment);
        for product in &mut products {
            steps.say(&format!("starting {}", product.name()));
            product.begin_log()?;
            product.start(&environment)?;
            product.wait_ready(steps).await?;
        }
        let filled = places::data().join("demo-filled");
        if !filled.exists() {
            steps.say("filling a small demo world");
            demo::fill(steps, &binaries, &environment).await?;
            fs::write(filled, "")?;
        }
        Ok(Self {
            environment,
            products,
            stack,
        })
    }

    /// Starts again what ends by itself. Only returns when that is impossible.
    async fn watch(&mut self, steps: &Steps) -> Result<()> {
        loop {
            for server in self.stack.revive().await? {
                steps.say(&format!("{server} had ended and is started again"));
            }
            for product in &mut self.products {
                product.restart_if_ended(steps, &self.environment)?;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn stop(mut self, steps: &Steps) -> Result<()> {
        steps.say("stopping api and scheduler");
        let [simulators, api, scheduler] = &mut self.products;
        let (api, scheduler) = tokio::join!(api.stop(), scheduler.stop());
        let simulators = simulators.stop().await;
        steps.say("stopping PostgreSQL, Redis and RabbitMQ");
        let stack = self.stack.stop().await;
        steps.say("everything is stopped; the data is kept in .gpet");
        api.and(scheduler).and(simulators).and(stack)
    }
}

/// Ctrl-C, `down`, or a closed terminal.
struct Interrupt([tokio::signal::unix::Signal; 3]);

impl Interrupt {
    fn new() -> Result<Self> {
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    async fn comes(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
