//! The collection of adoption fees, in one statement.

use crate::ledger::model::{Account, AmountType};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::Result;
use kernel::id::{new_uuid, sequence_prefix};
use kernel::money::Money;
use sea_orm::ConnectionTrait;

/// Collects every fee that its wallet can pay, oldest friendship first; how many. The caller holds the lock on many
/// wallets.
pub(in crate::ledger) async fn collect(
    conn: &impl ConnectionTrait,
    fee: Money,
    today: BusinessDate,
    now: DateTime<Utc>,
) -> Result<u64> {
    db::execute(conn, "SET LOCAL statement_timeout = 0", []).await?;
    let sql = format!(
        "WITH due AS (
             SELECT f.robot_id, f.user_id, row_number() OVER (PARTITION BY f.user_id ORDER BY f.created_at, f.robot_id) AS place,
                    ($4::text || lpad(to_hex(row_number() OVER (ORDER BY f.user_id, f.created_at, f.robot_id)), 15, '0'))::uuid AS id
             FROM friendships AS f WHERE NOT f.fee_collected),
         wallets AS (
             SELECT user_id, available FROM accounts WHERE user_id IN (SELECT user_id FROM due) AND available >= $1
             ORDER BY user_id FOR UPDATE),
         payable AS (
             SELECT due.*, wallets.available - due.place * $1 AS balance FROM due JOIN wallets USING (user_id)
             WHERE due.place * $1 <= wallets.available),
         collected AS (
             UPDATE friendships AS f SET fee_collected = true FROM payable
             WHERE f.robot_id = payable.robot_id AND f.user_id = payable.user_id),
         keys AS (
             INSERT INTO ledger_keys (key, posting_id, booked_on)
             SELECT 'adopt:' || user_id || ':' || robot_id, id, $2 FROM payable),
         postings AS (
             INSERT INTO ledger_postings (id, booked_on, key, kind, user_id, created_at)
             SELECT id, $2, 'adopt:' || user_id || ':' || robot_id, 'adoption', user_id, $3 FROM payable),
         lines AS (
             INSERT INTO ledger_lines (posting_id, booked_on, account, user_id, amount)
             SELECT id, $2, line.account, line.user_id, line.amount FROM payable,
                    LATERAL (VALUES ({available}, user_id, -$1), ({fees}, NULL, $1)) AS line (account, user_id, amount)),
         slips AS (
             INSERT INTO slips (id, user_id, amount_type, direction, amount, balance, settle_date, posting_id, created_at)
             SELECT id, user_id, {adoption}, 2, $1, balance, $2, id, $3 FROM payable),
         paid AS (
             UPDATE accounts SET available = available - paid.total
             FROM (SELECT user_id, sum($1::numeric) AS total FROM payable GROUP BY user_id) AS paid
             WHERE accounts.user_id = paid.user_id)
         UPDATE house_accounts SET balance = balance + total.amount
         FROM (SELECT coalesce(sum($1::numeric), 0) AS amount FROM payable) AS total
         WHERE account = {fees}
         RETURNING (total.amount / $1)::bigint",
        available = Account::Available.number(),
        fees = Account::AdoptionFees.number(),
        adoption = AmountType::Adoption.number(),
    );
    let values = [
        fee.into(),
        today.into(),
        now.into(),
        sequence_prefix(new_uuid()).into(),
    ];
    let count: i64 = db::fetch_scalar(conn, &sql, values).await?.unwrap_or(0);
    Ok(count as u64)
}
