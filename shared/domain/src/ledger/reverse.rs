//! An operator takes a posting back.

use super::model::{Account, Posting};
use super::post::correct;
use super::repo::postings;
use kernel::Context;
use kernel::audit;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::external::given_reason;
use kernel::id::{OperatorId, PostingId};
use kernel::money::Money;

/// An operator takes a posting back. The user sees it as a slip of type 6.
///
/// # Errors
/// 1404 for no such posting, 1409 when it was taken back before, 3002 when the user no longer has the money, 1403
/// without a reason or for postings of a withdrawal, which have ways of their own.
pub async fn reverse(
    context: &Context,
    operator: OperatorId,
    posting: PostingId,
    reason: &str,
) -> Result<PostingId> {
    let reason = given_reason(reason)?;
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    let lines = postings::lines_of(&txn, posting).await?;
    let user = lines
        .iter()
        .find_map(|line| line.user_id)
        .ok_or_else(|| Error::not_found("posting"))?;
    let lines: Vec<(Account, Money)> = lines.iter().map(|line| (line.account, line.amount)).collect();
    let lines: [(Account, Money); 2] = lines
        .try_into()
        .map_err(|_| Error::internal("a posting without two lines"))?;
    if lines
        .iter()
        .any(|line| matches!(line.0, Account::Held | Account::Payouts))
    {
        return Err(Error::params(
            "posting",
            "belongs to a withdrawal and is undone there",
        ));
    }
    let reversal = Posting::reversal(posting, user, lines, reason);
    let id = correct(&txn, &reversal, reason, BusinessDate::of(now), now)
        .await?
        .ok_or_else(|| Error::new(Code::DuplicateRequest, "this posting was reversed before"))?;
    let detail = serde_json::json!({ "reversal": id, "reason": reason });
    audit::record(
        &txn,
        operator,
        "reverse_posting",
        &posting.to_string(),
        detail,
        now,
    )
    .await?;
    txn.commit().await?;
    Ok(id)
}
