//! Two levels up, two levels down.

use kernel::id::UserId;
use poem_openapi::Object;
use sea_orm::FromQueryResult;

/// Who stands above a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Above {
    /// Who invited the user.
    pub master: Option<UserId>,
    /// Who invited the master.
    pub grand_master: Option<UserId>,
}

/// How many stand below the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult, Object)]
#[oai(rename = "Disciples")]
pub struct DiscipleCounts {
    /// Invited by the user.
    pub disciples: i64,
    /// Invited by those.
    pub grand_disciples: i64,
}
