//! A user's wallet: opened with the user, and asked whether it ever held anything.

use kernel::db;
use kernel::error::Result;
use kernel::id::UserId;
use sea_orm::ConnectionTrait;

/// Opens the wallet of a new user, in the transaction that makes them.
///
/// # Errors
/// What PostgreSQL says.
pub async fn open_wallet(conn: &impl ConnectionTrait, user: UserId) -> Result<()> {
    let sql = "INSERT INTO accounts (user_id) VALUES ($1)";
    db::execute(conn, sql, [user.into()]).await.map(|_| ())
}

/// Whether the wallet never held anything; it is locked to the end of the transaction.
///
/// # Errors
/// What PostgreSQL says.
pub async fn wallet_is_untouched(conn: &impl ConnectionTrait, user: UserId) -> Result<bool> {
    let sql = "SELECT available = 0 AND held = 0 AND income = 0 AND carried_groups = 0 AND carried_ads = 0
                      AND carried_disciple_groups = 0 AND carried_disciple_ads = 0
               FROM accounts WHERE user_id = $1 FOR UPDATE";
    Ok(db::fetch_scalar(conn, sql, [user.into()]).await?.unwrap_or(true))
}
