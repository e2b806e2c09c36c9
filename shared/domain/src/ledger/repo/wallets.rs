//! Wallets: opened with the user, asked, locked, moved.

use crate::ledger::model::{Account, Posting, Wallet};
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use sea_orm::ConnectionTrait;

/// Opens the wallet of a new user, in the transaction that makes them.
pub async fn open_wallet(conn: &impl ConnectionTrait, user: UserId) -> Result<()> {
    let sql = "INSERT INTO accounts (user_id) VALUES ($1)";
    db::execute(conn, sql, [user.into()]).await.map(|_| ())
}

/// Whether the wallet never held anything; it is locked to the end of the transaction.
pub async fn wallet_is_untouched(conn: &impl ConnectionTrait, user: UserId) -> Result<bool> {
    let sql = "SELECT available = 0 AND held = 0 AND income = 0 AND carried_groups = 0 AND carried_ads = 0
                      AND carried_disciple_groups = 0 AND carried_disciple_ads = 0
               FROM accounts WHERE user_id = $1 FOR UPDATE";
    Ok(db::fetch_scalar(conn, sql, [user.into()]).await?.unwrap_or(true))
}

/// The user's wallet, if there is one.
pub async fn wallet(conn: &impl ConnectionTrait, user: UserId) -> Result<Option<Wallet>> {
    db::fetch_optional(
        conn,
        "SELECT available, held, income FROM accounts WHERE user_id = $1",
        [user.into()],
    )
    .await
}

/// The user's wallet, locked until the transaction ends.
///
/// # Errors
/// 1404 without one; 503 when a settlement holds it for longer than the lock timeout.
pub async fn lock_wallet(conn: &impl ConnectionTrait, user: UserId) -> Result<Wallet> {
    let sql = "SELECT available, held, income FROM accounts WHERE user_id = $1 FOR UPDATE";
    let wallet = db::fetch_optional(conn, sql, [user.into()]).await?;
    wallet.ok_or_else(no_wallet)
}

/// Moves a wallet; its balances after.
pub(in crate::ledger) async fn post(
    conn: &impl ConnectionTrait,
    posting: &Posting,
) -> Result<Option<Wallet>> {
    let sql = "UPDATE accounts SET available = available + $2, held = held + $3
               WHERE user_id = $1 RETURNING available, held, income";
    let available = posting.change(Account::Available);
    let held = posting.change(Account::Held);
    db::fetch_optional(conn, sql, [posting.user.into(), available.into(), held.into()]).await
}

/// Whose wallet it is is nobody we know.
pub(in crate::ledger) fn no_wallet() -> Error {
    Error::not_found("account")
}
