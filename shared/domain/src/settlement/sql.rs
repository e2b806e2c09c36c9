//! The statements of a run, in their order. They work on temporary tables that exist for the transaction only:
//! `run_groups` (what is settled), `run_inputs` (its distinct cases with their shares), `run_importers` (sums per
//! importer) and `run_totals` (one row per wallet).

use super::model::RunKind;
use super::run::Run;
use crate::ledger::model::Account;

/// Which groups take part in the groups run of the date whose last instant is before `$end`. Used by the run and by
/// everybody who asks why a group was or was not settled.
pub(super) const ELIGIBLE: &str = "g.status = 1 AND g.running_status = 1 AND c.settle_count < 30
    AND CASE WHEN g.old_group THEN g.repeat_rate IS NOT NULL AND g.member_count >= 50 ELSE g.star IS NOT NULL END";

/// Settings of the transaction: a run takes longer than a request, and its plans are known to be good.
pub(super) const PREPARE: &str =
    "SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'; SET LOCAL jit = off;
    SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL temp_buffers = '256MB'";

/// What differs between the two kinds.
pub(super) struct Columns {
    own_type: i16,
    disciples_type: i16,
    own: &'static str,
    disciples: &'static str,
    pub expense: i16,
}

pub(super) fn columns(kind: RunKind) -> Columns {
    match kind {
        RunKind::Groups => Columns {
            own_type: 1,
            disciples_type: 3,
            own: "carried_groups",
            disciples: "carried_disciple_groups",
            expense: Account::SettlementGroups.number(),
        },
        RunKind::Ads => Columns {
            own_type: 2,
            disciples_type: 4,
            own: "carried_ads",
            disciples: "carried_disciple_ads",
            expense: Account::SettlementAds.number(),
        },
    }
}

/// Groups as they are now. Sorted, so that whatever is written after them goes into its indexes in order.
pub(super) fn groups(run: &Run) -> String {
    format!(
        "CREATE TEMP TABLE run_groups ON COMMIT DROP AS
         SELECT g.id AS group_id, g.user_id, g.template_id, g.star, c.settle_count, c.ctid AS count_place,
                CASE WHEN g.old_group THEN '00000000-0000-0000-0000-000000000000' ELSE g.template_id END AS case_template,
                (CASE WHEN g.old_group THEN coalesce((g.owner_user_code = u.code)::int, 0) ELSE g.star END)::smallint AS case_level,
                CASE WHEN g.old_group THEN g.repeat_rate ELSE -1 END AS case_amount
         FROM groups AS g JOIN group_settle_counts AS c ON c.group_id = g.id JOIN users AS u ON u.id = g.user_id
         WHERE {ELIGIBLE} AND g.bound_at < '{end}'
         ORDER BY g.user_id, g.id",
        end = run.settle_date.plus_days(1).start().to_rfc3339(),
    )
}

/// Ad revenue of the batch, by group. Its columns have the types of [`groups`], modifiers included: statements prepared
/// on a connection are used by runs of both kinds.
pub(super) fn ads(run: &Run) -> String {
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

pub(super) const CASES: &str =
    "SELECT case_template, case_level, case_amount FROM run_groups GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";

pub(super) const INPUTS: &str = "CREATE TEMP TABLE run_inputs (input_no integer, case_template uuid, case_level smallint,
    case_amount numeric, user_share numeric, master_share numeric, grand_master_share numeric) ON COMMIT DROP";

pub(super) const FILL_INPUTS: &str = "WITH new AS (
        INSERT INTO run_inputs
        SELECT input_no, case_template, case_level, case_amount, user_share, master_share, grand_master_share
        FROM unnest($2::integer[], $3::uuid[], $4::smallint[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[])
             AS new (input_no, case_template, case_level, case_amount, user_share, master_share, grand_master_share)
        RETURNING input_no, user_share, master_share, grand_master_share)
    INSERT INTO settlement_inputs (run_id, input_no, basis, user_share, master_share, grand_master_share)
    SELECT $1, input_no, basis::jsonb, user_share, master_share, grand_master_share
    FROM new JOIN unnest($2::integer[], $9::text[]) AS kept (input_no, basis) USING (input_no)";

pub(super) fn lines(run: &Run) -> String {
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

pub(super) const IMPORTERS: &str = "CREATE TEMP TABLE run_importers ON COMMIT DROP AS
    SELECT s.user_id, r.master_id, above.master_id AS grand_master_id, s.user_share, s.master_share, s.grand_master_share
    FROM (SELECT g.user_id, sum(i.user_share) AS user_share, sum(i.master_share) AS master_share,
                 sum(i.grand_master_share) AS grand_master_share
          FROM run_groups AS g JOIN run_inputs AS i USING (case_template, case_level, case_amount) GROUP BY g.user_id) AS s
    LEFT JOIN referrals AS r ON r.user_id = s.user_id
    LEFT JOIN referrals AS above ON above.user_id = r.master_id
    ORDER BY s.user_id";

pub(super) fn keep_importers(run: &Run) -> String {
    format!(
        "INSERT INTO settlement_importers (run_id, settle_date, user_id, master_id, grand_master_id, user_share, master_share, grand_master_share)
         SELECT '{id}', '{date}', user_id, master_id, grand_master_id, user_share, master_share, grand_master_share FROM run_importers",
        id = run.id,
        date = run.settle_date,
    )
}

/// One row per wallet, with both amount types side by side; a sum that is null was not touched.
pub(super) fn totals(run: &Run, prefix: &str) -> String {
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

pub(super) fn movements(run: &Run) -> String {
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

pub(super) fn postings(run: &Run) -> String {
    let Columns {
        own_type,
        disciples_type,
        ..
    } = columns(run.kind);
    let batch = if run.batch_no == 0 {
        String::new()
    } else {
        format!(":{}", run.batch_no)
    };
    format!(
        "INSERT INTO ledger_postings (id, booked_on, key, kind, user_id, run_id, created_at)
         SELECT m.id, '{date}', 'slip:' || t.user_id || m.suffix, 'slip', t.user_id, '{id}', '{now}'
         FROM run_totals AS t, LATERAL (VALUES (own_id, own_slip, ':{own_type}:{date}{batch}'),
                                               (disciples_id, disciples_slip, ':{disciples_type}:{date}{batch}'))
              AS m (id, slip, suffix)
         WHERE m.slip > 0",
        id = run.id,
        date = run.settle_date,
        now = run.settled_at.to_rfc3339(),
    )
}

pub(super) fn posting_lines(run: &Run) -> String {
    let Columns { expense, .. } = columns(run.kind);
    format!(
        "INSERT INTO ledger_lines (posting_id, booked_on, account, user_id, amount)
         SELECT m.id, '{date}', m.account, CASE m.account WHEN 1 THEN t.user_id END, m.amount
         FROM run_totals AS t, LATERAL (VALUES (own_id, 1::smallint, own_slip), (own_id, {expense}, -own_slip),
                                               (disciples_id, 1, disciples_slip), (disciples_id, {expense}, -disciples_slip))
              AS m (id, account, amount)
         WHERE m.amount <> 0",
        date = run.settle_date,
    )
}

/// Balances late, so that wallets are locked for as short as can be; the slips show the balances they left.
pub(super) fn wallets(run: &Run) -> String {
    let Columns {
        own_type,
        disciples_type,
        own,
        disciples,
        ..
    } = columns(run.kind);
    format!(
        "WITH paid AS (
             UPDATE accounts AS a
             SET available = a.available + coalesce(t.own_slip, 0) + coalesce(t.disciples_slip, 0),
                 income = a.income + coalesce(t.own_slip, 0) + coalesce(t.disciples_slip, 0),
                 {own} = coalesce(t.own_before + t.own - t.own_slip, a.{own}),
                 {disciples} = coalesce(t.disciples_before + t.disciples - t.disciples_slip, a.{disciples})
             FROM run_totals AS t WHERE t.user_id = a.user_id
             RETURNING a.user_id, a.available, t.own_id, t.own_slip, t.disciples_id, t.disciples_slip)
         INSERT INTO slips (id, user_id, amount_type, direction, amount, balance, settle_date, posting_id, run_id, created_at)
         SELECT m.id, p.user_id, m.amount_type, 1, m.amount, m.balance, '{date}', m.id, '{id}', '{now}'
         FROM paid AS p, LATERAL (VALUES (own_id, {own_type}::smallint, own_slip, available - coalesce(disciples_slip, 0)),
                                         (disciples_id, {disciples_type}, disciples_slip, available))
              AS m (id, amount_type, amount, balance)
         WHERE m.amount > 0",
        id = run.id,
        date = run.settle_date,
        now = run.settled_at.to_rfc3339(),
    )
}

/// What the run came to, for importers and for those above them.
pub(super) const TOTALS: &str = "SELECT count(*) FILTER (WHERE own_slip > 0)::integer AS own_slips,
        coalesce(sum(own_slip), 0)::numeric(18, 2) AS own_total,
        count(*) FILTER (WHERE disciples_slip > 0)::integer AS disciples_slips,
        coalesce(sum(disciples_slip), 0)::numeric(18, 2) AS disciples_total
    FROM run_totals";

/// After the wallets, as everybody who posts: whoever waits for a wallet must not hold the house.
pub(super) const HOUSE: &str = "UPDATE house_accounts SET balance = balance - $2 WHERE account = $1";

/// By place, which takes a quarter of the time of a join: only runs update this table, and they exclude each other, so a
/// row is where it was. The caller checks the number of rows all the same.
pub(super) const COUNTS: &str = "UPDATE group_settle_counts SET settle_count = settle_count + 1
    WHERE ctid = ANY (ARRAY(SELECT count_place FROM run_groups))";

/// A group that has had the days of its current star is settled out.
pub(super) const SETTLED_OUT: &str = "UPDATE groups AS g SET status = 2, updated_at = $3
    FROM run_groups AS r JOIN unnest($1::uuid[], $2::jsonb[]) AS rule (template_id, days) ON rule.template_id = r.template_id
    WHERE g.id = r.group_id AND g.status = 1 AND r.star IS NOT NULL
      AND r.settle_count + 1 >= (rule.days ->> (r.star - 1))::int";

pub(super) const INSERT_RUN: &str = "INSERT INTO settlement_runs
        (id, kind, settle_date, batch_no, rates_version, group_count, slip_count, total, timings, settled_at)
    VALUES ($1, $2, $3, $4, $5, 0, 0, 0, '{}', $6) ON CONFLICT (settle_date, kind, batch_no) DO NOTHING";

pub(super) const FINISH_RUN: &str =
    "UPDATE settlement_runs SET group_count = $2, slip_count = $3, total = $4, timings = $5, own_slips = $6, own_total = $7,
                                disciples_slips = $8, disciples_total = $9 WHERE id = $1";
