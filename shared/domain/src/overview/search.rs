//! A search for whatever an operator has in hand: a phone, a code, a name, a number, an id.

use crate::{group, identity, ledger, robot, settlement, withdrawal};
use kernel::Context;
use kernel::error::{Error, Result};
use kernel::found::Found;
use poem_openapi::Object;

/// Characters a question may have.
const LONGEST: usize = 64;

kernel::named! {
    /// What a search found.
    pub enum HitKind {
        /// A user.
        User = "user",
        /// A group: one stay of a robot in it.
        Group = "group",
        /// A robot.
        Robot = "robot",
        /// A withdrawal.
        Withdrawal = "withdrawal",
        /// A posting of the books.
        Posting = "posting",
        /// A settlement run.
        Run = "run",
        /// A batch of ad revenue.
        Batch = "batch",
    }
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What tells it from others of its name.
    pub detail: String,
}

/// What the words fit, at most [`found::MOST`](kernel::found::MOST) of a kind: what they name exactly comes before what
/// begins with them.
///
/// # Errors
/// 1403 naming `q`.
pub async fn search(context: &Context, words: &str) -> Result<Vec<Hit>> {
    let words = words.trim();
    if words.is_empty() || words.chars().count() > LONGEST || words.contains('\0') {
        let message = format!("must have 1 to {LONGEST} characters");
        return Err(Error::params("q", message));
    }
    let conn = context.db.read();
    let found = [
        (HitKind::User, identity::search(conn, words).await?),
        (HitKind::Group, group::search(conn, words).await?),
        (HitKind::Robot, robot::search(conn, words).await?),
        (HitKind::Withdrawal, withdrawal::search(conn, words).await?),
        (HitKind::Posting, ledger::search(conn, words).await?),
        (HitKind::Run, settlement::search_runs(conn, words).await?),
        (HitKind::Batch, settlement::search_batches(conn, words).await?),
    ];
    let hits = found
        .into_iter()
        .flat_map(|(kind, rows)| rows.into_iter().map(move |row| (kind, row)));
    let mut hits: Vec<(HitKind, Found)> = hits.collect();
    // Stable: kinds, and the rows of each, keep their order.
    hits.sort_by_key(|(_, row)| !row.exact);
    let hit = |(kind, row): (HitKind, Found)| Hit {
        kind,
        id: row.id.to_string(),
        title: row.title,
        detail: row.detail,
    };
    Ok(hits.into_iter().map(hit).collect())
}
