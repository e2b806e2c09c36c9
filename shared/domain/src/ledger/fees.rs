//! Adoption fees. A friendship owes one fee; it is collected as soon as the wallet holds it, never making it negative.

use super::model::{Account, AmountType};
use kernel::Context;
use kernel::db;
use kernel::error::Result;
use kernel::id::new_uuid;

/// Key of the advisory lock that keeps those apart who touch many wallets at once: settlement runs and fee collection.
pub const MANY_WALLETS_LOCK: i64 = 0x6770_6574;

/// Collects every fee that its wallet can pay, oldest friendship first, and tells how many. A dry run only tells.
///
/// # Errors
/// What PostgreSQL says; nothing is collected then.
pub async fn collect(context: &Context, dry_run: bool) -> Result<u64> {
    let now = context.clock.now();
    let txn = context.db.begin().await?;
    db::execute(&txn, "SET LOCAL statement_timeout = 0", []).await?;
    db::execute(
        &txn,
        "SELECT pg_advisory_xact_lock($1)",
        [MANY_WALLETS_LOCK.into()],
    )
    .await?;
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
        context.config.groups.adoption_fee.into(),
        context.clock.today().into(),
        now.into(),
        sequence_prefix(new_uuid()).into(),
    ];
    let count: i64 = db::fetch_scalar(&txn, &sql, values).await?.unwrap_or(0);
    if dry_run {
        txn.rollback().await?;
    } else {
        txn.commit().await?;
    }
    Ok(count as u64)
}

/// The first 17 hex digits of a version 7 UUID with its variant: fifteen digits of a counter make it whole (RFC 9562,
/// section 6.2, method 1). Rows of one batch get neighbouring ids, which indexes like.
pub fn sequence_prefix(id: uuid::Uuid) -> String {
    let mut prefix = id.simple().to_string();
    prefix.truncate(16);
    prefix.push('8');
    prefix
}
