//! What a run writes to the books: postings with their lines, wallets with their slips, and the house.

use super::columns::{Columns, columns};
use crate::ledger::Account;
use crate::settlement::model::Run;
use kernel::db;
use kernel::error::Result;
use kernel::money::Money;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};

/// Writes a posting a slip; how many.
pub(in crate::settlement) async fn write_postings(txn: &DatabaseTransaction, run: &Run) -> Result<u64> {
    let slips = txn.execute_unprepared(&postings(run)).await?.rows_affected();
    txn.execute_unprepared(&posting_lines(run)).await?;
    Ok(slips)
}

/// What a run comes to, for importers and for those above them.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub(in crate::settlement) struct Totals {
    pub own_slips: i32,
    pub own_total: Money,
    pub disciples_slips: i32,
    pub disciples_total: Money,
}

impl Totals {
    /// How many slips.
    pub(in crate::settlement) fn slips(&self) -> i32 {
        self.own_slips + self.disciples_slips
    }

    /// Their sum.
    pub(in crate::settlement) fn total(&self) -> Money {
        [self.own_total, self.disciples_total].into_iter().sum()
    }
}

/// What the run comes to.
pub(in crate::settlement) async fn totals(txn: &DatabaseTransaction) -> Result<Totals> {
    db::fetch_one(txn, TOTALS, []).await
}

/// Moves wallets and writes their slips, as many as are told; the house last, as everybody who posts: whoever waits for
/// a wallet must not hold the house.
pub(in crate::settlement) async fn move_wallets(
    txn: &DatabaseTransaction,
    run: &Run,
    total: Money,
) -> Result<u64> {
    let written = txn.execute_unprepared(&wallets(run)).await?.rows_affected();
    let expense = columns(run.kind).expense;
    db::execute(txn, HOUSE, [expense.into(), total.into()]).await?;
    Ok(written)
}

fn postings(run: &Run) -> String {
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

fn posting_lines(run: &Run) -> String {
    let Columns { expense, .. } = columns(run.kind);
    format!(
        "INSERT INTO ledger_lines (posting_id, booked_on, account, user_id, amount)
         SELECT m.id, '{date}', m.account, CASE m.account WHEN {available} THEN t.user_id END, m.amount
         FROM run_totals AS t, LATERAL (VALUES (own_id, {available}::smallint, own_slip), (own_id, {expense}, -own_slip),
                                               (disciples_id, {available}, disciples_slip), (disciples_id, {expense}, -disciples_slip))
              AS m (id, account, amount)
         WHERE m.amount <> 0",
        available = Account::Available,
        date = run.settle_date,
    )
}

/// Balances late, so that wallets are locked for as short as can be; the slips show the balances they left.
fn wallets(run: &Run) -> String {
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

const TOTALS: &str = "SELECT count(*) FILTER (WHERE own_slip > 0)::integer AS own_slips,
        coalesce(sum(own_slip), 0)::numeric(18, 2) AS own_total,
        count(*) FILTER (WHERE disciples_slip > 0)::integer AS disciples_slips,
        coalesce(sum(disciples_slip), 0)::numeric(18, 2) AS disciples_total
    FROM run_totals";

const HOUSE: &str = "UPDATE house_accounts SET balance = balance - $2 WHERE account = $1";
