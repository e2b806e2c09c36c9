//! From the lines of the groups to one row a wallet. `run_importers` (sums per importer) and `run_totals` (one row per
//! wallet) are tables of the transaction.

use super::columns::{Columns, columns};
use crate::settlement::model::{Run, RunKind};
use kernel::error::Result;
use kernel::id::{new_uuid, sequence_prefix};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

/// Writes a line a group; how many.
pub(in crate::settlement) async fn write_lines(txn: &DatabaseTransaction, run: &Run) -> Result<u64> {
    Ok(txn.execute_unprepared(&lines(run)).await?.rows_affected())
}

/// Sums by importer, with who stands above each, and keeps the sums.
pub(in crate::settlement) async fn by_importer(txn: &DatabaseTransaction, run: &Run) -> Result<()> {
    txn.execute_unprepared(IMPORTERS).await?;
    txn.execute_unprepared("ANALYZE run_importers").await?;
    txn.execute_unprepared(&keep_importers(run)).await?;
    Ok(())
}

/// Sums by who gets something.
pub(in crate::settlement) async fn by_beneficiary(txn: &DatabaseTransaction, run: &Run) -> Result<()> {
    txn.execute_unprepared(&totals(run, &sequence_prefix(new_uuid())))
        .await?;
    txn.execute_unprepared("ANALYZE run_totals").await?;
    Ok(())
}

/// Keeps how each remainder moved.
pub(in crate::settlement) async fn write_movements(txn: &DatabaseTransaction, run: &Run) -> Result<()> {
    txn.execute_unprepared(&movements(run)).await?;
    Ok(())
}

fn lines(run: &Run) -> String {
    let settle_day = match run.kind {
        RunKind::Groups => "g.settle_count + 1",
        RunKind::Ads => "NULL",
    };
    format!(
        "INSERT INTO settlement_lines (run_id, settle_date, group_id, user_id, input_no, user_share, master_share, grand_master_share,
                                       settle_day)
         SELECT '{id}', '{date}', g.group_id, g.user_id, i.input_no, i.user_share, i.master_share, i.grand_master_share, {settle_day}
         FROM run_groups AS g JOIN run_inputs AS i USING (case_template, case_level, case_amount)",
        id = run.id,
        date = run.settle_date,
    )
}

const IMPORTERS: &str = "CREATE TEMP TABLE run_importers ON COMMIT DROP AS
    SELECT s.user_id, r.master_id, above.master_id AS grand_master_id, s.user_share, s.master_share, s.grand_master_share
    FROM (SELECT g.user_id, sum(i.user_share) AS user_share, sum(i.master_share) AS master_share,
                 sum(i.grand_master_share) AS grand_master_share
          FROM run_groups AS g JOIN run_inputs AS i USING (case_template, case_level, case_amount) GROUP BY g.user_id) AS s
    LEFT JOIN referrals AS r ON r.user_id = s.user_id
    LEFT JOIN referrals AS above ON above.user_id = r.master_id
    ORDER BY s.user_id";

fn keep_importers(run: &Run) -> String {
    format!(
        "INSERT INTO settlement_importers (run_id, settle_date, user_id, master_id, grand_master_id, user_share, master_share, grand_master_share)
         SELECT '{id}', '{date}', user_id, master_id, grand_master_id, user_share, master_share, grand_master_share FROM run_importers",
        id = run.id,
        date = run.settle_date,
    )
}

/// One row per wallet, with both amount types side by side; a sum that is null was not touched.
fn totals(run: &Run, prefix: &str) -> String {
    let Columns { own, disciples, .. } = columns(run.kind);
    format!(
        "CREATE TEMP TABLE run_totals ON COMMIT DROP AS
         SELECT s.user_id, a.{own} AS own_before, s.own, trunc(a.{own} + s.own, 2) AS own_slip,
                a.{disciples} AS disciples_before, s.disciples, trunc(a.{disciples} + s.disciples, 2) AS disciples_slip,
                ('{prefix}' || lpad(to_hex(2 * row_number() OVER (ORDER BY s.user_id)), 15, '0'))::uuid AS own_id,
                ('{prefix}' || lpad(to_hex(2 * row_number() OVER (ORDER BY s.user_id) + 1), 15, '0'))::uuid AS disciples_id
         FROM (SELECT share.user_id, sum(share.own) AS own, sum(share.disciples) AS disciples FROM (
                   SELECT user_id, user_share AS own, NULL::numeric AS disciples FROM run_importers
                   UNION ALL SELECT master_id, NULL, master_share FROM run_importers WHERE master_id IS NOT NULL
                   UNION ALL SELECT grand_master_id, NULL, grand_master_share FROM run_importers WHERE grand_master_id IS NOT NULL
               ) AS share GROUP BY share.user_id) AS s
         JOIN accounts AS a ON a.user_id = s.user_id
         ORDER BY s.user_id",
    )
}

fn movements(run: &Run) -> String {
    let Columns {
        own_type,
        disciples_type,
        ..
    } = columns(run.kind);
    format!(
        "INSERT INTO settlement_movements (run_id, settle_date, user_id, amount_type, before, sum, amount, after)
         SELECT '{id}', '{date}', t.user_id, m.amount_type, m.before, m.sum, m.slip, m.before + m.sum - m.slip
         FROM run_totals AS t, LATERAL (VALUES ({own_type}::smallint, own_before, own, own_slip),
                                               ({disciples_type}, disciples_before, disciples, disciples_slip))
              AS m (amount_type, before, sum, slip)
         WHERE m.sum IS NOT NULL",
        id = run.id,
        date = run.settle_date,
    )
}
