//! Bounds that need the database: what is accepted must find room in every wallet it goes to.

use crate::ledger::model::LARGEST_WALLET;
use kernel::clock::BusinessDate;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::BatchId;
use kernel::partitions;
use rust_decimal::Decimal;
use sea_orm::ConnectionTrait;

/// The most that one batch brings one importer, yuan.
const LARGEST_INCOME: Decimal = Decimal::from_parts(10_000_000, 0, 0, false, 0);

/// Refuses dates that have not come or whose books may be in the archive before a run gets to them.
///
/// # Errors
/// 1403 naming `settle_date`.
pub(super) fn date(settle_date: BusinessDate, today: BusinessDate) -> Result<()> {
    if settle_date > today {
        return Err(Error::params("settle_date", "is in the future"));
    }
    let oldest = partitions::oldest_kept(today).plus_days(31).month_start();
    if settle_date < oldest {
        return Err(Error::params(
            "settle_date",
            format!("is too long ago; the oldest is {oldest}"),
        ));
    }
    Ok(())
}

/// Refuses a batch, as written, that would bring somebody more than a day's ads can be, or whose money goes to a wallet
/// that is as full as wallets get: its run could not end.
///
/// # Errors
/// 1403 naming a group of theirs.
pub(super) async fn beneficiaries(conn: &impl ConnectionTrait, batch: BatchId) -> Result<()> {
    let sql = "WITH own AS (
                   SELECT g.user_id, min(r.group_code) AS code, sum(r.amount) AS amount
                   FROM ad_revenues AS r JOIN groups AS g ON g.id = r.group_id WHERE r.batch_id = $1 GROUP BY g.user_id),
               filled AS (SELECT user_id FROM accounts WHERE greatest(available + held, income) > $3),
               below AS (SELECT r.user_id FROM referrals AS r JOIN filled ON r.master_id = filled.user_id),
               touched AS (SELECT user_id FROM filled UNION SELECT user_id FROM below
                           UNION SELECT r.user_id FROM referrals AS r JOIN below ON r.master_id = below.user_id)
               SELECT code FROM own WHERE amount > $2 OR user_id IN (SELECT user_id FROM touched) ORDER BY code LIMIT 1";
    let values = [batch.into(), LARGEST_INCOME.into(), LARGEST_WALLET.into()];
    match db::fetch_scalar::<String>(conn, sql, values).await? {
        None => Ok(()),
        Some(code) => {
            let field = format!("data.{code}");
            let message = format!("{field} goes to somebody whose income would be beyond all bounds");
            Err(Error::params(field, message))
        }
    }
}
