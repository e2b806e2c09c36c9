//! A user's groups with what each promises by the rule, and what it brought them up to yesterday.

use super::outlook::{Outlook, outlooks};
use super::repo::earnings::{self, Earned, GroupDay};
use crate::group::{self, GroupState, IncomeFilter, UserGroup, UserGroupDetail};
use kernel::Context;
use kernel::dates::{DateFilter, LONGEST_RANGE};
use kernel::error::Result;
use kernel::id::{GroupId, UserId};
use kernel::page::{Page, Paged};
use kernel::partitions;
use std::collections::HashMap;

/// What a group promises and brought.
#[derive(Debug, Clone, Default)]
pub struct GroupIncome {
    /// By which rule it is paid.
    pub outlook: Option<Outlook>,
    /// What it brought its importer, yesterday and in all.
    pub earned: Earned,
}

/// A user's groups, newest first, with their income; filters are those of [`group::list_for_user`].
pub async fn list_groups_of_user(
    context: &Context,
    user: UserId,
    filter: Option<IncomeFilter>,
    state: Option<GroupState>,
    page: Page,
) -> Result<Paged<(UserGroup, GroupIncome)>> {
    let found = group::list_for_user(context, user, filter, state, page).await?;
    let ids: Vec<GroupId> = found.rows.iter().map(|group| group.id).collect();
    let mut incomes = incomes(context, user, &ids).await?;
    let with_income = found.rows.into_iter().map(|group| {
        let income = incomes.remove(&group.id).unwrap_or_default();
        (group, income)
    });
    Ok(Paged {
        rows: with_income.collect(),
        info: found.info,
    })
}

/// One group of a user's with its income, and what it brought on each date from one to another.
///
/// # Errors
/// 1403 for no range of dates; 1404 when the group is not theirs or does not exist.
pub async fn get_group_of_user(
    context: &Context,
    user: UserId,
    id: GroupId,
    dates: DateFilter,
) -> Result<(UserGroupDetail, GroupIncome, Vec<GroupDay>)> {
    let range = dates.range(context.clock.today(), LONGEST_RANGE)?;
    let detail = group::get_for_user(context, user, id).await?;
    let income = incomes(context, user, &[id]).await?.remove(&id);
    let days = earnings::days_of_group(context.db.read(), user, id, range).await?;
    Ok((detail, income.unwrap_or_default(), days))
}

async fn incomes(
    context: &Context,
    user: UserId,
    groups: &[GroupId],
) -> Result<HashMap<GroupId, GroupIncome>> {
    let (conn, today) = (context.db.read(), context.clock.today());
    let (yesterday, oldest) = (today.minus_days(1), partitions::oldest_kept(today));
    let mut outlooks = outlooks(conn, groups).await?;
    let earned = earnings::earned_by_groups(conn, user, groups, yesterday, oldest).await?;
    let mut income = |id: &GroupId| GroupIncome {
        outlook: outlooks.remove(id),
        earned: earned.get(id).copied().unwrap_or_default(),
    };
    Ok(groups.iter().map(|id| (*id, income(id))).collect())
}
