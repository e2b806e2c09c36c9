//! A settlement run: one transaction from the groups as they are to the slips and balances.

use super::model::{self, Basis, RunKind, shares};
use super::rates::{self, Rates};
use super::template::{self, Template};
use super::{repo, sql};
use crate::Context;
use crate::kernel::clock::BusinessDate;
use crate::kernel::db;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::{RunId, TemplateId, new_uuid};
use crate::kernel::job_run::Fence;
use crate::kernel::money::Money;
use crate::kernel::page::{Page, Paged};
use crate::ledger::fees::{MANY_WALLETS_LOCK, sequence_prefix};
use crate::tracking::{self, BusinessEvent};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use std::collections::HashMap;
use std::time::Instant;
use uuid::Uuid;

/// A run under way.
#[derive(Debug)]
pub(super) struct Run {
    pub id: RunId,
    pub kind: RunKind,
    pub settle_date: BusinessDate,
    pub batch_no: i32,
    pub settled_at: DateTime<Utc>,
}

/// A run that is done.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs)]
pub struct RunSummary {
    pub id: RunId,
    /// `groups` or `ads`.
    pub kind: String,
    pub settle_date: BusinessDate,
    /// 0, or the number of a supplementary ads batch.
    pub batch_no: i32,
    pub rates_version: i32,
    pub group_count: i32,
    pub slip_count: i32,
    /// Sum of the slips.
    pub total: Money,
    /// Milliseconds per step.
    pub timings: serde_json::Value,
    pub settled_at: DateTime<Utc>,
}

/// What a call came to.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The run happened now.
    Settled(RunSummary),
    /// It had happened before; nothing changed.
    AlreadyDone(RunSummary),
    /// A dry run: what it would have come to.
    Rehearsed(RunSummary),
}

impl Outcome {
    /// The run.
    pub fn summary(&self) -> &RunSummary {
        match self {
            Outcome::Settled(summary) | Outcome::AlreadyDone(summary) | Outcome::Rehearsed(summary) => {
                summary
            }
        }
    }
}

/// How a run is to be done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Settle a date that has not ended. Refused in production by the callers that offer it.
    pub allow_open_day: bool,
    /// Do everything, then roll back.
    pub dry_run: bool,
    /// The lease of the job that asks; a run that lost it writes nothing.
    pub fence: Option<&'a Fence>,
}

/// Settles one (kind, date, batch), once.
///
/// # Errors
/// 1403 for a date that has not ended, 1404 for an ads date without that batch; what PostgreSQL says, and nothing has
/// changed then.
pub async fn settle(
    context: &Context,
    kind: RunKind,
    settle_date: BusinessDate,
    batch_no: i32,
    options: Options<'_>,
) -> Result<Outcome> {
    model::check_date(settle_date, context.clock.today(), options.allow_open_day)?;
    if let Some(done) = repo::find(context.db.read(), kind, settle_date, batch_no).await? {
        return Ok(Outcome::AlreadyDone(done));
    }
    db::execute(
        context.db.read(),
        "SELECT ensure_partitions($1)",
        [settle_date.into()],
    )
    .await?;
    let run = Run {
        id: RunId::new(),
        kind,
        settle_date,
        batch_no,
        settled_at: context.clock.now(),
    };
    let txn = context.db.begin().await?;
    txn.execute_unprepared(sql::PREPARE).await?;
    // The two runs of a date, two replicas, and fee collection wait for each other here.
    db::execute(
        &txn,
        "SELECT set_config('lock_timeout', '0', true), pg_advisory_xact_lock($1)",
        [MANY_WALLETS_LOCK.into()],
    )
    .await?;
    let rates = rates::current(&txn).await?;
    let values = [
        run.id.into(),
        kind.name().into(),
        settle_date.into(),
        batch_no.into(),
        rates.version.into(),
        run.settled_at.into(),
    ];
    if db::execute(&txn, sql::INSERT_RUN, values).await? == 0 {
        let done = repo::find(&txn, kind, settle_date, batch_no).await?;
        return done
            .map(Outcome::AlreadyDone)
            .ok_or_else(|| Error::internal("a run vanished"));
    }
    if kind == RunKind::Ads {
        require_batch(&txn, &run).await?;
    }
    let summary = carry_out(&txn, &run, &rates).await?;
    if options.dry_run {
        txn.rollback().await?;
        return Ok(Outcome::Rehearsed(summary));
    }
    announce(&txn, &run, &summary).await?;
    if let Some(fence) = options.fence {
        fence.hold(&txn).await?;
    }
    txn.commit().await?;
    metrics::counter!("gpet_settled_slips_total", "kind" => kind.name()).increment(summary.slip_count as u64);
    refresh_statistics(context).await;
    Ok(Outcome::Settled(summary))
}

/// A run changes the shape of these tables at a stroke; plans made before autovacuum comes by would be hopeless.
async fn refresh_statistics(context: &Context) {
    let tables = "ANALYZE settlement_lines, settlement_importers, settlement_movements, ledger_postings, ledger_lines, slips, accounts";
    if let Err(error) = context.db.read().execute_unprepared(tables).await {
        tracing::warn!(%error, "cannot refresh the statistics after a run; autovacuum will");
    }
}

async fn require_batch(txn: &DatabaseTransaction, run: &Run) -> Result<()> {
    let exists = "SELECT true FROM ad_batches WHERE settle_date = $1 AND batch_no = $2 FOR SHARE";
    let values = [run.settle_date.into(), run.batch_no.into()];
    db::fetch_scalar::<bool>(txn, exists, values)
        .await?
        .map(|_| ())
        .ok_or_else(|| Error::not_found("ads batch"))
}

/// The steps, timed.
async fn carry_out(txn: &DatabaseTransaction, run: &Run, rates: &Rates) -> Result<RunSummary> {
    let mut timed = Timed {
        timings: serde_json::Map::new(),
        last: Instant::now(),
    };
    let source = if run.kind == RunKind::Groups {
        sql::groups(run)
    } else {
        sql::ads(run)
    };
    txn.execute_unprepared(&source).await?;
    txn.execute_unprepared("ANALYZE run_groups").await?;
    timed.step("read_groups");
    let templates = template::all(txn).await?;
    let inputs = write_inputs(txn, run, rates, &templates).await?;
    timed.step("compute_shares");
    let lines = txn.execute_unprepared(&sql::lines(run)).await?.rows_affected();
    timed.step("write_lines");
    txn.execute_unprepared(sql::IMPORTERS).await?;
    txn.execute_unprepared("ANALYZE run_importers").await?;
    txn.execute_unprepared(&sql::keep_importers(run)).await?;
    timed.step("sum_by_importer");
    txn.execute_unprepared(&sql::totals(run, &sequence_prefix(new_uuid())))
        .await?;
    txn.execute_unprepared("ANALYZE run_totals").await?;
    timed.step("sum_by_beneficiary");
    txn.execute_unprepared(&sql::movements(run)).await?;
    timed.step("write_movements");
    let slips = txn.execute_unprepared(&sql::postings(run)).await?.rows_affected();
    txn.execute_unprepared(&sql::posting_lines(run)).await?;
    timed.step("write_postings");
    if run.kind == RunKind::Groups {
        advance_groups(txn, run, &templates).await?;
        timed.step("advance_groups");
    }
    let total: Money = db::fetch_scalar(txn, &sql::house(run), [])
        .await?
        .unwrap_or_default();
    let written = txn.execute_unprepared(&sql::wallets(run)).await?.rows_affected();
    timed.step("write_wallets_and_slips");
    if written != slips {
        return Err(Error::internal(format!("{slips} postings but {written} slips")));
    }
    tracing::info!(kind = run.kind.name(), date = %run.settle_date, lines, inputs, slips, %total, "settled");
    finish(txn, run, lines, slips, total, timed.timings).await
}

struct Timed {
    timings: serde_json::Map<String, serde_json::Value>,
    last: Instant,
}

impl Timed {
    fn step(&mut self, name: &str) {
        let elapsed = self.last.elapsed().as_millis() as u64;
        self.timings.insert(name.to_owned(), elapsed.into());
        self.last = Instant::now();
    }
}

#[derive(FromQueryResult)]
struct Case {
    case_template: Uuid,
    case_level: i16,
    case_amount: Decimal,
}

/// Computes the shares of each distinct case once and keeps what decided them.
async fn write_inputs(
    txn: &DatabaseTransaction,
    run: &Run,
    rates: &Rates,
    templates: &[Template],
) -> Result<usize> {
    let cases: Vec<Case> = db::fetch_all(txn, sql::CASES, []).await?;
    let templates: HashMap<TemplateId, &Template> =
        templates.iter().map(|template| (template.id, template)).collect();
    let (mut numbers, mut ids, mut levels, mut amounts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut users, mut masters, mut grand_masters, mut kept) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, case) in (1_i32..).zip(&cases) {
        let basis = basis(run.kind, case, rates, &templates)?;
        let shares = shares(&basis);
        numbers.push(number);
        ids.push(case.case_template);
        levels.push(case.case_level);
        amounts.push(case.case_amount);
        users.push(shares.user.decimal());
        masters.push(shares.master.decimal());
        grand_masters.push(shares.grand_master.decimal());
        kept.push(serde_json::to_string(&basis)?);
    }
    txn.execute_unprepared(sql::INPUTS).await?;
    let values = [
        run.id.into(),
        numbers.into(),
        ids.into(),
        levels.into(),
        amounts.into(),
        users.into(),
        masters.into(),
        grand_masters.into(),
        kept.into(),
    ];
    db::execute(txn, sql::FILL_INPUTS, values).await?;
    txn.execute_unprepared("ANALYZE run_inputs").await?;
    Ok(cases.len())
}

fn basis(
    kind: RunKind,
    case: &Case,
    rates: &Rates,
    templates: &HashMap<TemplateId, &Template>,
) -> Result<Basis> {
    if kind == RunKind::Ads {
        return Ok(Basis::Ad {
            amount: case.case_amount,
            father: rates.father_ad,
            grand_father: rates.grand_father_ad,
        });
    }
    if case.case_template.is_nil() {
        return Ok(Basis::Old {
            owned: case.case_level == 1,
            repeat_rate: case.case_amount,
        });
    }
    let template = templates
        .get(&TemplateId(case.case_template))
        .ok_or_else(|| Error::internal("unknown template"))?;
    let level = template
        .rule
        .level(case.case_level)
        .ok_or_else(|| Error::internal("a star beyond five"))?;
    Ok(Basis::New {
        template: template.code.clone(),
        version: template.version,
        star: case.case_level,
        profit: level.profit,
        activity_profit: level.activity_profit,
        rate: level.rate,
        father: rates.father,
        grand_father: rates.grand_father,
    })
}

async fn advance_groups(txn: &DatabaseTransaction, run: &Run, templates: &[Template]) -> Result<()> {
    txn.execute_unprepared(sql::COUNTS).await?;
    let ids: Vec<Uuid> = templates.iter().map(|template| template.id.0).collect();
    let days: Vec<serde_json::Value> = templates
        .iter()
        .map(|template| template.rule.levels().map(|level| level.day).to_vec().into())
        .collect();
    db::execute(
        txn,
        sql::SETTLED_OUT,
        [ids.into(), days.into(), run.settled_at.into()],
    )
    .await
    .map(|_| ())
}

async fn finish(
    txn: &DatabaseTransaction,
    run: &Run,
    lines: u64,
    slips: u64,
    total: Money,
    timings: serde_json::Map<String, serde_json::Value>,
) -> Result<RunSummary> {
    let values = [
        run.id.into(),
        i32::try_from(lines).map_err(Error::internal)?.into(),
        i32::try_from(slips).map_err(Error::internal)?.into(),
        total.into(),
        serde_json::Value::Object(timings).into(),
    ];
    db::execute(txn, sql::FINISH_RUN, values).await?;
    repo::find(txn, run.kind, run.settle_date, run.batch_no)
        .await?
        .ok_or_else(|| Error::internal("a run vanished"))
}

async fn announce(txn: &DatabaseTransaction, run: &Run, summary: &RunSummary) -> Result<()> {
    let event = BusinessEvent::SettlementPosted {
        kind: run.kind.name().to_owned(),
        settle_date: run.settle_date,
        batch_no: run.batch_no,
        slips: i64::from(summary.slip_count),
        total: summary.total,
    };
    tracking::announce(txn, run.settled_at, vec![event]).await
}

/// Runs, newest date first.
///
/// # Errors
/// What PostgreSQL says.
pub async fn runs(
    conn: &impl ConnectionTrait,
    kind: Option<RunKind>,
    page: Page,
) -> Result<Paged<RunSummary>> {
    repo::list(conn, kind, page).await
}

/// One run.
///
/// # Errors
/// 1404 when there is none.
pub async fn run(conn: &impl ConnectionTrait, id: RunId) -> Result<RunSummary> {
    repo::by_id(conn, id)
        .await?
        .ok_or_else(|| Error::not_found("run"))
}

/// Whether this (kind, date, batch) has been settled.
///
/// # Errors
/// What PostgreSQL says.
pub async fn is_done(
    conn: &impl ConnectionTrait,
    kind: RunKind,
    date: BusinessDate,
    batch_no: i32,
) -> Result<bool> {
    Ok(repo::find(conn, kind, date, batch_no).await?.is_some())
}
