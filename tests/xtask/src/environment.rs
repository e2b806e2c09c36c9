//! The environment that configures the product: written to `.gpet/env`, read by programs, scripts and people.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use stack::{Endpoints, free_ports, random_hex};

/// Names and values. Secrets and ports are chosen at the first start and kept by later ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    values: BTreeMap<String, String>,
}

impl Environment {
    /// What `file` holds; empty when there is none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(file: &Path) -> Result<Self> {
        if !file.exists() {
            return Ok(Self::default());
        }
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let lines = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('='));
        Self {
            values: lines
                .map(|(name, value)| (name.to_owned(), unquoted(value)))
                .collect(),
        }
    }

    /// Points everything at these servers, at one simulator, and at keys in the folder `keys`.
    ///
    /// # Errors
    /// When no ports are free.
    pub fn complete(&mut self, endpoints: &Endpoints, database: &str, keys: &Path) -> Result<()> {
        self.set("DATABASE_URL", endpoints.postgres.url(database));
        self.set("REDIS_URL", endpoints.redis.url(0));
        self.set("MQ_CONFIG", endpoints.rabbitmq.url("gateway"));
        self.set("INNER_MQ_CONFIG", endpoints.rabbitmq.url("gpet"));
        self.choose_ports()?;
        let simulators = self.get("GPET_SIM_URL").to_owned();
        for (name, partner) in [
            ("ROBOT_HOST", "gateway"),
            ("LAUNCH_HOST", "launch"),
            ("GPET_WXPAY_HOST", "wxpay"),
            ("GPET_WECHAT_HOST", "wechat"),
            ("GPET_SMS_HOST", "sms"),
        ] {
            self.set(name, format!("{simulators}/{partner}"));
        }
        for (name, file) in [
            ("WXPAY_CLIENT_KEY_PATH", "merchant_key.pem"),
            ("GPET_WXPAY_PLATFORM_KEY_PATH", "platform_public.pem"),
        ] {
            self.set(name, keys.join(file).display().to_string());
        }
        for (name, bytes) in [
            ("MD5_SECRET_KEY", 16),
            ("JWT_SECRET", 32),
            ("GPET_PARTNER_SECRET", 32),
            // WeChat's APIv3 key has exactly 32 characters.
            ("WX_PAY_KEY", 16),
            ("GPET_DATA_KEY", 32),
            ("GPET_CONSOLE_PASSWORD", 12),
            ("GPET_WECHAT_SECRET", 16),
            ("GPET_SMS_KEY_SECRET", 16),
        ] {
            self.keep_or(name, || random_hex(bytes));
        }
        // Names, not secrets: the product and the simulated partners must agree on them.
        for (name, value) in [
            ("GPET_WXPAY_MCH_ID", "1900000109"),
            ("GPET_WXPAY_SERIAL", "5A1D0000000000000000000000000000000000E7"),
            ("GPET_WXPAY_PLATFORM_SERIAL", "PUB_KEY_ID_SIM"),
            ("GPET_WXPAY_APP_ID", "wxsim0000000000001"),
            ("GPET_WECHAT_APP_ID", "wxsim0000000000001"),
            ("GPET_SMS_KEY_ID", "sim-sms-key"),
        ] {
            self.set(name, value.to_owned());
        }
        let api = self.get("GPET_API_URL").to_owned();
        self.set("GPET_WXPAY_NOTIFY_URL", format!("{api}/wxpay/notify"));
        self.set("LOCALHOST", api);
        self.keep_or("GPET_CONSOLE_USER", || "admin".into());
        self.set("GPET_PROFILE", "development".into());
        Ok(())
    }

    fn choose_ports(&mut self) -> Result<()> {
        let urls = ["GPET_API_URL", "GPET_SCHEDULER_URL", "GPET_SIM_URL"];
        let last = urls.map(|name| {
            self.get(name)
                .rsplit(':')
                .next()
                .and_then(|port| port.parse().ok())
        });
        let ports = free_ports(urls.len(), &last.map(Option::unwrap_or_default))?;
        for (name, port) in urls.into_iter().zip(&ports) {
            self.set(name, format!("http://127.0.0.1:{port}"));
        }
        self.set("GPET_API_LISTEN", format!("127.0.0.1:{}", ports[0]));
        self.set("GPET_SCHEDULER_LISTEN", format!("127.0.0.1:{}", ports[1]));
        Ok(())
    }

    /// The value of a name, empty when it has none.
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// All names and values.
    pub fn pairs(&self) -> impl Iterator<Item = (&String, &String)> {
        self.values.iter()
    }

    /// Writes the file, readable by its owner only.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, file: &Path) -> Result<()> {
        stack::write_private(file, &self.to_string())
    }

    /// Sets a value.
    pub fn set(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    fn keep_or(&mut self, name: &str, new: impl FnOnce() -> String) {
        self.values.entry(name.to_owned()).or_insert_with(new);
    }
}

impl std::fmt::Display for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            formatter,
            "# Written by `cargo xtask up`. Read it with: set -a; . .gpet/env; set +a"
        )?;
        self.values
            .iter()
            .try_for_each(|(name, value)| writeln!(formatter, "{name}={}", quoted(value)))
    }
}

/// As a POSIX shell reads it; in quotes only where it must be.
fn quoted(value: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_-./:@%+,=".contains(character);
    if value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

fn unquoted(value: &str) -> String {
    match value
        .strip_prefix('\'')
        .and_then(|value| value.strip_suffix('\''))
    {
        Some(inner) => inner.replace(r"'\''", "'"),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_and_we_read_back_the_same_values() {
        let mut environment = Environment::default();
        environment.set("PLAIN", "amqp://u:p@127.0.0.1:5/%2f".into());
        environment.set("AWKWARD", "it's a $HOME `of` \"quotes\" #1".into());
        let text = environment.to_string();
        assert_eq!(Environment::parse(&text), environment);
        let script = format!("set -a\n{text}printf '%s\\n' \"$PLAIN\" \"$AWKWARD\"");
        let shell = Command::new("sh").args(["-eu", "-c", &script]).output().unwrap();
        let expected = format!("{}\n{}\n", environment.get("PLAIN"), environment.get("AWKWARD"));
        assert_eq!(String::from_utf8_lossy(&shell.stdout), expected);
    }
}
