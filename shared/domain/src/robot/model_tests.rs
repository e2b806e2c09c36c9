use super::*;
use proptest::prelude::*;

fn counters(overage: i32, displays: i32, activations: i32) -> DayCounters {
    DayCounters {
        robot_id: RobotId::new(),
        code: "R".parse().unwrap(),
        name: "pet".into(),
        channel: None,
        status: RobotStatus::Allocatable,
        overage,
        display_limit: overage * 3,
        displays,
        activations,
        removed_reason: None,
    }
}

#[test]
fn a_days_counters_by_example() {
    // Overage 10, displays 30; four activations leave six; the thirtieth display takes it out for good.
    assert_eq!(counters(10, 0, 4).remaining(), 6);
    assert!(counters(10, 29, 4).recommendable());
    assert_eq!(counters(10, 30, 4).exhaustion(), Some(Shortage::DisplaysUsedUp));
    assert!(!counters(10, 30, 5).recommendable());
    assert_eq!(counters(10, 30, 10).remaining(), 0);
}

#[test]
fn the_reason_is_that_of_the_robot_that_came_nearest() {
    assert_eq!(Shortage::of(0, &[]), Shortage::NoneRegistered);
    assert_eq!(Shortage::of(3, &[]), Shortage::NoRobotOfChannel);
    let blocked = DayCounters {
        status: RobotStatus::Blocked,
        ..counters(15, 0, 0)
    };
    let removed = DayCounters {
        removed_reason: Some(Removal::JoinFailed),
        ..counters(15, 0, 0)
    };
    let all = [
        blocked,
        counters(0, 0, 0),
        removed,
        counters(15, 3, 15),
        counters(15, 45, 2),
    ];
    let reasons: Vec<Shortage> = (1..=all.len())
        .map(|count| Shortage::of(5, &all[..count]))
        .collect();
    assert_eq!(
        reasons,
        [
            Shortage::NoneAllocatable,
            Shortage::LifetimeUsedUp,
            Shortage::AllRemoved,
            Shortage::ActivationsUsedUp,
            Shortage::DisplaysUsedUp
        ]
    );
}

#[test]
fn a_shortage_says_why_in_its_data() {
    let error = Shortage::AllRemoved.into_error();
    assert_eq!(error.code, Code::NoRobotAvailable);
    assert_eq!(*error.data.unwrap(), serde_json::json!({"reason": "all_removed"}));
}

proptest! {
    #[test]
    fn what_is_offered_has_something_left(overage in 0..40, displays in 0..130, activations in 0..60, status in prop::sample::select(RobotStatus::ALL.to_vec())) {
        let counters = DayCounters { status, ..counters(overage, displays, activations) };
        prop_assert!(counters.remaining() >= 0 && counters.remaining() <= overage);
        if counters.recommendable() {
            prop_assert!(counters.remaining() > 0 && displays < counters.display_limit && status == RobotStatus::Allocatable);
        } else {
            prop_assert!(counters.exhaustion().is_some());
        }
    }

    #[test]
    fn a_day_of_displays_and_activations_stays_within_its_limits(
        overage in 0..20, rate in 1..5, steps in proptest::collection::vec(any::<bool>(), 0..200),
    ) {
        let mut day = DayCounters { display_limit: overage * rate, ..counters(overage, 0, 0) };
        let mut left = day.remaining();
        for display in steps {
            match display {
                true if day.recommendable() => day.displays += 1,
                true => {}
                false => day.activations += 1,
            }
            prop_assert!(day.displays <= day.display_limit);
            prop_assert!(day.remaining() <= left, "nothing gives quota back within a day");
            left = day.remaining();
        }
    }
}
