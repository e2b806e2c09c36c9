//! The whole application in this process, its partners simulated.

use crate::client::{send, signed};
use crate::place::Place;
use crate::stores::{conclude, conduct, fail, open};
use crate::{Broker, Client, Reply, Simulated, TestNet};
use anyhow::{Context as _, Result};
use api::Application;
use api::app_state::AppState;
use chrono::TimeDelta;
use domain::identity::Role;
use domain::identity::operator;
use domain::identity::{Tokens, UserClaims};
use kernel::Context;
use kernel::config::Config;
use kernel::id::{OperatorId, UserId};
use partners::Partners;
use scheduler::connections::Connections;
use scheduler::engine::{self, ByHand};
use scheduler::registry;
use secrecy::ExposeSecret;
use serde_json::Value;
use simulators::{Keys, Settings, Simulator};
use stack::random_hex;
use std::sync::{Arc, OnceLock};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use transport::{RobotTransport, Transports};

/// Everything a test of the whole needs. Its clock stands at [`crate::MORNING`] until moved.
pub struct App {
    /// Configuration, clock and stores, as the two binaries have them.
    pub context: Context,
    /// The clients of the simulated partners, and the ways to the chat networks.
    pub outside: Connections,
    /// The network beside the gateway, where the test has one.
    pub other_network: Option<Arc<TestNet>>,
    /// The partners' side.
    pub simulator: Simulated,
    /// The virtual host the gateway publishes to.
    pub gateway: Broker,
    /// The virtual host BI reads from.
    pub bi: Broker,
    tokens: Tokens,
    anonymous: Client,
}

/// What goes on around the [`App`].
struct Running {
    place: Place,
    simulator: Simulator,
    server: JoinHandle<std::io::Result<()>>,
    stop: CancellationToken,
}

/// Runs a test on an application of its own, proves the invariants and cleans up.
///
/// # Panics
/// When the test fails, or an invariant does not hold after it.
pub async fn with_app(test: impl AsyncFnOnce(&App) -> Result<()>) {
    with_app_configured(|_| {}, test).await;
}

/// The same with settings other than the test profile's.
///
/// # Panics
/// As [`with_app`].
pub async fn with_app_configured(
    change: impl FnOnce(&mut Config),
    test: impl AsyncFnOnce(&App) -> Result<()>,
) {
    run(change, None, test).await;
}

/// The same with a second chat network beside the gateway.
///
/// # Panics
/// As [`with_app`].
pub async fn with_app_on(network: Arc<TestNet>, test: impl AsyncFnOnce(&App) -> Result<()>) {
    run(|_| {}, Some(network), test).await;
}

async fn run(
    change: impl FnOnce(&mut Config),
    other_network: Option<Arc<TestNet>>,
    test: impl AsyncFnOnce(&App) -> Result<()>,
) {
    let (running, app) = start(change, other_network).await.unwrap_or_else(fail);
    let ran = conduct(test(&app), &app.context).await;
    let cleaned = running.end(app).await;
    conclude(ran, cleaned);
}

fn transports(config: &Config, other: Option<&Arc<TestNet>>) -> Result<Transports> {
    let mut all: Vec<Arc<dyn RobotTransport>> = transport::connect(config)?.all().cloned().collect();
    if let Some(other) = other {
        all.push(other.clone());
    }
    Ok(Transports::new(all)?)
}

async fn start(
    change: impl FnOnce(&mut Config),
    other_network: Option<Arc<TestNet>>,
) -> Result<(Running, App)> {
    let place = Place::claim(true).await?;
    let broker = |which: &str| Broker {
        endpoints: place.endpoints.clone(),
        vhost: place.vhost(which),
    };
    let (gateway, bi) = (broker("gateway"), broker("gpet"));
    let simulator = simulators::start(Settings {
        mq_url: Some(place.endpoints.rabbitmq.url(&gateway.vhost)),
        ..Settings::with_keys(Keys::init_dir(&place.folder)?)
    })
    .await?;
    let mut config = place.config(&simulator.url)?;
    change(&mut config);
    let context = open(config).await?;
    let state = AppState::new(context.clone(), Partners::connect(&context.config)?);
    let application = Application::build(state).await?;
    let base = format!("http://{}", application.address());
    let stop = CancellationToken::new();
    let server = tokio::spawn(application.run(stop.clone().cancelled_owned()));
    let app = App {
        outside: Connections {
            partners: Arc::new(Partners::connect(&context.config)?),
            transports: transports(&context.config, other_network.as_ref())?,
        },
        other_network,
        tokens: Tokens::new(&context.config.jwt),
        simulator: Simulated {
            control: simulator.control(),
            retelling: OnceLock::new(),
        },
        anonymous: Client {
            base,
            token: None,
            http: reqwest::Client::new(),
        },
        gateway,
        bi,
        context,
    };
    let running = Running {
        place,
        simulator,
        server,
        stop,
    };
    Ok((running, app))
}

impl Running {
    async fn end(self, app: App) -> Result<()> {
        self.stop.cancel();
        // Idle connections of this client would be waited for.
        drop(app.anonymous);
        let served = self.server.await.context("the application broke")?;
        app.context.db.close().await;
        let simulated = self.simulator.shutdown().await;
        self.place.release().await?;
        served?;
        simulated
    }
}

impl App {
    /// Moves the clock on.
    pub fn later(&self, by: TimeDelta) {
        self.context.clock.set(self.context.clock.now() + by);
    }

    /// Sets the clock to a time in Shanghai, like `2026-11-22T02:00:00`.
    ///
    /// # Errors
    /// When it is no time.
    pub fn at(&self, shanghai: &str) -> Result<()> {
        let instant = chrono::DateTime::parse_from_rfc3339(&format!("{shanghai}+08:00"))?;
        self.context.clock.set(instant.to_utc());
        Ok(())
    }

    /// A caller without a token.
    pub fn anonymous(&self) -> Client {
        self.anonymous.clone()
    }

    /// A caller with a user's token.
    ///
    /// # Errors
    /// When no token can be made.
    pub fn h5(&self, user: UserId) -> Result<Client> {
        let claims = UserClaims { user, wechat: None };
        let issued = self.tokens.for_user(claims, &self.context.clock)?;
        Ok(self.anonymous.with_token(&issued.token))
    }

    /// A new operator of this role.
    ///
    /// # Errors
    /// When there cannot be such an operator.
    pub async fn operator(&self, role: Role) -> Result<OperatorId> {
        let name = format!("{role}-{}", random_hex(4));
        Ok(operator::add(&self.context, &name, role, random_hex(16).into()).await?)
    }

    /// A caller with the token of a new operator of this role.
    ///
    /// # Errors
    /// When there cannot be such an operator.
    pub async fn console(&self, role: Role) -> Result<Client> {
        let id = self.operator(role).await?;
        self.operator_as(id, role)
    }

    /// The operator with this id.
    ///
    /// # Errors
    /// When no token can be made.
    pub fn operator_as(&self, id: OperatorId, role: Role) -> Result<Client> {
        let issued = self.tokens.for_operator(id, role, &self.context.clock)?;
        Ok(self.anonymous.with_token(&issued.token))
    }

    /// A partner's POST, signed as `api/src/partner/README.md` has it.
    ///
    /// # Errors
    /// When the application does not answer.
    pub async fn signed_post(&self, path: &str, body: Value) -> Result<Reply> {
        let secret = self.context.config.partner.secret.expose_secret();
        let request = signed(
            &self.anonymous,
            secret,
            self.context.clock.now(),
            path,
            body.to_string(),
        );
        send(request).await
    }

    /// Runs a job for a date by hand.
    ///
    /// # Errors
    /// What the job fails with.
    pub async fn run_job(&self, name: &str, date: &str) -> Result<Value> {
        let job = registry::find(name)?;
        let date = date.parse()?;
        Ok(engine::run_by_hand(&self.context, Some(&self.outside), job, date, ByHand::default()).await?)
    }
}
