//! An operator takes a posting back.

use super::model::{Account, Posting, PostingKind};
use super::post::correct;
use super::repo::postings;
use super::repo::wallets;
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
/// A reversal is not taken back: what it names would then count as taken back and be paid all the same, and the revenue
/// of a run that was taken back, paid once more when its date is handed in again.
///
/// # Errors
/// 1404 for no such posting, 1409 when it was taken back before, alone or with its run, 3002 when the user no longer has
/// the money, 1403 without a reason, for reversals, and for postings of a withdrawal, which have ways of their own.
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
    let (user, kind, booked_on) = lines
        .first()
        .and_then(|line| Some((line.user_id?, line.kind, line.booked_on)))
        .ok_or_else(|| Error::not_found("posting"))?;
    if kind == PostingKind::Reversal {
        return Err(Error::params(
            "posting",
            "is a reversal, which stays; where it was a mistake, book a correction, or enter the revenue of a run as ads again",
        ));
    }
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
            "belongs to a withdrawal and is undone there; a correction of payouts is undone by another one",
        ));
    }
    // From here on no run is taken back from this wallet.
    wallets::lock_wallet(&txn, user).await?;
    if postings::went_back_with_run(&txn, user, booked_on, posting).await? {
        return Err(Error::new(
            Code::DuplicateRequest,
            "this posting was taken back with its run",
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
