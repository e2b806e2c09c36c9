//! What the clean-up takes, and in which order.

use super::star::Star;
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::id::{GroupId, OperatorId, PlanId};
use sea_orm::FromQueryResult;
use serde::Serialize;
use transport::{CancelReason, GroupCode, UserCode};

kernel::named! {
    /// How far a clean-up has come.
    pub enum PlanState {
        /// It waits for its time, and can be looked at and held.
        Planned = "planned",
        /// It is over.
        CarriedOut = "carried_out",
    }
}

kernel::named! {
    /// A step of a clean-up plan.
    pub enum Step {
        /// The name matches a forbidden pattern.
        IllegalName = "illegal_name",
        /// One star, delivery off.
        DeliveryOff = "delivery_off",
        /// One star, without ad clicks lately.
        NoClick = "no_click",
        /// One star or none, and hardly anybody in it.
        FewMembers = "few_members",
        /// One star, oldest first.
        OldestOneStar = "oldest_one_star",
        /// Two stars, oldest first.
        OldestTwoStar = "oldest_two_star",
    }
}

kernel::named! {
    /// What became of a group in a plan.
    pub enum EntryOutcome {
        /// The chat network was asked to unbind it.
        Asked = "asked",
        /// It was gone, rated otherwise, or held in the plan of another date by then.
        Lapsed = "lapsed",
    }
}

/// A plan.
#[derive(Debug, Clone, FromQueryResult, Serialize)]
#[allow(missing_docs)]
pub struct Plan {
    pub id: PlanId,
    pub business_date: BusinessDate,
    pub state: PlanState,
    pub planned_at: DateTime<Utc>,
    pub carried_out_at: Option<DateTime<Utc>>,
}

/// What a step of a plan comes to.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Serialize)]
#[allow(missing_docs)]
pub struct StepCount {
    pub step: Step,
    /// Groups planned.
    pub groups: i64,
    /// Of these, held by an operator.
    pub held: i64,
    /// Given up.
    pub asked: i64,
    /// Gone, rated otherwise or held in another plan before their time came.
    pub lapsed: i64,
}

/// A plan and what its steps come to.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The plan; none on a dry run, which leaves nothing behind.
    pub plan: Option<Plan>,
    /// Its steps, in order; those that took nothing are left out.
    pub steps: Vec<StepCount>,
}

/// A group in a plan.
#[derive(Debug, Clone, FromQueryResult, Serialize)]
#[allow(missing_docs)]
pub struct CleanupEntry {
    pub group_id: GroupId,
    pub code: GroupCode,
    pub name: String,
    pub user_code: Option<UserCode>,
    pub star: Option<Star>,
    pub member_count: Option<i32>,
    pub bound_at: DateTime<Utc>,
    pub step: Step,
    pub cancel_reason: CancelReason,
    pub held_by: Option<OperatorId>,
    pub held_reason: Option<String>,
    /// Once carried out.
    pub outcome: Option<EntryOutcome>,
    pub carried_out_at: Option<DateTime<Utc>>,
}

impl Step {
    /// How one-star overflow is taken, in this order.
    pub const ONE_STAR: [Step; 4] = [
        Step::DeliveryOff,
        Step::NoClick,
        Step::FewMembers,
        Step::OldestOneStar,
    ];

    /// Why the groups it takes go.
    pub const fn reason(self) -> CancelReason {
        match self {
            Step::IllegalName => CancelReason::Illegal,
            _ => CancelReason::Wanted,
        }
    }
}

/// How many groups are above the limit.
pub fn overflow(groups: i64, limit: i64) -> i64 {
    (groups - limit).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_above_the_limit_overflows() {
        assert_eq!((overflow(20, 20), overflow(21, 20), overflow(0, 20)), (0, 1, 0));
    }

    #[test]
    fn illegal_groups_never_come_back_and_the_others_may() {
        assert!(Step::IllegalName.reason().bars_return());
        assert!(Step::ONE_STAR.iter().all(|step| !step.reason().bars_return()));
    }
}
