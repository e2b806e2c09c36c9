//! Profit templates: what a star earns a day. Versions are added, never changed.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::decimal;
use crate::http::envelope::{Answer, answer};
use chrono::{DateTime, Utc};
use domain::identity::Permission;
use domain::settlement::template;
use kernel::clock::BusinessDate;
use kernel::id::TemplateId;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use rust_decimal::Decimal;

pub struct TemplatesApi;

/// One version of a template.
#[derive(Object)]
struct ProfitTemplate {
    id: TemplateId,
    code: String,
    version: i32,
    rule: TemplateRule,
    /// First date it is given to new groups; null for DEFAULT.
    starts_on: Option<BusinessDate>,
    /// Last such date.
    ends_on: Option<BusinessDate>,
    created_at: DateTime<Utc>,
}

/// Levels by star.
#[derive(Object)]
struct TemplateRule {
    one: TemplateLevel,
    two: TemplateLevel,
    three: TemplateLevel,
    four: TemplateLevel,
    five: TemplateLevel,
}

/// The income of one star; amounts are decimal strings of at most six places.
#[derive(Object)]
struct TemplateLevel {
    /// Days until a group is settled out, 1 to 30.
    #[oai(validator(minimum(value = "1"), maximum(value = "30")))]
    day: i16,
    /// Yuan a day.
    profit: decimal::Level,
    /// Factor, 1 unless told.
    rate: Option<decimal::Level>,
    /// Yuan a day on top for the user alone, 0 unless told.
    activity_profit: Option<decimal::Level>,
}

/// A new version.
#[derive(Object)]
struct NewProfitTemplate {
    /// Capital letters, digits and underscores.
    #[oai(validator(pattern = "^[A-Z0-9_]{1,32}$"))]
    code: String,
    rule: TemplateRule,
    /// First date it is given to new groups; none for DEFAULT.
    starts_on: Option<BusinessDate>,
    /// Last such date.
    ends_on: Option<BusinessDate>,
}

impl From<template::Template> for ProfitTemplate {
    fn from(template: template::Template) -> Self {
        ProfitTemplate {
            id: template.id,
            code: template.code,
            version: template.version,
            rule: template.rule.into(),
            starts_on: template.starts_on,
            ends_on: template.ends_on,
            created_at: template.created_at,
        }
    }
}

impl From<template::Rule> for TemplateRule {
    fn from(rule: template::Rule) -> Self {
        TemplateRule {
            one: rule.one.into(),
            two: rule.two.into(),
            three: rule.three.into(),
            four: rule.four.into(),
            five: rule.five.into(),
        }
    }
}

impl From<template::Level> for TemplateLevel {
    fn from(level: template::Level) -> Self {
        TemplateLevel {
            day: level.day,
            profit: decimal::Level(level.profit),
            rate: Some(decimal::Level(level.rate)),
            activity_profit: Some(decimal::Level(level.activity_profit)),
        }
    }
}

impl From<TemplateRule> for template::Rule {
    fn from(rule: TemplateRule) -> Self {
        template::Rule {
            one: rule.one.into(),
            two: rule.two.into(),
            three: rule.three.into(),
            four: rule.four.into(),
            five: rule.five.into(),
        }
    }
}

impl From<TemplateLevel> for template::Level {
    fn from(level: TemplateLevel) -> Self {
        template::Level {
            day: level.day,
            profit: level.profit.0,
            rate: level.rate.map_or(Decimal::ONE, |rate| rate.0),
            activity_profit: level.activity_profit.map_or(Decimal::ZERO, |profit| profit.0),
        }
    }
}

#[OpenApi(prefix_path = "/api/console/settlement/templates", tag = "Area::Settlement")]
impl TemplatesApi {
    /// All versions of all templates, newest version first within a code
    ///
    /// Versions are added, never changed.
    #[oai(path = "/", method = "get", operation_id = "listProfitTemplates")]
    async fn list(&self, app: Data<&AppState>, operator: ConsoleOperator) -> Answer<Vec<ProfitTemplate>> {
        operator.must(Permission::Read)?;
        let all = template::all(app.context()).await?;
        answer(all.into_iter().map(ProfitTemplate::from).collect::<Vec<_>>())
    }

    /// Add a version
    ///
    /// Groups bound before keep theirs.
    #[oai(path = "/", method = "post", operation_id = "addProfitTemplate")]
    async fn add(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        body: Body<NewProfitTemplate>,
    ) -> Answer<ProfitTemplate> {
        operator.must(Permission::EditRates)?;
        let new = template::NewTemplate {
            code: body.0.code,
            rule: body.0.rule.into(),
            starts_on: body.0.starts_on,
            ends_on: body.0.ends_on,
        };
        answer(
            template::add_version(app.context(), operator.id, new)
                .await?
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::parse;

    #[test]
    fn a_level_is_read_as_it_is_shown() {
        for level in template::Rule::advertised().levels() {
            assert_eq!(&template::Level::from(TemplateLevel::from(level.clone())), level);
        }
    }

    #[test]
    fn a_malformed_amount_is_named_with_its_star() {
        let level = |profit: &str| serde_json::json!({ "day": 30, "profit": profit });
        let rule = |profit: &str| {
            let fine = level("0.10");
            serde_json::json!({ "one": fine, "two": level(profit), "three": fine, "four": fine, "five": fine })
        };
        let read = |profit: &str| parse::<TemplateRule>(rule(profit).to_string().as_bytes());
        assert!(read("1000").is_ok());
        for wrong in ["0,5", "1e2", "-1", "1000.01", "0.0000001"] {
            let error = read(wrong).err().and_then(|error| error.field);
            assert_eq!(error.as_deref(), Some("two.profit"), "{wrong}");
        }
    }
}
