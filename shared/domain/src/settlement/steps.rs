//! The steps of a run, in one transaction: groups as they are in, slips and balances out.

use super::model::{Basis, RunKind, shares};
use super::rates::Rates;
use super::repo;
use super::run::{Run, RunSummary};
use super::sql;
use super::template::{self, Template};
use crate::ledger::fees::sequence_prefix;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::{TemplateId, new_uuid};
use kernel::money::Money;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use std::collections::HashMap;
use std::time::Instant;
use uuid::Uuid;

/// The steps, timed.
pub(super) async fn carry_out(txn: &DatabaseTransaction, run: &Run, rates: &Rates) -> Result<RunSummary> {
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
        advance_groups(txn, run, lines, &templates).await?;
        timed.step("advance_groups");
    }
    let totals: Totals = db::fetch_one(txn, sql::TOTALS, []).await?;
    let total = totals.all();
    let written = txn.execute_unprepared(&sql::wallets(run)).await?.rows_affected();
    let expense = sql::columns(run.kind).expense;
    db::execute(txn, sql::HOUSE, [expense.into(), total.into()]).await?;
    timed.step("write_wallets_and_slips");
    let counted = i64::from(totals.own_slips) + i64::from(totals.disciples_slips);
    if written != slips || i64::try_from(slips).map_err(Error::internal)? != counted {
        return Err(Error::internal(format!("{slips} postings but {written} slips")));
    }
    tracing::info!(kind = run.kind.name(), date = %run.settle_date, lines, inputs, slips, %total, "settled");
    finish(txn, run, lines, totals, timed.timings).await
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

/// What a run came to.
#[derive(FromQueryResult)]
struct Totals {
    own_slips: i32,
    own_total: Money,
    disciples_slips: i32,
    disciples_total: Money,
}

impl Totals {
    fn all(&self) -> Money {
        [self.own_total, self.disciples_total].into_iter().sum()
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

async fn advance_groups(
    txn: &DatabaseTransaction,
    run: &Run,
    lines: u64,
    templates: &[Template],
) -> Result<()> {
    let counted = txn.execute_unprepared(sql::COUNTS).await?.rows_affected();
    if counted != lines {
        return Err(Error::internal(format!("{lines} groups but {counted} counters")));
    }
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
    totals: Totals,
    timings: serde_json::Map<String, serde_json::Value>,
) -> Result<RunSummary> {
    let values = [
        run.id.into(),
        i32::try_from(lines).map_err(Error::internal)?.into(),
        (totals.own_slips + totals.disciples_slips).into(),
        totals.all().into(),
        serde_json::Value::Object(timings).into(),
        totals.own_slips.into(),
        totals.own_total.into(),
        totals.disciples_slips.into(),
        totals.disciples_total.into(),
    ];
    db::execute(txn, sql::FINISH_RUN, values).await?;
    repo::find(txn, run.kind, run.settle_date, run.batch_no)
        .await?
        .ok_or_else(|| Error::internal("a run vanished"))
}
