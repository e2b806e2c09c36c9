//! The steps of a run, in one transaction: groups as they are in, slips and balances out.

use super::model::{Basis, Run, RunKind, RunSummary, Template, shares};
use super::repo::rates::Rates;
use super::repo::run::cases::{Case, Input};
use super::repo::run::{books, cases, progress, sums};
use super::repo::{runs, templates};
use crate::group::Star;
use kernel::enums::Numbered;
use kernel::error::{Error, Result};
use kernel::id::TemplateId;
use sea_orm::DatabaseTransaction;
use std::collections::HashMap;
use std::time::Instant;

/// The steps, timed.
pub(super) async fn carry_out(txn: &DatabaseTransaction, run: &Run, rates: &Rates) -> Result<RunSummary> {
    let mut timed = Timed {
        timings: serde_json::Map::new(),
        last: Instant::now(),
    };
    cases::find(txn, run).await?;
    timed.step("read_groups");
    let templates = templates::all(txn).await?;
    let inputs = write_inputs(txn, run, rates, &templates).await?;
    timed.step("compute_shares");
    let lines = sums::write_lines(txn, run).await?;
    timed.step("write_lines");
    sums::by_importer(txn, run).await?;
    timed.step("sum_by_importer");
    sums::by_beneficiary(txn, run).await?;
    timed.step("sum_by_beneficiary");
    sums::write_movements(txn, run).await?;
    timed.step("write_movements");
    let slips = books::write_postings(txn, run).await?;
    timed.step("write_postings");
    if run.kind == RunKind::Groups {
        advance_groups(txn, run, lines, &templates).await?;
        timed.step("advance_groups");
    }
    let totals = books::totals(txn).await?;
    let total = totals.total();
    let written = books::move_wallets(txn, run, total).await?;
    timed.step("write_wallets_and_slips");
    if written != slips || i64::try_from(slips).map_err(Error::internal)? != i64::from(totals.slips()) {
        return Err(Error::internal(format!("{slips} postings but {written} slips")));
    }
    tracing::info!(kind = run.kind.name(), date = %run.settle_date, lines, inputs, slips, %total, "settled");
    progress::finish(txn, run, lines, totals, timed.timings.into()).await?;
    runs::find(txn, run.kind, run.settle_date, run.batch_no)
        .await?
        .ok_or_else(|| Error::internal("a run vanished"))
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

/// Computes the shares of each distinct case once and keeps what decided them.
async fn write_inputs(
    txn: &DatabaseTransaction,
    run: &Run,
    rates: &Rates,
    templates: &[Template],
) -> Result<usize> {
    let templates: HashMap<TemplateId, &Template> =
        templates.iter().map(|template| (template.id, template)).collect();
    let input = |case: Case| {
        let basis = basis(run.kind, &case, rates, &templates)?;
        let shares = shares(&basis);
        Ok(Input { case, basis, shares })
    };
    let found = cases::distinct(txn).await?;
    let inputs = found.into_iter().map(input).collect::<Result<Vec<Input>>>()?;
    cases::keep(txn, run, &inputs).await?;
    Ok(inputs.len())
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
    let star = Star::of_number(case.case_level).ok_or_else(|| Error::internal("a star beyond five"))?;
    let level = template.rule.level(star);
    Ok(Basis::New {
        template: template.code.clone(),
        version: template.version,
        star,
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
    let counted = progress::count_day(txn).await?;
    if counted != lines {
        return Err(Error::internal(format!("{lines} groups but {counted} counters")));
    }
    progress::settle_out(txn, run, templates).await
}
