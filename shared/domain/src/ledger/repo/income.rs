//! What users' wallets gained and lost, withdrawals excepted, by date.

use crate::ledger::model::{AmountType, Direction};
use kernel::clock::BusinessDate;
use kernel::dates::DateRange;
use kernel::db;
use kernel::error::Result;
use kernel::money::Money;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};

/// The slips of a date and kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromQueryResult, Object)]
pub struct DayIncome {
    /// The settle date.
    pub date: BusinessDate,
    /// The kind of the slips.
    pub kind: AmountType,
    /// Their sum, yuan: what wallets gained, below zero what they lost.
    pub amount: Money,
}

/// The slips that no settlement run wrote, withdrawals aside: fees, corrections, red packets. Those of runs are known by
/// their runs.
pub async fn income_of_no_run(conn: &impl ConnectionTrait, dates: DateRange) -> Result<Vec<DayIncome>> {
    // Type and run are written out, not bound: the index is a partial one.
    let sql = format!(
        "SELECT settle_date AS date, amount_type AS kind,
                sum(CASE WHEN direction = {income} THEN amount ELSE -amount END) AS amount
         FROM slips WHERE settle_date BETWEEN $1 AND $2 AND run_id IS NULL AND amount_type <> {withdrawal}
         GROUP BY settle_date, amount_type",
        income = Direction::Income,
        withdrawal = AmountType::Withdrawal,
    );
    db::fetch_all(conn, &sql, dates.values()).await
}
