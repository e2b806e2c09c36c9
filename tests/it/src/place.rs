//! A place of one's own on the running servers.

use anyhow::{Context, Result};
use kernel::config::Config;
use stack::{Endpoints, random_hex};
use std::collections::HashMap;
use std::path::PathBuf;

/// The migrated and seeded database that every test copies.
const TEMPLATE: &str = "gpet_template";

/// What nobody else uses: a database, a Redis database, two virtual hosts (only where wanted), a folder.
pub(crate) struct Place {
    pub endpoints: Endpoints,
    name: String,
    redis: u32,
    brokers: bool,
    pub folder: PathBuf,
}

impl Place {
    /// Claims one on the tests' servers.
    pub async fn claim(brokers: bool) -> Result<Place> {
        Place::claim_on(Endpoints::from_env()?, brokers, Some(TEMPLATE)).await
    }

    /// Claims one on these servers; without a template its database is empty.
    pub async fn claim_on(endpoints: Endpoints, brokers: bool, template: Option<&str>) -> Result<Place> {
        let name = format!("it_{}", random_hex(8));
        let place = Place {
            redis: endpoints.allocate_redis_database().await?,
            folder: std::env::temp_dir().join(format!("gpet-{name}")),
            name,
            brokers,
            endpoints,
        };
        std::fs::create_dir_all(&place.folder)
            .with_context(|| format!("cannot make {}", place.folder.display()))?;
        let database = place.endpoints.create_database(&place.name, template);
        let vhosts = async {
            if brokers {
                place.endpoints.create_vhost(&place.vhost("gateway")).await?;
                place.endpoints.create_vhost(&place.vhost("gpet")).await?;
            }
            anyhow::Ok(())
        };
        tokio::try_join!(database, vhosts)?;
        Ok(place)
    }

    /// The name of the virtual host for `gateway` or `gpet`.
    pub fn vhost(&self, which: &str) -> String {
        format!("{}_{which}", self.name)
    }

    /// The configuration of the test profile, pointed here; partners, where there are any, are at `simulator`.
    pub fn config(&self, simulator: &str) -> Result<Config> {
        Ok(Config::from_variables(self.variables(simulator))?)
    }

    /// The same as a process's environment.
    pub fn variables(&self, simulator: &str) -> HashMap<String, String> {
        let servers = &self.endpoints;
        let key = |file: &str| self.folder.join(file).display().to_string();
        let mut variables: HashMap<String, String> = [
            ("GPET_PROFILE", "test".to_owned()),
            ("DATABASE_URL", servers.postgres.url(&self.name)),
            ("REDIS_URL", servers.redis.url(self.redis)),
            ("MQ_CONFIG", servers.rabbitmq.url(&self.vhost("gateway"))),
            ("INNER_MQ_CONFIG", servers.rabbitmq.url(&self.vhost("gpet"))),
            ("GPET_API_LISTEN", "127.0.0.1:0".to_owned()),
            ("LOCALHOST", "https://gpet.example".to_owned()),
            ("JWT_SECRET", random_hex(32)),
            ("MD5_SECRET_KEY", random_hex(16)),
            ("GPET_PARTNER_SECRET", random_hex(32)),
            ("GPET_DATA_KEY", random_hex(32)),
            ("WX_PAY_KEY", simulators::settings::API_V3_KEY.to_owned()),
            ("GPET_WXPAY_MCH_ID", simulators::settings::MERCHANT_ID.to_owned()),
            (
                "GPET_WXPAY_SERIAL",
                simulators::settings::MERCHANT_SERIAL.to_owned(),
            ),
            ("GPET_WXPAY_APP_ID", simulators::settings::APP_ID.to_owned()),
            (
                "GPET_WXPAY_PLATFORM_SERIAL",
                simulators::settings::PLATFORM_SERIAL.to_owned(),
            ),
            ("GPET_WECHAT_APP_ID", simulators::settings::APP_ID.to_owned()),
            ("GPET_WECHAT_SECRET", simulators::settings::APP_SECRET.to_owned()),
            ("GPET_SMS_KEY_ID", simulators::settings::SMS_KEY_ID.to_owned()),
            (
                "GPET_SMS_KEY_SECRET",
                simulators::settings::SMS_KEY_SECRET.to_owned(),
            ),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        for (name, partner) in [
            ("ROBOT_HOST", "gateway"),
            ("LAUNCH_HOST", "launch"),
            ("GPET_WXPAY_HOST", "wxpay"),
            ("GPET_WECHAT_HOST", "wechat"),
            ("GPET_SMS_HOST", "sms"),
        ] {
            variables.insert(name.to_owned(), format!("{simulator}/{partner}"));
        }
        if self.brokers {
            for (name, file) in [
                ("WXPAY_CLIENT_KEY_PATH", "merchant_key.pem"),
                ("GPET_WXPAY_PLATFORM_KEY_PATH", "platform_public.pem"),
            ] {
                variables.insert(name.to_owned(), key(file));
            }
        }
        variables
    }

    /// Gives everything back.
    pub async fn release(self) -> Result<()> {
        let database = self.endpoints.drop_database(&self.name);
        let vhosts = async {
            if self.brokers {
                self.endpoints.delete_vhost(&self.vhost("gateway")).await?;
                self.endpoints.delete_vhost(&self.vhost("gpet")).await?;
            }
            anyhow::Ok(())
        };
        let (database, vhosts) = tokio::join!(database, vhosts);
        std::fs::remove_dir_all(&self.folder)?;
        database.and(vhosts)
    }
}
