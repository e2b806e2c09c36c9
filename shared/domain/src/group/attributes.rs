//! What operators and BI know of groups: which are old, how much of one repeats, which got no clicks.

use super::repo::ratings;
use kernel::Context;
use kernel::audit;
use kernel::clock::BusinessDate;
use kernel::error::{Error, Result};
use kernel::id::OperatorId;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use transport::GroupCode;

/// A list may name so many groups.
const MOST: usize = 10_000;

/// What is known of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupAttributes {
    /// The group's code.
    pub code: String,
    /// Whether it is an old group (老群).
    pub old_group: bool,
    /// Its repeat rate, 0 to 1, at most six places.
    pub repeat_rate: Option<Decimal>,
}

/// What became of one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributesResult {
    /// The group's code.
    pub code: String,
    /// Whether it was written.
    pub updated: bool,
    /// Why not.
    pub problem: Option<&'static str>,
}

/// Writes what an operator knows of groups; tells for each entry what became of it, in the order of the list.
///
/// # Errors
/// 1403 for a list that is empty or too long.
pub async fn import_attributes(
    context: &Context,
    operator: OperatorId,
    attributes: Vec<GroupAttributes>,
) -> Result<Vec<AttributesResult>> {
    if attributes.is_empty() || attributes.len() > MOST {
        return Err(Error::params("traits", format!("must be 1 to {MOST} groups")));
    }
    let now = context.clock.now();
    let problems = problems(&attributes);
    let sound: Vec<(&str, bool, Option<Decimal>)> = attributes
        .iter()
        .zip(&problems)
        .filter(|(_, problem)| problem.is_none())
        .map(|(entry, _)| (entry.code.as_str(), entry.old_group, entry.repeat_rate))
        .collect();
    let conn = context.db.begin().await?;
    let written: HashSet<String> = ratings::write_attributes(&conn, &sound, now)
        .await?
        .into_iter()
        .collect();
    let results: Vec<AttributesResult> = attributes
        .iter()
        .zip(problems)
        .map(|(entry, problem)| {
            let problem = problem.or((!written.contains(&entry.code)).then_some("is not a group of ours"));
            AttributesResult {
                code: entry.code.clone(),
                updated: problem.is_none(),
                problem,
            }
        })
        .collect();
    let detail = serde_json::json!({ "attributes": attributes, "updated": written.len() });
    audit::record(&conn, operator, "import_attributes", "groups", detail, now).await?;
    conn.commit().await?;
    Ok(results)
}

/// What is wrong with each entry by itself.
fn problems(attributes: &[GroupAttributes]) -> Vec<Option<&'static str>> {
    let mut seen = HashSet::new();
    attributes
        .iter()
        .map(|entry| {
            let rate = entry.repeat_rate.unwrap_or_default();
            if !seen.insert(entry.code.as_str()) {
                Some("is named twice; the first entry counts")
            } else if !(Decimal::ZERO..=Decimal::ONE).contains(&rate) || rate.normalize().scale() > 6 {
                Some("repeat_rate must be from 0 to 1 with at most six places")
            } else if entry.old_group && entry.repeat_rate.is_none() {
                Some("repeat_rate is required for an old group")
            } else {
                None
            }
        })
        .collect()
}

/// Groups BI saw no ad clicks in today. The day's last list counts, whole.
pub async fn no_click(context: &Context, group_codes: Vec<GroupCode>) -> Result<()> {
    let now = context.clock.now();
    ratings::put_no_click(context.db.autocommit(), BusinessDate::of(now), group_codes, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(code: &str, rate: Option<&str>) -> GroupAttributes {
        GroupAttributes {
            code: code.to_owned(),
            old_group: true,
            repeat_rate: rate.map(|rate| rate.parse().unwrap()),
        }
    }

    #[test]
    fn each_entry_is_judged_by_itself() {
        let attributes = [
            entry("A", Some("0")),
            entry("B", Some("1.01")),
            entry("C", Some("-0.1")),
            entry("D", Some("0.1234567")),
            entry("E", None),
            entry("A", Some("0.5")),
            entry("F", Some("0.50000000")),
        ];
        let sound: Vec<bool> = problems(&attributes).iter().map(Option::is_none).collect();
        assert_eq!(sound, [true, false, false, false, false, false, true]);
    }
}
