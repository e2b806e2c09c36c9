//! What the clean-up takes, and in which order.

use super::CancelReason;

/// A step of a clean-up plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The name matches a forbidden pattern.
    IllegalName,
    /// One star, delivery off.
    DeliveryOff,
    /// One star, without ad clicks lately.
    NoClick,
    /// One star or none, and hardly anybody in it.
    FewMembers,
    /// One star, oldest first.
    OldestOneStar,
    /// Two stars, oldest first.
    OldestTwoStar,
}

impl Step {
    /// How one-star overflow is taken, in this order.
    pub const ONE_STAR: [Step; 4] = [
        Step::DeliveryOff,
        Step::NoClick,
        Step::FewMembers,
        Step::OldestOneStar,
    ];

    /// The name in the schema.
    pub const fn name(self) -> &'static str {
        match self {
            Step::IllegalName => "illegal_name",
            Step::DeliveryOff => "delivery_off",
            Step::NoClick => "no_click",
            Step::FewMembers => "few_members",
            Step::OldestOneStar => "oldest_one_star",
            Step::OldestTwoStar => "oldest_two_star",
        }
    }

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
