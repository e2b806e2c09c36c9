//! Who works on which withdrawal: one statement each, so that of two replicas one gets it. `next_attempt_at` is the
//! lease; `attempts` is the fence of a submission.

use super::{COLUMNS, Withdrawal};
use crate::identity::UserStatus;
use crate::withdrawal::model::State;
use chrono::{DateTime, Utc};
use kernel::db;
use kernel::error::Result;
use kernel::id::WithdrawalId;
use sea_orm::ConnectionTrait;

/// Takes the oldest approved withdrawal of a user who is not blocked, to submit it for the first time.
pub(in super::super) async fn approved(
    conn: &impl ConnectionTrait,
    connector: &str,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Option<Withdrawal>> {
    let sql = format!(
        "UPDATE withdrawals AS w
         SET state = $4, attempts = w.attempts + 1, submitted_at = $2, connector = $1, next_attempt_at = $3, updated_at = $2
         WHERE w.id = (SELECT due.id FROM withdrawals AS due JOIN users ON users.id = due.user_id
                       WHERE due.state = $5 AND due.next_attempt_at <= $2 AND users.status = $6
                         AND NOT (SELECT paused FROM payout_switch)
                       ORDER BY due.created_at, due.id LIMIT 1 FOR UPDATE OF due SKIP LOCKED)
           AND w.state = $5
         RETURNING {COLUMNS}"
    );
    let values = [
        connector.into(),
        now.into(),
        lease_until.into(),
        State::Submitting.name().into(),
        State::Approved.name().into(),
        UserStatus::Normal.into(),
    ];
    db::fetch_optional(conn, &sql, values).await
}

/// Takes an unknown withdrawal that the partner has no bill of, to submit it once more, if it is as it was `seen`.
pub(in super::super) async fn again(
    conn: &impl ConnectionTrait,
    seen: &Withdrawal,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Option<Withdrawal>> {
    let sql = format!(
        "UPDATE withdrawals AS w SET state = $5, attempts = w.attempts + 1, next_attempt_at = $4, updated_at = $3
         FROM users
         WHERE w.id = $1 AND w.attempts = $2 AND w.state = $6 AND users.id = w.user_id AND users.status = $7
           AND NOT (SELECT paused FROM payout_switch)
         RETURNING {COLUMNS}"
    );
    let values = [
        seen.id.into(),
        seen.attempts.into(),
        now.into(),
        lease_until.into(),
        State::Submitting.name().into(),
        State::Unknown.name().into(),
        UserStatus::Normal.into(),
    ];
    db::fetch_optional(conn, &sql, values).await
}

/// Takes the withdrawal whose query is due longest. Only bills of this connector: another one would not find them.
pub(in super::super) async fn to_query(
    conn: &impl ConnectionTrait,
    connector: &str,
    due: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Option<Withdrawal>> {
    let queried = State::queried_sql();
    let sql = format!(
        "UPDATE withdrawals AS w SET next_attempt_at = $3
         WHERE w.id = (SELECT id FROM withdrawals
                       WHERE state IN ({queried}) AND next_attempt_at <= $2 AND connector = $1
                       ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
           AND w.state IN ({queried})
         RETURNING {COLUMNS}"
    );
    let values = [connector.into(), due.into(), lease_until.into()];
    db::fetch_optional(conn, &sql, values).await
}

/// Makes the query of one withdrawal due now.
pub(in super::super) async fn hint(
    conn: &impl ConnectionTrait,
    id: WithdrawalId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "UPDATE withdrawals SET next_attempt_at = $2
               WHERE id = $1 AND state = ANY($3)";
    Ok(db::execute(conn, sql, [id.into(), now.into(), State::queried().into()]).await? == 1)
}

/// Submissions whose lease has run out: whoever made the call is gone, and nobody knows what became of it.
pub(in super::super) async fn abandon_submissions(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<u64> {
    let sql = "UPDATE withdrawals SET state = $3, partner_state = 'the call was cut off', next_attempt_at = $1, updated_at = $1
               WHERE state = $2 AND next_attempt_at <= $1";
    let [from, to] = [State::Submitting, State::Unknown].map(|state| state.name().into());
    db::execute(conn, sql, [now.into(), from, to]).await
}

/// When the oldest withdrawal that nobody knows about was first submitted.
pub(in super::super) async fn oldest_unknown(conn: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>> {
    let sql = "SELECT min(submitted_at) FROM withdrawals WHERE state = $1";
    Ok(
        db::fetch_scalar::<Option<DateTime<Utc>>>(conn, sql, [State::Unknown.name().into()])
            .await?
            .flatten(),
    )
}
