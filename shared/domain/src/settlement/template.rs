//! Profit templates by version: entered by operators, read by runs.

pub use super::model::{Level, NewTemplate, Rule, Template};
use super::repo::templates;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::audit;
use kernel::error::{Error, Result};
use kernel::id::OperatorId;
use sea_orm::ConnectionTrait;

/// All versions of all templates, newest version first within a code.
pub async fn all(context: &Context) -> Result<Vec<Template>> {
    templates::all(context.db.read()).await
}

/// Enters the next version of a template. Groups bound before keep theirs.
///
/// # Errors
/// 1403 naming what is wrong, also when another template than DEFAULT runs on one of its dates.
pub async fn add_version(context: &Context, operator: OperatorId, new: NewTemplate) -> Result<Template> {
    new.rule.check()?;
    let named = (1..=32).contains(&new.code.len())
        && new
            .code
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if !named {
        return Err(Error::params(
            "code",
            "must be 1 to 32 capital letters, digits or underscores",
        ));
    }
    let dated = new.starts_on.is_some() && new.ends_on.is_some() && new.starts_on <= new.ends_on;
    if (new.code == "DEFAULT") == dated
        || (new.code == "DEFAULT" && (new.starts_on.is_some() || new.ends_on.is_some()))
    {
        return Err(Error::params(
            "starts_on",
            "every template but DEFAULT needs starts_on and ends_on, in this order",
        ));
    }
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    templates::lock(&txn).await?;
    if let Some(other) = templates::clash(&txn, &new).await? {
        return Err(Error::params(
            "starts_on",
            format!("template {other} runs on some of these dates"),
        ));
    }
    let row = templates::insert(&txn, &new, Some(operator), now).await?;
    let detail = serde_json::json!({ "version": row.version, "rule": row.rule });
    audit::record(&txn, operator, "add_template_version", &new.code, detail, now).await?;
    txn.commit().await?;
    Ok(row)
}

/// Makes version 1 of DEFAULT in an empty table.
pub async fn seed(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<()> {
    if templates::has_default(conn).await? {
        return Ok(());
    }
    // Of two that find none, one waits here and finds it then.
    templates::lock(conn).await?;
    if templates::has_default(conn).await? {
        return Ok(());
    }
    let new = NewTemplate {
        code: "DEFAULT".to_owned(),
        rule: Rule::advertised(),
        starts_on: None,
        ends_on: None,
    };
    templates::insert(conn, &new, None, now).await.map(|_| ())
}
