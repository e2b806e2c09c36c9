//! The clean-up: planned, looked at, held in parts, and then carried out.

mod holds;

pub use holds::{hold, release};

use super::model::{illegal_name_patterns, overflow};
use super::repo::cleanup::{self as rows, Open, Rule, Stars};
use super::{repo, unbind};
use crate::notice::{self, text};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::id::PlanId;
use kernel::outbox;
use kernel::page::{Page, Paged};
use sea_orm::DatabaseTransaction;

pub use super::model::{CleanupEntry, EntryOutcome, Plan, PlanState, Step, StepCount, Summary};
pub use super::repo::cleanup::PlanSummary;

/// Groups given up in one transaction.
const BATCH: i64 = 500;

/// Plans the date's clean-up: forbidden names, then one-star overflow step by step, then two-star overflow; no group
/// twice. A date has one plan: the second time it is left as it is.
pub async fn plan(context: &Context, date: BusinessDate, dry_run: bool) -> Result<Summary> {
    let conn = context.db.begin().await?;
    repo::lock_cleanup(&conn).await?;
    let plan = match rows::find(&conn, date).await? {
        Some(plan) => plan.id,
        None => {
            let plan = PlanId::new();
            rows::insert(&conn, plan, date, context.clock.now()).await?;
            fill(&conn, context, plan).await?;
            plan
        }
    };
    let steps = rows::counts(&conn, plan).await?;
    if dry_run {
        conn.rollback().await?;
        return Ok(Summary { plan: None, steps });
    }
    let plan = rows::find(&conn, date).await?;
    conn.commit().await?;
    Ok(Summary { plan, steps })
}

async fn fill(conn: &DatabaseTransaction, context: &Context, plan: PlanId) -> Result<()> {
    let settings = &context.config.groups;
    let now = context.clock.now();
    let youngest = TimeDelta::days(i64::try_from(settings.youngest_days).unwrap_or(i64::from(i32::MAX)));
    let rule = Rule {
        illegal_names: illegal_name_patterns(&settings.illegal_name),
        no_click_since: now - TimeDelta::hours(24),
        few_members: settings.one_star_member_limit,
        bound_before: now - youngest,
    };
    rows::take_time(conn).await?;
    rows::take(conn, plan, Step::IllegalName, &rule, i64::MAX).await?;
    let one_star = rows::left(conn, plan, Stars::OneOrNone).await?;
    let mut remaining = overflow(one_star, settings.one_star_total_limit);
    for step in Step::ONE_STAR {
        if remaining > 0 {
            remaining -= rows::take(conn, plan, step, &rule, remaining).await?;
        }
    }
    let two_star = rows::left(conn, plan, Stars::Two).await?;
    let remaining = overflow(two_star, settings.two_star_total_limit);
    if remaining > 0 {
        rows::take(conn, plan, Step::OldestTwoStar, &rule, remaining).await?;
    }
    Ok(())
}

/// The date's plan, if it has been made.
pub async fn find(context: &Context, date: BusinessDate) -> Result<Option<Summary>> {
    let conn = context.db.read();
    let Some(plan) = rows::find(conn, date).await? else {
        return Ok(None);
    };
    let steps = rows::counts(conn, plan.id).await?;
    Ok(Some(Summary {
        plan: Some(plan),
        steps,
    }))
}

/// Plans, newest date first.
pub async fn list(context: &Context, page: Page) -> Result<Paged<PlanSummary>> {
    rows::plans(context.db.read(), page).await
}

/// The groups of a plan, in the order of its steps.
pub async fn entries(context: &Context, plan: PlanId, page: Page) -> Result<Paged<CleanupEntry>> {
    rows::entries(context.db.read(), plan, page).await
}

/// Carries the date's plan out, except for entries that are held, in this plan or in another one, or whose reason no
/// longer applies. May be repeated; without a plan it does nothing.
///
/// # Errors
/// A database error; batches before it are done.
pub async fn carry_out(context: &Context, date: BusinessDate) -> Result<Summary> {
    let Some(plan) = rows::find(context.db.read(), date).await? else {
        return Ok(Summary {
            plan: None,
            steps: Vec::new(),
        });
    };
    while carry_out_batch(context, plan.id).await? {}
    let steps = rows::counts(context.db.read(), plan.id).await?;
    let plan = rows::find(context.db.read(), date).await?;
    Ok(Summary { plan, steps })
}

/// True when there may be more.
async fn carry_out_batch(context: &Context, plan: PlanId) -> Result<bool> {
    let conn = context.db.begin().await?;
    let now = context.clock.now();
    repo::lock_cleanup(&conn).await?;
    let open = rows::open(&conn, plan, BATCH).await?;
    if open.is_empty() {
        rows::finish(&conn, plan, now).await?;
        conn.commit().await?;
        return Ok(false);
    }
    let mut going = Vec::with_capacity(open.len());
    for entry in open.iter().filter(|entry| entry.stands) {
        going.push((entry.group_id, entry.cancel_reason));
    }
    unbind::cancel(&conn, &going, now).await?;
    if context.config.groups.notify_cleanup {
        tell(&conn, &open, now).await?;
    }
    rows::close(&conn, plan, &open, now).await?;
    conn.commit().await?;
    Ok(true)
}

async fn tell(conn: &DatabaseTransaction, open: &[Open], now: DateTime<Utc>) -> Result<()> {
    let mut notices = Vec::new();
    for entry in open.iter().filter(|entry| entry.stands) {
        if let (Some(robot), Some(user)) = (&entry.robot_code, &entry.user_code) {
            let due = super::model::notice_due(now);
            let told = notice::say(robot, user, text::group::cleaned_up(&entry.name))?;
            notices.push(match due {
                Some(due) => told.put_off(due),
                None => told,
            });
        }
    }
    outbox::push(conn, now, notices).await
}
