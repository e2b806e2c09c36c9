//! The statements of a reversal, in their order. They work on a temporary table that exists for the transaction only:
//! `taken_back`, one row for each (beneficiary, amount type) of the run that was not taken back before.

use crate::ledger::{Account, AmountType, Direction};
use crate::settlement::model::RunSummary;
use crate::settlement::repo::TEMPORARY_TABLES;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{OperatorId, RunId, UserId, new_uuid, sequence_prefix};
use kernel::money::Money;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use serde::Serialize;

/// Wallets named that have not enough.
const NAMED: i64 = 100;

/// A wallet that has not enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult, Object)]
#[allow(missing_docs)]
pub struct ShortWallet {
    pub user_id: UserId,
    /// What it would have to give back.
    pub owed: Money,
    /// What it has; held money waits for a payout and is not touched.
    pub available: Money,
    #[serde(skip)]
    #[oai(skip)]
    pub(in crate::settlement) count: i64,
}

/// What has been taken back of a run so far.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
pub struct KeptReversal {
    /// The name of the operator who began it.
    pub reversed_by: String,
    /// Why.
    pub reason: String,
    /// When it began.
    pub reversed_at: DateTime<Utc>,
    /// Wallets that gave back.
    pub wallets: i64,
    /// What they gave.
    pub amount: Money,
}

/// What the reversal of a run could not take back so far.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "RunStillShort")]
pub struct StillShort {
    /// Wallets that had not enough and still hold what the run brought, the first hundred.
    pub short: Vec<ShortWallet>,
    /// How many they are.
    pub short_count: i64,
    /// Yuan that the run brought them.
    pub short_amount: Money,
}

/// Prepares the transaction for what may be a million wallets.
pub(in crate::settlement) async fn prepare(txn: &DatabaseTransaction) -> Result<()> {
    txn.execute_unprepared(&format!("{PREPARE}; {TEMPORARY_TABLES}"))
        .await?;
    Ok(())
}

/// Locks the wallets of the run and finds what goes back; the wallets that have not enough, the first of them.
pub(in crate::settlement) async fn find(
    txn: &DatabaseTransaction,
    run: &RunSummary,
) -> Result<Vec<ShortWallet>> {
    let of_run = [run.settle_date.into(), run.id.into()];
    db::execute(txn, LOCK_WALLETS, of_run).await?;
    let prefix = sequence_prefix(new_uuid());
    txn.execute_unprepared(&taken_back(run.id, run.settle_date, &prefix))
        .await?;
    txn.execute_unprepared("ANALYZE taken_back").await?;
    db::fetch_all(txn, SHORT, [NAMED.into()]).await
}

/// Leaves out the wallets that have not enough.
pub(in crate::settlement) async fn leave_short(txn: &DatabaseTransaction) -> Result<()> {
    txn.execute_unprepared(LEAVE_SHORT).await?;
    Ok(())
}

/// Notes that the run is taken back; whether it is the first time.
pub(in crate::settlement) async fn keep(
    txn: &DatabaseTransaction,
    id: RunId,
    operator: OperatorId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let values = [id.into(), operator.into(), reason.into(), now.into()];
    Ok(db::execute(txn, KEEP, values).await? > 0)
}

/// Notes what goes back; of how many (beneficiary, amount type).
pub(in crate::settlement) async fn keep_movements(
    txn: &DatabaseTransaction,
    id: RunId,
    now: DateTime<Utc>,
) -> Result<u64> {
    Ok(txn.execute_unprepared(&movements(id, now)).await?.rows_affected())
}

/// Keys, postings, lines, wallets with their slips, and the house last.
pub(in crate::settlement) async fn post(
    txn: &DatabaseTransaction,
    reason: &str,
    today: BusinessDate,
    now: DateTime<Utc>,
) -> Result<()> {
    db::execute(txn, KEYS, [today.into()]).await?;
    let values = || [today.into(), reason.into(), now.into()];
    db::execute(txn, POSTINGS, values()).await?;
    db::execute(txn, &lines(), [today.into()]).await?;
    db::execute(txn, &wallets(), values()).await?;
    db::execute(txn, &house(), []).await?;
    Ok(())
}

/// What has been taken back of the run.
pub(in crate::settlement) async fn kept(conn: &impl ConnectionTrait, id: RunId) -> Result<KeptReversal> {
    db::fetch_one(conn, KEPT, [id.into()]).await
}

/// The wallets that a reversal left, and still leaves: the first of them, how many they are, and what the run brought them.
pub(in crate::settlement) async fn still_short(
    conn: &impl ConnectionTrait,
    run: &RunSummary,
) -> Result<StillShort> {
    #[derive(FromQueryResult)]
    struct Row {
        user_id: UserId,
        owed: Money,
        available: Money,
        count: i64,
        total: Money,
    }
    let of_run = [run.settle_date.into(), run.id.into(), NAMED.into()];
    let rows: Vec<Row> = db::fetch_all(conn, STILL_SHORT, of_run).await?;
    Ok(StillShort {
        short_count: rows.first().map_or(0, |row| row.count),
        short_amount: rows.first().map_or(Money::ZERO, |row| row.total),
        short: rows
            .into_iter()
            .map(|row| ShortWallet {
                user_id: row.user_id,
                owed: row.owed,
                available: row.available,
                count: row.count,
            })
            .collect(),
    })
}

/// The same, where the run was taken back at all.
pub(in crate::settlement) async fn kept_if_any(
    conn: &impl ConnectionTrait,
    id: RunId,
) -> Result<Option<KeptReversal>> {
    db::fetch_optional(conn, KEPT, [id.into()]).await
}

/// It may be a million wallets.
const PREPARE: &str = "SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '128MB'; SET LOCAL jit = off";

/// In account order, before anything else of theirs is looked at.
const LOCK_WALLETS: &str = "SELECT count(*) FROM (
    SELECT FROM accounts WHERE user_id IN (SELECT user_id FROM settlement_movements WHERE settle_date = $1 AND run_id = $2)
    ORDER BY user_id FOR UPDATE) AS locked";

/// The sum of a movement goes back exactly: carried - sum, in whole fen and a remainder from 0 to below one fen again. What
/// an operator reversed singly, posting by posting, is left alone.
fn taken_back(run: RunId, date: BusinessDate, prefix: &str) -> String {
    format!(
        "CREATE TEMP TABLE taken_back ON COMMIT DROP AS
         SELECT m.*, -m.fen AS amount, m.before - m.sum - m.fen AS after,
                ('{prefix}' || lpad(to_hex(row_number() OVER (ORDER BY m.user_id, m.amount_type)), 15, '0'))::uuid AS id,
                CASE WHEN m.original IS NULL THEN 'reversal:{run}:' || m.user_id || ':' || m.amount_type
                     ELSE 'reversal:' || m.original END AS key
         FROM (SELECT m.user_id, m.amount_type, m.sum, s.posting_id AS original, carried.before,
                      floor((carried.before - m.sum) * 100) / 100 AS fen
               FROM settlement_movements AS m JOIN accounts AS a USING (user_id)
               CROSS JOIN LATERAL (SELECT CASE m.amount_type WHEN {ads} THEN a.carried_ads ELSE a.carried_disciple_ads END AS before) AS carried
               LEFT JOIN slips AS s ON s.settle_date = m.settle_date AND s.run_id = m.run_id AND s.user_id = m.user_id
                                   AND s.amount_type = m.amount_type
               WHERE m.settle_date = '{date}' AND m.run_id = '{run}'
                 AND NOT EXISTS (SELECT FROM run_reversal_movements AS r
                                 WHERE r.run_id = m.run_id AND r.user_id = m.user_id AND r.amount_type = m.amount_type)
                 AND NOT EXISTS (SELECT FROM ledger_keys AS k WHERE k.key = 'reversal:' || s.posting_id)) AS m",
        ads = AmountType::Ads
    )
}

/// Wallets that have not enough, the first of them.
const SHORT: &str = "SELECT t.user_id, t.owed::numeric(14, 2) AS owed, a.available, count(*) OVER () AS count
    FROM (SELECT user_id, sum(amount) AS owed FROM taken_back GROUP BY user_id) AS t JOIN accounts AS a USING (user_id)
    WHERE t.owed > a.available ORDER BY t.user_id LIMIT $1";

/// What is neither taken back with the run nor alone, by the wallet.
const STILL_SHORT: &str = "SELECT l.user_id, l.owed::numeric(14, 2) AS owed, a.available, count(*) OVER () AS count,
           (sum(l.owed) OVER ())::numeric(18, 2) AS total
    FROM (SELECT m.user_id, sum(m.amount) AS owed FROM settlement_movements AS m
          LEFT JOIN slips AS s ON s.settle_date = m.settle_date AND s.run_id = m.run_id AND s.user_id = m.user_id
                              AND s.amount_type = m.amount_type
          WHERE m.settle_date = $1 AND m.run_id = $2
            AND NOT EXISTS (SELECT FROM run_reversal_movements AS r
                            WHERE r.run_id = m.run_id AND r.user_id = m.user_id AND r.amount_type = m.amount_type)
            AND NOT EXISTS (SELECT FROM ledger_keys AS k WHERE k.key = 'reversal:' || s.posting_id)
          GROUP BY m.user_id) AS l JOIN accounts AS a USING (user_id)
    ORDER BY l.user_id LIMIT $3";

const LEAVE_SHORT: &str = "DELETE FROM taken_back WHERE user_id IN (
    SELECT t.user_id FROM (SELECT user_id, sum(amount) AS owed FROM taken_back GROUP BY user_id) AS t
    JOIN accounts AS a USING (user_id) WHERE t.owed > a.available)";

const KEEP: &str =
    "INSERT INTO run_reversals (run_id, reversed_by, reason, reversed_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (run_id) DO NOTHING";

fn movements(run: RunId, now: DateTime<Utc>) -> String {
    format!(
        "INSERT INTO run_reversal_movements (run_id, user_id, amount_type, before, sum, amount, after, posting_id, reversed_at)
         SELECT '{run}', user_id, amount_type, before, sum, amount, after, CASE WHEN amount > 0 THEN id END, '{now}' FROM taken_back",
        now = now.to_rfc3339(),
    )
}

const KEYS: &str = "INSERT INTO ledger_keys (key, posting_id, booked_on)
    SELECT key, id, $1 FROM taken_back WHERE amount > 0";

const POSTINGS: &str =
    "INSERT INTO ledger_postings (id, booked_on, key, kind, user_id, reverses, reason, created_at)
    SELECT id, $1, key, 'reversal', user_id, original, $2, $3 FROM taken_back WHERE amount > 0";

fn lines() -> String {
    format!(
    "INSERT INTO ledger_lines (posting_id, booked_on, account, user_id, amount)
     SELECT t.id, $1, l.account, l.user_id, l.amount
     FROM taken_back AS t, LATERAL (VALUES ({available}::smallint, t.user_id, -t.amount), ({ads}, NULL, t.amount)) AS l (account, user_id, amount)
     WHERE t.amount > 0",
    available = Account::Available.number(),
    ads = Account::SettlementAds.number(),
    )
}

/// The slips show the balances they leave, the one of own ads first.
fn wallets() -> String {
    format!(
    "WITH given AS (
         SELECT user_id, sum(amount) AS amount, max(after) FILTER (WHERE amount_type = {own_ads}) AS ads,
                max(after) FILTER (WHERE amount_type = {disciple_ads}) AS disciple_ads
         FROM taken_back GROUP BY user_id),
     left_over AS (
         UPDATE accounts AS a SET available = a.available - g.amount, carried_ads = coalesce(g.ads, a.carried_ads),
                carried_disciple_ads = coalesce(g.disciple_ads, a.carried_disciple_ads)
         FROM given AS g WHERE g.user_id = a.user_id RETURNING a.user_id, a.available)
     INSERT INTO slips (id, user_id, amount_type, direction, amount, balance, settle_date, posting_id, remark, created_at)
     SELECT t.id, t.user_id, {correction}, {payment}, t.amount,
            l.available + coalesce(sum(t.amount) OVER (PARTITION BY t.user_id ORDER BY t.amount_type DESC
                                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0),
            $1, t.id, $2, $3
     FROM taken_back AS t JOIN left_over AS l USING (user_id) WHERE t.amount > 0",
    own_ads = AmountType::Ads,
    disciple_ads = AmountType::DiscipleAds,
    correction = AmountType::Correction,
    payment = Direction::Payment,
    )
}

fn house() -> String {
    format!(
        "UPDATE house_accounts SET balance = balance + (SELECT coalesce(sum(amount), 0) FROM taken_back) WHERE account = {ads}",
        ads = Account::SettlementAds.number(),
    )
}

const KEPT: &str = "SELECT o.name AS reversed_by, r.reason, r.reversed_at,
        (SELECT count(DISTINCT user_id) FROM run_reversal_movements WHERE run_id = r.run_id AND amount > 0) AS wallets,
        (SELECT coalesce(sum(amount), 0) FROM run_reversal_movements WHERE run_id = r.run_id)::numeric(18, 2) AS amount
    FROM run_reversals AS r JOIN operators AS o ON o.id = r.reversed_by WHERE r.run_id = $1";
