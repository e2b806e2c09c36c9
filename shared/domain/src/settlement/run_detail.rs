//! One run with everything operators ask about it.

use super::model::{RunKind, RunSummary};
use super::repo::reversal::{KeptReversal, StillShort};
use super::repo::run_rows::{self, LineFilter, RunLine, RunRates, RunSlip};
use super::repo::{reversal, runs};
use crate::ledger::AmountType;
use kernel::Context;
use kernel::error::Result;
use kernel::id::{BatchId, RunId, UserId};
use kernel::money::Money;
use kernel::page::{Page, Paged};
use poem_openapi::Object;

kernel::named! {
    /// Whether a run stands.
    pub enum SettlementState {
        /// It does.
        Settled = "settled",
        /// It was taken back, from all wallets or from those that had enough.
        Reversed = "reversed",
    }
}

/// What a run came to for one kind of slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Object)]
pub struct RunTotal {
    /// Which slips.
    pub amount_type: AmountType,
    /// How many.
    pub slips: i32,
    /// What they come to.
    pub amount: Money,
}

/// A run and what belongs to it.
#[derive(Debug)]
pub struct RunDetail {
    /// The run.
    pub run: RunSummary,
    /// Whether it stands.
    pub state: SettlementState,
    /// By kind of slip; empty for runs from before these sums were kept.
    pub totals: Vec<RunTotal>,
    /// The rates it went by.
    pub rates: RunRates,
    /// The batch of an ads run.
    pub batch_id: Option<BatchId>,
    /// How it was taken back, where it was.
    pub reversal: Option<KeptReversal>,
    /// What that has not taken back so far.
    pub still_short: Option<StillShort>,
}

/// One run for an operator.
///
/// # Errors
/// 1404 when there is none.
pub async fn get_run(context: &Context, id: RunId) -> Result<RunDetail> {
    let conn = context.db.read();
    let run = runs::run(conn, id).await?;
    let (rates, batch_id) = (
        run_rows::rates_of_run(conn, &run).await?,
        run_rows::batch_of_run(conn, &run).await?,
    );
    let reversal = reversal::kept_if_any(conn, id).await?;
    let still_short = match reversal {
        Some(_) => Some(reversal::still_short(conn, &run).await?),
        None => None,
    };
    Ok(RunDetail {
        state: match reversal {
            Some(_) => SettlementState::Reversed,
            None => SettlementState::Settled,
        },
        totals: totals(&run),
        rates,
        batch_id,
        reversal,
        still_short,
        run,
    })
}

fn totals(run: &RunSummary) -> Vec<RunTotal> {
    let (own, disciples) = match run.kind {
        RunKind::Groups => (AmountType::Groups, AmountType::DiscipleGroups),
        RunKind::Ads => (AmountType::Ads, AmountType::DiscipleAds),
    };
    let total = |amount_type, slips: Option<i32>, amount: Option<Money>| {
        Some(RunTotal {
            amount_type,
            slips: slips?,
            amount: amount?,
        })
    };
    [
        total(own, run.own_slips, run.own_total),
        total(disciples, run.disciples_slips, run.disciples_total),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The slips of a run by user, of one user or of all.
///
/// # Errors
/// 1404 when there is no such run.
pub async fn list_run_slips(
    context: &Context,
    id: RunId,
    user: Option<UserId>,
    page: Page,
) -> Result<Paged<RunSlip>> {
    let conn = context.db.read();
    let run = runs::run(conn, id).await?;
    run_rows::slips(conn, &run, user, page).await
}

/// The lines of a run by importer and group.
///
/// # Errors
/// 1404 when there is no such run.
pub async fn list_run_lines(
    context: &Context,
    id: RunId,
    filter: LineFilter,
    page: Page,
) -> Result<Paged<RunLine>> {
    let conn = context.db.read();
    let run = runs::run(conn, id).await?;
    run_rows::lines(conn, &run, filter, page).await
}
