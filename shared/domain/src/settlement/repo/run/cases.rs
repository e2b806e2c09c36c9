//! What a run settles, and its distinct cases. `run_groups` (what is settled) and `run_inputs` (its distinct cases with
//! their shares) are tables of the transaction.

use crate::group::{GroupStatus, RunningStatus};
use crate::settlement::model::{Basis, Run, RunKind, Shares};
use kernel::db;
use kernel::error::Result;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use uuid::Uuid;

/// Which groups take part in the groups run of the date whose last instant is before `$end`. Used by the run and by
/// everybody who asks why a group was or was not settled.
pub(in crate::settlement) fn eligible() -> String {
    format!(
        "g.status = {normal} AND g.running_status = {in_group} AND c.settle_count < 30
         AND CASE WHEN g.old_group THEN g.repeat_rate IS NOT NULL AND g.member_count >= 50 ELSE g.star IS NOT NULL END",
        normal = GroupStatus::Normal,
        in_group = RunningStatus::InGroup
    )
}

/// Finds what the run settles.
pub(in crate::settlement) async fn find(txn: &DatabaseTransaction, run: &Run) -> Result<()> {
    let sql = match run.kind {
        RunKind::Groups => groups(run),
        RunKind::Ads => ads(run),
    };
    txn.execute_unprepared(&sql).await?;
    txn.execute_unprepared("ANALYZE run_groups").await?;
    Ok(())
}

/// Groups as they are now. Sorted, so that whatever is written after them goes into its indexes in order.
fn groups(run: &Run) -> String {
    format!(
        "CREATE TEMP TABLE run_groups ON COMMIT DROP AS
         SELECT g.id AS group_id, g.user_id, g.template_id, g.star, c.settle_count, c.ctid AS count_place,
                CASE WHEN g.old_group THEN '00000000-0000-0000-0000-000000000000' ELSE g.template_id END AS case_template,
                (CASE WHEN g.old_group THEN coalesce((g.owner_user_code = u.code)::int, 0) ELSE g.star END)::smallint AS case_level,
                CASE WHEN g.old_group THEN g.repeat_rate ELSE -1 END AS case_amount
         FROM groups AS g JOIN group_settle_counts AS c ON c.group_id = g.id JOIN users AS u ON u.id = g.user_id
         WHERE {eligible} AND g.bound_at < '{end}'
         ORDER BY g.user_id, g.id",
        eligible = eligible(),
        end = run.settle_date.plus_days(1).start().to_rfc3339(),
    )
}

/// Ad revenue of the batch, by group. Its columns have the types of [`groups`], modifiers included: statements prepared
/// on a connection are used by runs of both kinds.
fn ads(run: &Run) -> String {
    format!(
        "CREATE TEMP TABLE run_groups ON COMMIT DROP AS
         SELECT g.id AS group_id, g.user_id, '00000000-0000-0000-0000-000000000000'::uuid AS case_template,
                0::smallint AS case_level, r.amount::numeric AS case_amount
         FROM ad_batches AS b JOIN ad_revenues AS r ON r.batch_id = b.id JOIN groups AS g ON g.id = r.group_id
         WHERE b.settle_date = '{date}' AND b.batch_no = {batch_no}
         ORDER BY g.user_id, g.id",
        date = run.settle_date,
        batch_no = run.batch_no,
    )
}

/// What decides the shares of some of the groups.
#[derive(FromQueryResult)]
pub(in crate::settlement) struct Case {
    pub case_template: Uuid,
    pub case_level: i16,
    pub case_amount: Decimal,
}

/// The distinct cases of the run.
pub(in crate::settlement) async fn distinct(txn: &DatabaseTransaction) -> Result<Vec<Case>> {
    let sql =
        "SELECT case_template, case_level, case_amount FROM run_groups GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
    db::fetch_all(txn, sql, []).await
}

const INPUTS: &str = "CREATE TEMP TABLE run_inputs (input_no integer, case_template uuid, case_level smallint,
    case_amount numeric, user_share numeric, master_share numeric, grand_master_share numeric) ON COMMIT DROP";

const FILL_INPUTS: &str = "WITH new AS (
        INSERT INTO run_inputs
        SELECT input_no, case_template, case_level, case_amount, user_share, master_share, grand_master_share
        FROM unnest($2::integer[], $3::uuid[], $4::smallint[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[])
             AS new (input_no, case_template, case_level, case_amount, user_share, master_share, grand_master_share)
        RETURNING input_no, user_share, master_share, grand_master_share)
    INSERT INTO settlement_inputs (run_id, input_no, basis, user_share, master_share, grand_master_share)
    SELECT $1, input_no, basis::jsonb, user_share, master_share, grand_master_share
    FROM new JOIN unnest($2::integer[], $9::text[]) AS kept (input_no, basis) USING (input_no)";

/// A case with what it comes to.
pub(in crate::settlement) struct Input {
    pub case: Case,
    pub basis: Basis,
    pub shares: Shares,
}

/// Keeps what decided the shares, and joins it to the groups.
pub(in crate::settlement) async fn keep(
    txn: &DatabaseTransaction,
    run: &Run,
    inputs: &[Input],
) -> Result<()> {
    let (mut numbers, mut ids, mut levels, mut amounts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut users, mut masters, mut grand_masters, mut kept) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, Input { case, basis, shares }) in (1_i32..).zip(inputs) {
        numbers.push(number);
        ids.push(case.case_template);
        levels.push(case.case_level);
        amounts.push(case.case_amount);
        users.push(shares.user.decimal());
        masters.push(shares.master.decimal());
        grand_masters.push(shares.grand_master.decimal());
        kept.push(serde_json::to_string(basis)?);
    }
    txn.execute_unprepared(INPUTS).await?;
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
    db::execute(txn, FILL_INPUTS, values).await?;
    txn.execute_unprepared("ANALYZE run_inputs").await?;
    Ok(())
}
