//! Accounts of the house.

use crate::ledger::model::{Account, Posting};
use kernel::db;
use kernel::error::Result;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Moves the house's accounts.
pub(in crate::ledger) async fn post(conn: &impl ConnectionTrait, posting: &Posting) -> Result<()> {
    for (account, amount) in posting.lines.iter().filter(|line| !line.0.is_users()) {
        let sql = "UPDATE house_accounts SET balance = balance + $2 WHERE account = $1";
        db::execute(conn, sql, [(*account).into(), (*amount).into()]).await?;
    }
    Ok(())
}

/// An account of the house, or all wallets together.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs)]
pub struct AccountBalance {
    pub account: Account,
    pub name: String,
    pub balance: Decimal,
}

/// Balances of the house's accounts and of all wallets together; they sum to zero.
pub async fn accounts(conn: &impl ConnectionTrait) -> Result<Vec<AccountBalance>> {
    let sql = format!(
        "WITH wallets AS (SELECT coalesce(sum(available), 0) AS available, coalesce(sum(held), 0) AS held FROM accounts)
               SELECT account, name, balance FROM house_accounts
               UNION ALL SELECT {available}::smallint, 'available', available FROM wallets
               UNION ALL SELECT {held}::smallint, 'held', held FROM wallets
               ORDER BY account",
        available = Account::Available,
        held = Account::Held
    );
    db::fetch_all(conn, &sql, []).await
}
