//! Typed identifiers: UUIDs of our rows, one type a table, so that one is never passed for another.

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A new time-ordered UUID (version 7).
pub fn new_uuid() -> Uuid {
    Uuid::now_v7()
}

/// The first 17 hex digits of a version 7 UUID with its variant: fifteen digits of a counter make it whole (RFC 9562,
/// section 6.2, method 1). Rows of one batch get neighbouring ids, which indexes like.
pub fn sequence_prefix(id: Uuid) -> String {
    let mut prefix = id.simple().to_string();
    prefix.truncate(16);
    prefix.push('8');
    prefix
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one, ordered by time of creation.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                $name(new_uuid())
            }
        }

        /// No sequence ever makes one; entities ask for it of every key.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map($name)
            }
        }

        crate::textual!($name, "uuid", None);
    )*};
}

ids! {
    /// A user.
    UserId,
    /// An operator of the console.
    OperatorId,
    /// A robot.
    RobotId,
    /// A group row: one stay of a robot in a chat group.
    GroupId,
    /// A profit template's version.
    TemplateId,
    /// A settlement run.
    RunId,
    /// A ledger posting.
    PostingId,
    /// A slip.
    SlipId,
    /// A withdrawal.
    WithdrawalId,
    /// A clean-up plan.
    PlanId,
    /// An ads batch.
    BatchId,
    /// A message of the outbox.
    MessageId,
    /// An entry of the audit trail.
    AuditId,
    /// A kept check of the ledger.
    CheckId,
    /// A correction of the books.
    CorrectionId,
    /// A job that was asked for by hand.
    JobRequestId,
}
