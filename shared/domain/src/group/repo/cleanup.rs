//! Clean-up plans.

use super::super::model::{CleanupEntry, Plan, PlanState, Star, Step, StepCount};
use crate::group::entity::cleanup_plan;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{GroupId, OperatorId, PlanId};
use kernel::listing::Listing;
use kernel::page::{Page, Paged};
use poem_openapi::Object;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, Value,
};
use transport::{CancelReason, RobotCode, UserCode};
use uuid::Uuid;

/// Whether an operator keeps the group `g` out of another plan than `$1`. A hold binds every plan until its own is carried
/// out, and those of earlier dates for good, since they can be made at any time; a later plan may be looked at again.
const HELD_ELSEWHERE: &str = "EXISTS (
         SELECT FROM cleanup_entries AS h JOIN cleanup_plans AS own ON own.id = h.plan_id
         WHERE h.group_id = g.id AND h.plan_id <> $1 AND h.held_by IS NOT NULL
           AND (own.state = 'planned' OR own.business_date > (SELECT business_date FROM cleanup_plans WHERE id = $1)))";

/// Active, not planned yet, not held in another plan, and not about to go anyway; $1 is the plan.
fn available() -> String {
    format!(
        "g.cancelled_at IS NULL
         AND NOT EXISTS (SELECT FROM cleanup_entries e WHERE e.plan_id = $1 AND e.group_id = g.id)
         AND NOT EXISTS (SELECT FROM unbind_requests q WHERE q.group_id = g.id)
         AND NOT {HELD_ELSEWHERE}"
    )
}

/// Which stars an overflow is counted over.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Stars {
    OneOrNone,
    Two,
}

pub(in super::super) async fn find(conn: &impl ConnectionTrait, date: BusinessDate) -> Result<Option<Plan>> {
    let plan = cleanup_plan::Entity::find().filter(cleanup_plan::Column::BusinessDate.eq(date));
    Ok(plan.into_model().one(conn).await?)
}

pub(in super::super) async fn insert(
    conn: &impl ConnectionTrait,
    plan: PlanId,
    date: BusinessDate,
    now: DateTime<Utc>,
) -> Result<()> {
    let plan = cleanup_plan::Model {
        id: plan,
        business_date: date,
        state: PlanState::Planned,
        planned_at: now,
        carried_out_at: None,
    };
    let insert = cleanup_plan::Entity::insert(plan.into_active_model());
    insert.exec_without_returning(conn).await?;
    Ok(())
}

/// Lets a plan take its time over a million groups.
pub(in super::super) async fn take_time(conn: &impl ConnectionTrait) -> Result<()> {
    db::execute(conn, "SET LOCAL statement_timeout = '120s'", [])
        .await
        .map(|_| ())
}

/// How many groups with these stars the plan leaves.
pub(in super::super) async fn left(conn: &impl ConnectionTrait, plan: PlanId, stars: Stars) -> Result<i64> {
    let stars = match stars {
        Stars::OneOrNone => format!("(g.star IS NULL OR g.star = {})", Star::One),
        Stars::Two => format!("g.star = {}", Star::Two),
    };
    let sql = format!(
        "SELECT count(*) FROM groups g WHERE {available} AND {stars}",
        available = available()
    );
    Ok(db::fetch_scalar(conn, &sql, [plan.into()]).await?.unwrap_or(0))
}

/// Plans up to `limit` groups that `condition` (about $5) holds for and that were bound before `bound_before`, oldest
/// first; tells how many.
async fn add(
    conn: &impl ConnectionTrait,
    plan: PlanId,
    step: Step,
    condition: &str,
    argument: Value,
    bound_before: DateTime<Utc>,
    limit: i64,
) -> Result<i64> {
    let sql = format!(
        "INSERT INTO cleanup_entries (plan_id, group_id, step, cancel_reason)
         SELECT $1, g.id, $2, $3 FROM groups g
         WHERE {available} AND g.bound_at <= $4 AND {condition}
         ORDER BY g.bound_at, g.id LIMIT $6",
        available = available()
    );
    let values = [
        plan.into(),
        step.into(),
        step.reason().into(),
        bound_before.into(),
        argument,
        limit.into(),
    ];
    let added = db::execute(conn, &sql, values).await?;
    Ok(i64::try_from(added).unwrap_or(i64::MAX))
}

/// What the steps go by.
pub(in super::super) struct Rule {
    pub illegal_names: Vec<String>,
    pub no_click_since: DateTime<Utc>,
    pub few_members: i32,
    pub bound_before: DateTime<Utc>,
}

/// Takes one step, up to `limit` groups; tells how many it took.
pub(in super::super) async fn take(
    conn: &impl ConnectionTrait,
    plan: PlanId,
    step: Step,
    rule: &Rule,
    limit: i64,
) -> Result<i64> {
    let one = Star::One;
    let (condition, argument): (String, Value) = match step {
        Step::IllegalName => (
            "g.name LIKE ANY ($5::text[])".to_owned(),
            rule.illegal_names.clone().into(),
        ),
        Step::DeliveryOff => (format!("g.star = {one} AND g.launch_switch = $5"), false.into()),
        Step::NoClick => (
            format!(
                "g.star = {one} AND g.code IN (
                     SELECT unnest(group_codes) FROM (
                         SELECT group_codes FROM no_click_lists WHERE received_at >= $5
                         ORDER BY received_at DESC LIMIT 1) newest)"
            ),
            rule.no_click_since.into(),
        ),
        Step::FewMembers => (
            format!("(g.star IS NULL OR g.star = {one}) AND g.member_count BETWEEN 1 AND $5"),
            rule.few_members.into(),
        ),
        Step::OldestOneStar => ("g.star = $5".to_owned(), one.into()),
        Step::OldestTwoStar => ("g.star = $5".to_owned(), Star::Two.into()),
    };
    add(conn, plan, step, &condition, argument, rule.bound_before, limit).await
}

/// The steps as plans take and lists show them.
fn steps_in_order() -> Value {
    Step::ALL.map(|step| step.name().to_owned()).to_vec().into()
}

/// A plan and what it comes to.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
#[oai(rename = "CleanupPlanSummary")]
pub struct PlanSummary {
    /// The plan.
    pub id: PlanId,
    /// Its date.
    pub business_date: BusinessDate,
    /// How far it is.
    pub state: PlanState,
    /// When it was made.
    pub planned_at: DateTime<Utc>,
    /// When it was carried out.
    pub carried_out_at: Option<DateTime<Utc>>,
    /// Groups planned.
    pub groups: i64,
    /// Of these, held by an operator.
    pub held: i64,
    /// Given up.
    pub asked: i64,
    /// Gone, rated otherwise or held in another plan before their time came.
    pub lapsed: i64,
}

/// Plans, newest date first. What each comes to is counted for the page's only.
pub(in super::super) async fn plans(conn: &impl ConnectionTrait, page: Page) -> Result<Paged<PlanSummary>> {
    let listing = Listing {
        columns: "p.id, p.business_date, p.state, p.planned_at, p.carried_out_at,
                  (SELECT count(*) FROM cleanup_entries WHERE plan_id = p.id) AS groups,
                  (SELECT count(held_by) FROM cleanup_entries WHERE plan_id = p.id) AS held,
                  (SELECT count(*) FROM cleanup_entries WHERE plan_id = p.id AND outcome = 'asked') AS asked,
                  (SELECT count(*) FROM cleanup_entries WHERE plan_id = p.id AND outcome = 'lapsed') AS lapsed",
        from: "cleanup_plans AS p",
        order: "p.business_date DESC",
    };
    listing.page(conn, Vec::new(), page).await
}

/// How many groups each step took.
pub(in super::super) async fn counts(conn: &impl ConnectionTrait, plan: PlanId) -> Result<Vec<StepCount>> {
    let sql = "SELECT step, count(*) AS groups, count(held_by) AS held,
                      count(*) FILTER (WHERE outcome = 'asked') AS asked, count(*) FILTER (WHERE outcome = 'lapsed') AS lapsed
               FROM cleanup_entries WHERE plan_id = $1 GROUP BY step ORDER BY array_position($2, step)";
    db::fetch_all(conn, sql, [plan.into(), steps_in_order()]).await
}

pub(in super::super) async fn entries(
    conn: &impl ConnectionTrait,
    plan: PlanId,
    page: Page,
) -> Result<Paged<CleanupEntry>> {
    let total: Option<i64> = db::fetch_scalar(
        conn,
        "SELECT count(*) FROM cleanup_entries WHERE plan_id = $1",
        [plan.into()],
    )
    .await?;
    let sql = "SELECT e.group_id, g.code, g.name, u.code AS user_code, g.star, g.member_count, g.bound_at, e.step, e.cancel_reason,
                      e.held_by, e.held_reason, e.outcome, e.carried_out_at
               FROM cleanup_entries e JOIN groups g ON g.id = e.group_id JOIN users u ON u.id = g.user_id
               WHERE e.plan_id = $1
               ORDER BY array_position($4, e.step), g.bound_at, g.id
               LIMIT $2 OFFSET $3";
    let rows = db::fetch_all(
        conn,
        sql,
        [
            plan.into(),
            page.limit().into(),
            page.offset().into(),
            steps_in_order(),
        ],
    )
    .await?;
    Ok(Paged {
        rows,
        info: page.info(u64::try_from(total.unwrap_or(0)).unwrap_or(0)),
    })
}

/// How a group stands in a plan.
#[derive(Debug, FromQueryResult)]
pub(in super::super) struct EntryState {
    pub carried_out: bool,
    /// The network is being asked to unbind it, by another plan or by whoever.
    pub going: bool,
    pub plan_over: bool,
    pub held_by: Option<OperatorId>,
    pub held_reason: Option<String>,
}

/// How a group stands in a plan, locked; nothing when it is not in it.
pub(in super::super) async fn lock_entry(
    conn: &impl ConnectionTrait,
    plan: PlanId,
    group: GroupId,
) -> Result<Option<EntryState>> {
    let sql = "SELECT e.carried_out_at IS NOT NULL AS carried_out, p.state = 'carried_out' AS plan_over, e.held_by, e.held_reason,
                      EXISTS (SELECT FROM unbind_requests WHERE group_id = e.group_id) AS going
               FROM cleanup_entries e JOIN cleanup_plans p ON p.id = e.plan_id
               WHERE e.plan_id = $1 AND e.group_id = $2 FOR UPDATE OF e";
    db::fetch_optional(conn, sql, [plan.into(), group.into()]).await
}

pub(in super::super) async fn hold(
    conn: &impl ConnectionTrait,
    plan: PlanId,
    group: GroupId,
    operator: OperatorId,
    reason: &str,
) -> Result<()> {
    let sql =
        "UPDATE cleanup_entries SET held_by = $3, held_reason = $4 WHERE plan_id = $1 AND group_id = $2";
    let values = [plan.into(), group.into(), operator.into(), reason.into()];
    db::execute(conn, sql, values).await.map(|_| ())
}

pub(in super::super) async fn release(
    conn: &impl ConnectionTrait,
    plan: PlanId,
    group: GroupId,
) -> Result<()> {
    let sql =
        "UPDATE cleanup_entries SET held_by = NULL, held_reason = NULL WHERE plan_id = $1 AND group_id = $2";
    db::execute(conn, sql, [plan.into(), group.into()])
        .await
        .map(|_| ())
}

/// An entry to carry out.
#[derive(Debug, FromQueryResult)]
pub(in super::super) struct Open {
    pub group_id: GroupId,
    pub cancel_reason: CancelReason,
    /// Whether the group is still what it was planned for, and held in no other plan.
    pub stands: bool,
    pub name: String,
    pub user_code: Option<UserCode>,
    pub robot_code: Option<RobotCode>,
}

/// Locks up to `limit` entries that are neither held nor carried out.
pub(in super::super) async fn open(
    conn: &impl ConnectionTrait,
    plan: PlanId,
    limit: i64,
) -> Result<Vec<Open>> {
    let sql = format!(
        "SELECT e.group_id, e.cancel_reason, g.name, u.code AS user_code, r.code AS robot_code,
                g.cancelled_at IS NULL AND NOT {HELD_ELSEWHERE} AND CASE e.step WHEN 'illegal_name' THEN true
                                              WHEN 'few_members' THEN coalesce(g.star, {one}) = {one}
                                              WHEN 'oldest_two_star' THEN g.star IS NOT DISTINCT FROM {two}
                                              ELSE g.star IS NOT DISTINCT FROM {one} END AS stands
         FROM cleanup_entries e JOIN groups g ON g.id = e.group_id JOIN users u ON u.id = g.user_id
              LEFT JOIN robots r ON r.id = g.robot_id
         WHERE e.plan_id = $1 AND e.held_by IS NULL AND e.carried_out_at IS NULL
         ORDER BY e.group_id LIMIT $2 FOR UPDATE OF e",
        one = Star::One,
        two = Star::Two
    );
    db::fetch_all(conn, &sql, [plan.into(), limit.into()]).await
}

/// These entries are over; those named stood.
pub(in super::super) async fn close(
    conn: &impl ConnectionTrait,
    plan: PlanId,
    entries: &[Open],
    now: DateTime<Utc>,
) -> Result<()> {
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.group_id.0).collect();
    let stood: Vec<bool> = entries.iter().map(|entry| entry.stands).collect();
    let sql = "UPDATE cleanup_entries e SET carried_out_at = $4, outcome = CASE WHEN done.stood THEN 'asked' ELSE 'lapsed' END
               FROM unnest($2::uuid[], $3::boolean[]) AS done (group_id, stood)
               WHERE e.plan_id = $1 AND e.group_id = done.group_id";
    db::execute(conn, sql, [plan.into(), ids.into(), stood.into(), now.into()])
        .await
        .map(|_| ())
}

pub(in super::super) async fn finish(
    conn: &impl ConnectionTrait,
    plan: PlanId,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE cleanup_plans SET state = 'carried_out', carried_out_at = $2 WHERE id = $1 AND state = 'planned'";
    db::execute(conn, sql, [plan.into(), now.into()])
        .await
        .map(|_| ())
}
