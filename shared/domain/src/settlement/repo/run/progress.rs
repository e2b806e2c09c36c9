//! A run's own row, the batch it settles, and how far its groups have come.

use super::books::Totals;
use crate::group::GroupStatus;
use crate::settlement::model::{Run, Template};
use crate::settlement::repo::TEMPORARY_TABLES;
use kernel::db;
use kernel::error::{Error, Result};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

/// Settings of the transaction: a run takes longer than a request, and its plans are known to be good.
const PREPARE: &str = "SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'; SET LOCAL jit = off;
    SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL lock_timeout = 0";

/// Prepares the transaction for a run.
pub(in crate::settlement) async fn prepare(txn: &DatabaseTransaction) -> Result<()> {
    txn.execute_unprepared(&format!("{PREPARE}; {TEMPORARY_TABLES}"))
        .await?;
    Ok(())
}

/// Enters the run; false when there is one of its (kind, date, batch).
pub(in crate::settlement) async fn begin(
    txn: &DatabaseTransaction,
    run: &Run,
    rates_version: i32,
) -> Result<bool> {
    let values = [
        run.id.into(),
        run.kind.into(),
        run.settle_date.into(),
        run.batch_no.into(),
        rates_version.into(),
        run.settled_at.into(),
    ];
    Ok(db::execute(txn, INSERT_RUN, values).await? > 0)
}

/// Whether the batch of an ads run is there and counts; nobody voids it until the transaction ends.
pub(in crate::settlement) async fn hold_batch(txn: &DatabaseTransaction, run: &Run) -> Result<bool> {
    let sql = "SELECT true FROM ad_batches WHERE settle_date = $1 AND batch_no = $2 AND voided_at IS NULL FOR SHARE";
    let values = [run.settle_date.into(), run.batch_no.into()];
    Ok(db::fetch_scalar::<bool>(txn, sql, values).await?.is_some())
}

/// Counts the day for each group; how many.
pub(in crate::settlement) async fn count_day(txn: &DatabaseTransaction) -> Result<u64> {
    Ok(txn.execute_unprepared(COUNTS).await?.rows_affected())
}

/// Settles out the groups that have had their days.
pub(in crate::settlement) async fn settle_out(
    txn: &DatabaseTransaction,
    run: &Run,
    templates: &[Template],
) -> Result<()> {
    let ids: Vec<Uuid> = templates.iter().map(|template| template.id.0).collect();
    let days: Vec<serde_json::Value> = templates
        .iter()
        .map(|template| template.rule.levels().map(|level| level.day).to_vec().into())
        .collect();
    db::execute(
        txn,
        &settled_out(),
        [ids.into(), days.into(), run.settled_at.into()],
    )
    .await
    .map(|_| ())
}

/// Closes the run's row.
pub(in crate::settlement) async fn finish(
    txn: &DatabaseTransaction,
    run: &Run,
    groups: u64,
    totals: Totals,
    timings: serde_json::Value,
) -> Result<()> {
    let values = [
        run.id.into(),
        i32::try_from(groups).map_err(Error::internal)?.into(),
        totals.slips().into(),
        totals.total().into(),
        timings.into(),
        totals.own_slips.into(),
        totals.own_total.into(),
        totals.disciples_slips.into(),
        totals.disciples_total.into(),
    ];
    db::execute(txn, FINISH_RUN, values).await.map(|_| ())
}

/// By place, which takes a quarter of the time of a join: only runs update this table, and they exclude each other, so a
/// row is where it was. The caller checks the number of rows all the same.
const COUNTS: &str = "UPDATE group_settle_counts SET settle_count = settle_count + 1
    WHERE ctid = ANY (ARRAY(SELECT count_place FROM run_groups))";

/// A group that has had the days of its current star is settled out.
fn settled_out() -> String {
    format!(
        "UPDATE groups AS g SET status = {settled_out}, updated_at = $3
         FROM run_groups AS r JOIN unnest($1::uuid[], $2::jsonb[]) AS rule (template_id, days) ON rule.template_id = r.template_id
         WHERE g.id = r.group_id AND g.status = {normal} AND r.star IS NOT NULL
           AND r.settle_count + 1 >= (rule.days ->> (r.star - 1))::int",
        settled_out = GroupStatus::SettledOut,
        normal = GroupStatus::Normal
    )
}

const INSERT_RUN: &str = "INSERT INTO settlement_runs
        (id, kind, settle_date, batch_no, rates_version, group_count, slip_count, total, timings, settled_at)
    VALUES ($1, $2, $3, $4, $5, 0, 0, 0, '{}', $6) ON CONFLICT (settle_date, kind, batch_no) DO NOTHING";

const FINISH_RUN: &str =
    "UPDATE settlement_runs SET group_count = $2, slip_count = $3, total = $4, timings = $5,
        own_slips = $6, own_total = $7, disciples_slips = $8, disciples_total = $9 WHERE id = $1";
