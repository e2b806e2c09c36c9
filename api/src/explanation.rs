//! Why a slip is what it is, as users and operators are told.

use crate::http::schema::Text;
use chrono::{DateTime, Utc};
use domain::ledger::statement;
use domain::settlement::explain;
use domain::settlement::service::RunSummary;
use kernel::clock::BusinessDate;
use kernel::id::{GroupId, RunId, SlipId};
use kernel::money::Money;
use poem_openapi::types::Any;
use poem_openapi::{Enum, Object};
use serde_json::Value;

/// A slip and all that led to it.
#[derive(Object)]
pub struct Explanation {
    slip: ExplainedSlip,
    /// The settlement run that wrote it; null for other slips.
    run: Option<ExplainedRun>,
    /// before + sum = amount + after; null for slips that no run wrote.
    movement: Option<RemainderMovement>,
    /// One page of the lines that make up the sum.
    lines: Vec<ExplanationLine>,
}

/// The slip.
#[derive(Object)]
struct ExplainedSlip {
    id: Text<SlipId>,
    /// 1 groups, 2 ads, 3 disciples' groups, 4 disciples' ads, 6 correction, 8 adoption, 9 withdrawal, 10 other.
    amount_type: i16,
    /// 1 income, 2 payment.
    direction: i16,
    amount: Text<Money>,
    /// What could be withdrawn after it.
    balance: Text<Money>,
    settle_date: Text<BusinessDate>,
    remark: String,
    created_at: DateTime<Utc>,
}

/// The run.
#[derive(Object)]
struct ExplainedRun {
    id: Text<RunId>,
    /// `groups` or `ads`.
    kind: String,
    settle_date: Text<BusinessDate>,
    /// 0, or the number of a supplementary ads batch.
    batch_no: i32,
    /// Version of the masters' rates.
    rates_version: i32,
    settled_at: DateTime<Utc>,
}

/// How the carried remainder moved.
#[derive(Object)]
struct RemainderMovement {
    /// Yuan carried from the run before, six places.
    before: String,
    /// Yuan of the lines, six places.
    sum: String,
    /// The slip.
    amount: Text<Money>,
    /// Yuan carried to the next run, six places.
    after: String,
}

/// What the slip's owner is to the group's importer.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum LineRole {
    User,
    Master,
    GrandMaster,
}

/// One group's part.
#[derive(Object)]
struct ExplanationLine {
    group_id: Text<GroupId>,
    group_code: String,
    group_name: String,
    role: LineRole,
    /// Yuan, six places.
    amount: String,
    /// What decided it, told apart by `case`: `new` (template, version, star, profit, activity_profit, rate, father,
    /// grand_father), `old` (owned, repeat_rate) or `ad` (amount, father, grand_father).
    basis: Any<Value>,
    /// Whether the rule, asked again, gives the same amount.
    confirmed: bool,
}

impl TryFrom<explain::Explanation> for Explanation {
    type Error = kernel::Error;

    fn try_from(found: explain::Explanation) -> kernel::Result<Self> {
        Ok(Explanation {
            slip: found.slip.into(),
            run: found.run.map(ExplainedRun::from),
            movement: found.movement.map(RemainderMovement::from),
            lines: found
                .lines
                .into_iter()
                .map(ExplanationLine::try_from)
                .collect::<kernel::Result<_>>()?,
        })
    }
}

impl From<statement::Slip> for ExplainedSlip {
    fn from(slip: statement::Slip) -> Self {
        ExplainedSlip {
            id: slip.id.into(),
            amount_type: slip.amount_type,
            direction: slip.direction,
            amount: slip.amount.into(),
            balance: slip.balance.into(),
            settle_date: slip.settle_date.into(),
            remark: slip.remark,
            created_at: slip.created_at,
        }
    }
}

impl From<RunSummary> for ExplainedRun {
    fn from(run: RunSummary) -> Self {
        ExplainedRun {
            id: run.id.into(),
            kind: run.kind,
            settle_date: run.settle_date.into(),
            batch_no: run.batch_no,
            rates_version: run.rates_version,
            settled_at: run.settled_at,
        }
    }
}

impl From<explain::Movement> for RemainderMovement {
    fn from(movement: explain::Movement) -> Self {
        RemainderMovement {
            before: movement.before.to_string(),
            sum: movement.sum.to_string(),
            amount: movement.amount.into(),
            after: movement.after.to_string(),
        }
    }
}

impl TryFrom<explain::Line> for ExplanationLine {
    type Error = kernel::Error;

    fn try_from(line: explain::Line) -> kernel::Result<Self> {
        Ok(ExplanationLine {
            group_id: line.group_id.into(),
            group_code: line.group_code,
            group_name: line.group_name,
            role: match line.role {
                explain::Role::User => LineRole::User,
                explain::Role::Master => LineRole::Master,
                explain::Role::GrandMaster => LineRole::GrandMaster,
            },
            amount: line.amount.to_string(),
            basis: Any(serde_json::to_value(line.basis)?),
            confirmed: line.confirmed,
        })
    }
}
