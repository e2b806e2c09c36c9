//! Accounts of the house.

use crate::ledger::model::{Account, Posting};
use kernel::Context;
use kernel::db;
use kernel::error::Result;
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Moves the house's accounts.
pub(in crate::ledger) async fn post(conn: &impl ConnectionTrait, posting: &Posting) -> Result<()> {
    for (account, amount) in posting.lines.iter().filter(|line| !line.0.is_users()) {
        let sql = "UPDATE house_accounts SET balance = balance + $2 WHERE account = $1";
        db::execute(conn, sql, [(*account).into(), (*amount).into()]).await?;
    }
    Ok(())
}

/// An account's balance.
#[derive(Debug, Clone, FromQueryResult, Object)]
#[allow(missing_docs)]
pub struct AccountBalance {
    /// 1 and 2 are all wallets together, those from 11 on belong to the house.
    pub account: Account,
    pub name: String,
    /// Yuan, a decimal string.
    pub balance: String,
}

/// Balances of the house's accounts and of all wallets together; they sum to zero.
pub async fn accounts(context: &Context) -> Result<Vec<AccountBalance>> {
    let sql = format!(
        "WITH wallets AS (SELECT coalesce(sum(available), 0) AS available, coalesce(sum(held), 0) AS held FROM accounts)
         SELECT account, name, balance::numeric(20, 2)::text AS balance FROM (
             SELECT account, name, balance FROM house_accounts
             UNION ALL SELECT {available}::smallint, 'available', available FROM wallets
             UNION ALL SELECT {held}::smallint, 'held', held FROM wallets) AS all_accounts
         ORDER BY account",
        available = Account::Available,
        held = Account::Held
    );
    db::fetch_all(context.db.read(), &sql, []).await
}
