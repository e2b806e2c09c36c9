//! Why a slip is what it is, as users and operators are told.

use crate::basis::LineBasis;
use chrono::{DateTime, Utc};
use domain::ledger::statement::Slip;
use domain::settlement;
use domain::settlement::{LineRole, RemainderMovement, RunKind, RunSummary};
use kernel::clock::BusinessDate;
use kernel::id::{GroupId, RunId};
use kernel::money::Share;
use poem_openapi::Object;

/// A slip and all that led to it.
#[derive(Object)]
pub struct Explanation {
    slip: Slip,
    /// The settlement run that wrote it; null for other slips.
    run: Option<ExplainedRun>,
    /// before + sum = amount + after; null for slips that no run wrote.
    movement: Option<RemainderMovement>,
    /// One page of the lines that make up the sum.
    lines: Vec<ExplanationLine>,
}

/// The run.
#[derive(Object)]
struct ExplainedRun {
    id: RunId,
    /// `groups` or `ads`.
    kind: RunKind,
    settle_date: BusinessDate,
    /// 0, or the number of a supplementary ads batch.
    batch_no: i32,
    /// Version of the masters' rates.
    rates_version: i32,
    settled_at: DateTime<Utc>,
}

/// One group's part.
#[derive(Object)]
struct ExplanationLine {
    group_id: GroupId,
    group_code: String,
    group_name: String,
    role: LineRole,
    /// What the disciple is called who pulled it; null where the slip's owner did.
    importer_nickname: Option<String>,
    /// Yuan, six places.
    amount: Share,
    /// What decided it.
    basis: LineBasis,
    /// Which of its days the group was settled for, from 1; null for ads, and where it was not kept.
    settle_day: Option<i16>,
    /// For how many days it is settled at its star; null except for new groups.
    settle_days: Option<i16>,
    /// Whether the rule, asked again, gives the same amount.
    confirmed: bool,
}

impl From<settlement::Explanation> for Explanation {
    fn from(found: settlement::Explanation) -> Self {
        Explanation {
            slip: found.slip,
            run: found.run.map(ExplainedRun::from),
            movement: found.movement,
            lines: found.lines.into_iter().map(ExplanationLine::from).collect(),
        }
    }
}

impl From<RunSummary> for ExplainedRun {
    fn from(run: RunSummary) -> Self {
        ExplainedRun {
            id: run.id,
            kind: run.kind,
            settle_date: run.settle_date,
            batch_no: run.batch_no,
            rates_version: run.rates_version,
            settled_at: run.settled_at,
        }
    }
}

impl From<settlement::ExplanationLine> for ExplanationLine {
    fn from(line: settlement::ExplanationLine) -> Self {
        ExplanationLine {
            group_id: line.group_id,
            group_code: line.group_code,
            group_name: line.group_name,
            role: line.role,
            importer_nickname: line.importer_nickname,
            amount: line.amount,
            settle_day: line.settle_day,
            settle_days: line.settle_days,
            basis: line.basis.into(),
            confirmed: line.confirmed,
        }
    }
}
