//! The product as it is run: its programs as processes on servers that can be killed, its partners simulated.

use super::crowd::{Crowd, Seen};
use super::plan::{REFUSED, ROBOTS, SCARCE, UNANSWERED};
use super::program::Program;
use super::time::Time;
use crate::place::Place;
use crate::{Broker, Client, fixture};
use anyhow::Result;
use chrono::{DateTime, Utc};
use domain::identity::Role;
use domain::identity::Tokens;
use domain::identity::operator;
use kernel::Context;
use kernel::clock::Clock;
use kernel::config::Config;
use secrecy::ExposeSecret;
use simulators::{Action, Keys, Partner, Rule, Settings, Simulator};
use stack::{Stack, free_ports, random_hex};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// See the module.
pub struct Deployment<'a> {
    pub stack: &'a mut Stack,
    pub crowd: Arc<Crowd>,
    pub time: Arc<Time>,
    /// For looking into the stores.
    pub context: Context,
    pub bi: Broker,
    place: Place,
    simulator: Simulator,
    environment: HashMap<String, String>,
    pub api: Program,
    pub scheduler: Program,
}

impl<'a> Deployment<'a> {
    /// Opens one at this time in a database and virtual hosts of its own; nothing runs yet. Logs go to `logs`.
    ///
    /// # Errors
    /// When a server refuses.
    pub async fn open(stack: &'a mut Stack, logs: &Path, at: DateTime<Utc>) -> Result<Self> {
        std::fs::create_dir_all(logs)?;
        let place = Place::claim_on(stack.endpoints(), true, None).await?;
        let bi = Broker {
            endpoints: place.endpoints.clone(),
            vhost: place.vhost("gpet"),
        };
        let ports = free_ports(2, &[])?;
        let api = Program::new("api", "serve", ports[0], logs.join("api.log"));
        let scheduler = Program::new("scheduler", "run", ports[1], logs.join("scheduler.log"));
        let url = format!("http://{}", api.listen);
        let simulator = simulators::start(Settings {
            mq_url: Some(place.endpoints.rabbitmq.url(&place.vhost("gateway"))),
            product_url: Some(url.clone()),
            ..Settings::with_keys(Keys::init_dir(&place.folder)?)
        })
        .await?;
        let mut environment = place.variables(&simulator.url);
        for (name, value) in [
            ("GPET_API_LISTEN", api.listen.clone()),
            ("GPET_SCHEDULER_LISTEN", scheduler.listen.clone()),
            ("GPET_WXPAY_NOTIFY_URL", format!("{url}/wxpay/notify")),
            ("LOCALHOST", url.clone()),
            ("GPET_PAY_WITHDRAWALS_SECONDS", "1".to_owned()),
            ("GPET_GATEWAY_IDEMPOTENT_SENDS", "true".to_owned()),
            ("DISTRIBUTE_AMOUNT", "1000".to_owned()),
        ] {
            environment.insert(name.to_owned(), value);
        }
        let time = Arc::new(Time::starting_at(at));
        let config = Config::from_variables(environment.clone())?;
        let context = Context::with_clock(config, Clock::fixed(at)).await?;
        api::migrate::migrate(&context).await?;
        for code in ROBOTS {
            fixture::robot(&context, code, None, 10_000).await?;
        }
        let (code, channel, groups) = SCARCE;
        fixture::robot(&context, code, Some(channel), groups).await?;
        let crowd = Crowd {
            api: Client::with_timeout(url, Duration::from_secs(10))?,
            time: Arc::clone(&time),
            control: simulator.control(),
            tokens: Tokens::new(&context.config.jwt),
            operator: operator::add(&context, "reviewer", Role::Admin, random_hex(16).into()).await?,
            partner_secret: context.config.partner.secret.expose_secret().to_owned(),
            seen: Seen::default(),
            logins: Default::default(),
        };
        crowd.control.script(&moods()).await?;
        Ok(Deployment {
            stack,
            crowd: Arc::new(crowd),
            time,
            context,
            bi,
            place,
            simulator,
            environment,
            api,
            scheduler,
        })
    }

    /// Starts the api unless it runs, and waits until it serves.
    ///
    /// # Errors
    /// When it ends.
    pub async fn start_api(&mut self) -> Result<()> {
        let now = self.time.now();
        self.time.told_api();
        self.api.start(&self.environment, now).await
    }

    /// The same of the scheduler.
    ///
    /// # Errors
    /// When it ends.
    pub async fn start_scheduler(&mut self) -> Result<()> {
        self.scheduler.start(&self.environment, self.time.now()).await
    }

    /// Kills PostgreSQL with SIGKILL and starts it again. The connections we look with died with it and are made anew.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn strike_postgres(&mut self) -> Result<()> {
        self.stack.postgres.kill9();
        self.stack.postgres.start().await?;
        let config = Config::from_variables(self.environment.clone())?;
        self.context = Context::with_clock(config, self.context.clock.clone()).await?;
        Ok(())
    }

    /// Stops both in order.
    ///
    /// # Errors
    /// When one had to be killed.
    pub async fn stop(&mut self) -> Result<()> {
        let (api, scheduler) = tokio::join!(self.api.stop(), self.scheduler.stop());
        api.and(scheduler)
    }

    /// Fails when a program has ended that nobody killed: it must outlive its servers.
    ///
    /// # Errors
    /// With the end of its log.
    pub fn must_live(&mut self) -> Result<()> {
        self.api.must_live()?;
        self.scheduler.must_live()
    }

    /// Stops everything and gives it back.
    ///
    /// # Errors
    /// When something had to be killed.
    pub async fn close(mut self) -> Result<()> {
        self.stop().await?;
        self.context.db.close().await;
        self.simulator.shutdown().await?;
        self.place.release().await
    }
}

/// What WeChat Pay does all the time: it refuses one person's payouts, pays some and is slow to say so until the
/// connection breaks, and is slow to pay the others.
fn moods() -> Vec<Rule> {
    let of = |name: &str, times: i64, action: Action| Rule {
        times,
        contains: Some(format!("open-{name}")),
        ..Rule::next(Partner::Wxpay, "transfer_bills", action)
    };
    let failed = Action::State {
        state: "FAIL".into(),
        fail_reason: Some("ACCOUNT_FROZEN".into()),
    };
    let mut rules = vec![of(REFUSED, -1, failed)];
    rules.push(of(UNANSWERED, -1, Action::DropAfter { hang_ms: 60 }));
    rules.push(of("", -1, Action::Delay { ms: 60 }));
    rules
}
