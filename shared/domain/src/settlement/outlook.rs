//! What the rule promises a group as it stands: by which version it is paid, what a day brings, and for how many days.

use super::model::{Basis, MOST_DAYS, Rule, shares};
use super::repo::rules::{self, Ruled};
use kernel::error::Result;
use kernel::id::GroupId;
use kernel::money::Share;
use poem_openapi::Object;
use rust_decimal::Decimal;
use sea_orm::ConnectionTrait;
use std::collections::HashMap;

/// By which rule a group is paid, and what that comes to.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "GroupRule")]
pub struct Outlook {
    /// Code of the profit template it was bound under.
    pub template: String,
    /// Its version.
    pub version: i32,
    /// What a day brings the importer, yuan, six places; null while it earns nothing by star or repeat rate.
    pub daily_income: Option<Share>,
    /// For how many days it is settled at its star; null until it has one.
    pub settle_days: Option<i16>,
}

/// The outlook of groups; such as there are not are left out.
pub(super) async fn outlooks(
    conn: &impl ConnectionTrait,
    groups: &[GroupId],
) -> Result<HashMap<GroupId, Outlook>> {
    if groups.is_empty() {
        return Ok(HashMap::new());
    }
    let ruled = rules::of_groups(conn, groups).await?;
    ruled
        .into_iter()
        .map(|group| Ok((group.id, outlook(group)?)))
        .collect()
}

fn outlook(group: Ruled) -> Result<Outlook> {
    let rule: Rule = serde_json::from_value(group.rule.clone())?;
    let level = group.star.map(|star| rule.level(star));
    Ok(Outlook {
        daily_income: basis(&group, &rule).map(|basis| shares(&basis).user),
        settle_days: match level {
            Some(level) => Some(level.day.min(MOST_DAYS)),
            None => group.old_group.then_some(MOST_DAYS),
        },
        template: group.template,
        version: group.version,
    })
}

/// What would decide the group's line, were it settled now. The parts of those above do not matter to the importer's.
fn basis(group: &Ruled, rule: &Rule) -> Option<Basis> {
    if !group.eligible {
        return None;
    }
    if group.old_group {
        return Some(Basis::Old {
            owned: group.owned,
            repeat_rate: group.repeat_rate?,
        });
    }
    let star = group.star?;
    let level = rule.level(star);
    Some(Basis::New {
        template: group.template.clone(),
        version: group.version,
        star,
        profit: level.profit,
        activity_profit: level.activity_profit,
        rate: level.rate,
        father: Decimal::ZERO,
        grand_father: Decimal::ZERO,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Star;

    fn group(star: Option<Star>, repeat_rate: Option<&str>, eligible: bool) -> Ruled {
        Ruled {
            id: GroupId::new(),
            template: "DEFAULT".to_owned(),
            version: 1,
            rule: serde_json::to_value(Rule::advertised()).unwrap(),
            star,
            old_group: repeat_rate.is_some(),
            repeat_rate: repeat_rate.map(|rate| rate.parse().unwrap()),
            owned: true,
            eligible,
        }
    }

    fn told(group: Ruled) -> (Option<String>, Option<i16>) {
        let outlook = outlook(group).unwrap();
        (
            outlook.daily_income.map(|share| share.to_string()),
            outlook.settle_days,
        )
    }

    #[test]
    fn a_day_brings_what_the_rule_says() {
        let yuan = |text: &str| Some(text.to_owned());
        assert_eq!(
            told(group(Some(Star::Four), None, true)),
            (yuan("0.300000"), Some(30))
        );
        assert_eq!(
            told(group(None, Some("0.35"), true)),
            (yuan("0.292500"), Some(30))
        );
        assert_eq!(told(group(None, None, false)), (None, None));
        assert_eq!(told(group(Some(Star::Four), None, false)), (None, Some(30)));
    }
}
