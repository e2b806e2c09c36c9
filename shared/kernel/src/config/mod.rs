//! Configuration: embedded defaults, then the profile's file, then the environment; read once, validated at start.

mod daily_times;
mod environment;
mod ip_ranges;
mod sections;
mod validate;

pub use daily_times::DailyTimes;
pub use ip_ranges::IpRanges;
pub use sections::*;

use super::error::{Error, Result};
use config::{Config as Layers, File, FileFormat};
use std::collections::HashMap;

const DEFAULT: &str = include_str!("../../../../config/default.toml");

/// The difference file of a profile.
fn profile_file(profile: &str) -> Option<&'static str> {
    match profile {
        "development" => Some(include_str!("../../../../config/development.toml")),
        "test" => Some(include_str!("../../../../config/test.toml")),
        "production" => Some(include_str!("../../../../config/production.toml")),
        _ => None,
    }
}

impl Config {
    /// Reads the process's environment over the files.
    ///
    /// # Errors
    /// Names the key, and its environment variable, that is missing or wrong.
    pub fn load() -> Result<Config> {
        Config::from_variables(environment::process_variables())
    }

    /// Reads these variables over the files.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_variables(variables: HashMap<String, String>) -> Result<Config> {
        // Nobody gets the loose rules of a developer's machine by forgetting a variable.
        let profile = variables
            .get("GPET_PROFILE")
            .filter(|profile| !profile.is_empty())
            .map_or("production", String::as_str);
        let file = profile_file(profile).ok_or_else(|| {
            Error::params(
                "profile",
                format!("GPET_PROFILE is `{profile}`: use development, test or production"),
            )
        })?;
        let mut layers = Layers::builder()
            .add_source(File::from_str(DEFAULT, FileFormat::Toml))
            .add_source(File::from_str(file, FileFormat::Toml));
        for (variable, key) in environment::VARIABLES {
            let value = variables.get(*variable).filter(|value| !value.is_empty());
            layers = layers
                .set_override_option(*key, value.cloned())
                .map_err(|error| wrong(&error))?;
        }
        let config: Config = layers
            .build()
            .and_then(Layers::try_deserialize)
            .map_err(|error| wrong(&error))?;
        validate::validate(&config)?;
        Ok(config)
    }
}

fn wrong(error: &config::ConfigError) -> Error {
    let text = error.to_string();
    let variable = environment::VARIABLES
        .iter()
        .find(|(_, key)| text.contains(&format!("`{key}`")))
        .map(|(name, _)| *name);
    let hint = variable
        .map(|name| format!(" (environment variable {name})"))
        .unwrap_or_default();
    Error::params("configuration", format!("configuration: {text}{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> HashMap<String, String> {
        environment::tests::complete()
    }

    #[test]
    fn the_previous_systems_names_work() {
        let mut variables = complete();
        variables.insert("DISTRIBUTE_AMOUNT".into(), "7".into());
        variables.insert("FATHER_SETTLE_RATE".into(), "0.125".into());
        let config = Config::from_variables(variables).unwrap();
        assert_eq!(config.capacity.distribute_amount, 7);
        assert_eq!(config.rates.father.to_string(), "0.125");
    }

    #[test]
    fn every_variable_overrides_a_key_that_exists() {
        let defaults: toml::Table = toml_of(DEFAULT);
        for (variable, key) in environment::VARIABLES {
            let mut value = Some(toml::Value::Table(defaults.clone()));
            for part in key.split('.') {
                value = value.and_then(|value| value.get(part).cloned());
            }
            assert!(
                value.is_some(),
                "{variable} overrides {key}, which default.toml does not have"
            );
        }
    }

    fn toml_of(text: &str) -> toml::Table {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_missing_is_named_with_its_variable() {
        for variable in ["DATABASE_URL", "REDIS_URL", "JWT_SECRET", "GPET_DATA_KEY"] {
            let mut variables = complete();
            variables.remove(variable);
            let error = Config::from_variables(variables).unwrap_err();
            assert!(error.message.contains(variable), "{variable}: {error}");
        }
    }

    #[test]
    fn a_number_that_is_none_is_named() {
        let mut variables = complete();
        variables.insert("DISPLAY_RATE".into(), "many".into());
        let error = Config::from_variables(variables).unwrap_err();
        assert!(
            error.message.contains("DISPLAY_RATE") || error.message.contains("display_rate"),
            "{error}"
        );
    }

    #[test]
    fn a_time_that_is_none_is_named() {
        let layers = Layers::builder()
            .add_source(File::from_str(DEFAULT, FileFormat::Toml))
            .set_override("jobs.sync_robots", "12:10, 00:10")
            .unwrap();
        let read: Result<Config, _> = layers.build().and_then(Layers::try_deserialize);
        let error = wrong(&read.unwrap_err());
        assert!(error.message.contains("jobs.sync_robots"), "{error}");
    }

    #[test]
    fn a_link_lives_for_a_minute_to_a_week() {
        let mut config = Config::from_variables(complete()).unwrap();
        for (seconds, fine) in [(59, false), (60, true), (604_800, true), (604_801, false)] {
            config.identity.link_lifetime_seconds = seconds;
            let checked = validate::validate(&config);
            assert_eq!(checked.is_ok(), fine, "{seconds}");
            assert!(
                checked.is_ok()
                    || checked.is_err_and(|error| error.message.contains("link_lifetime_seconds"))
            );
        }
    }

    #[test]
    fn production_refuses_a_shifted_clock() {
        let mut variables = complete();
        variables.insert("GPET_PROFILE".into(), "production".into());
        variables.insert("GPET_CLOCK".into(), "2026-11-22T02:00:00+08:00".into());
        let error = Config::from_variables(variables).unwrap_err();
        assert!(error.message.contains("GPET_CLOCK"), "{error}");
    }

    #[test]
    fn without_a_profile_the_rules_of_production_hold() {
        for unset in [None, Some("")] {
            let mut variables = complete();
            variables.remove("GPET_PROFILE");
            variables.extend(unset.map(|value| ("GPET_PROFILE".to_owned(), value.to_owned())));
            let config = Config::from_variables(variables.clone()).unwrap();
            assert_eq!(config.profile, Profile::Production);
            assert!(!config.api.legacy_signatures);
            variables.insert("GPET_CLOCK".into(), "2026-11-22T02:00:00+08:00".into());
            let error = Config::from_variables(variables).unwrap_err();
            assert!(error.message.contains("GPET_CLOCK"), "{error}");
        }
    }

    #[test]
    fn trusted_proxies_are_networks_separated_by_commas() {
        let proxies = |text: &str| {
            let mut variables = complete();
            variables.insert("GPET_TRUSTED_PROXIES".into(), text.into());
            Config::from_variables(variables).map(|config| config.api.trusted_proxies.to_vec())
        };
        let nets = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
        assert_eq!(proxies("").unwrap(), nets(&["127.0.0.1/32", "::1/128"]), "unset");
        assert_eq!(
            proxies("10.1.2.0/24, 10.9.8.7,fd00::/8").unwrap(),
            nets(&["10.1.2.0/24", "10.9.8.7/32", "fd00::/8"])
        );
        assert_eq!(proxies("none").unwrap(), nets(&[]));
        for wrong in [
            "10.1.2.0/33",
            "nginx",
            "10.1.2.3,",
            ",",
            "0.0.0.0/0",
            "::/0",
            "10.1.2.3/24",
        ] {
            let error = proxies(wrong).expect_err(wrong);
            assert!(error.message.contains("GPET_TRUSTED_PROXIES"), "{wrong}: {error}");
        }
    }

    #[test]
    fn secrets_do_not_show() {
        let shown = format!("{:?}", Config::from_variables(complete()).unwrap());
        assert!(!shown.contains("test-secret"), "{shown}");
    }
}
