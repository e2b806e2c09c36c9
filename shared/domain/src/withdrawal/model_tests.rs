use super::*;
use chrono::TimeDelta;
use partners::wxpay::PayoutOutcome;
use proptest::prelude::*;
use sea_orm::ActiveEnum;

const DAY: TimeDelta = TimeDelta::hours(24);

fn outcomes() -> impl Strategy<Value = PayoutOutcome> {
    let at = "2026-11-21T00:00:00Z".parse().unwrap();
    prop_oneof![
        Just(PayoutOutcome::Accepted {
            partner_state: "PROCESSING".into()
        }),
        Just(PayoutOutcome::WaitUserConfirm {
            package_info: Some("p".into())
        }),
        Just(PayoutOutcome::Paid { at }),
        Just(PayoutOutcome::Failed {
            reason: "ACCOUNT_FROZEN".into()
        }),
        Just(PayoutOutcome::Refused {
            code: "NOT_ENOUGH".into(),
            message: "m".into()
        }),
        Just(PayoutOutcome::NotFound),
        any::<bool>().prop_map(|alert| PayoutOutcome::Unknown {
            why: "w".into(),
            alert
        }),
    ]
}

fn states() -> impl Strategy<Value = State> {
    (0..State::ALL.len()).prop_map(|index| State::ALL[index])
}

#[test]
fn names_are_read_back_and_numbers_cover_all_states() {
    for state in State::ALL {
        assert_eq!(State::try_from_value(&state.name().to_owned()).unwrap(), state);
        assert!(State::shown_as(state.shown()).contains(&state));
    }
    assert_eq!(
        ShownState::try_from(5).unwrap_err().field.as_deref(),
        Some("status")
    );
}

#[test]
fn nothing_follows_an_end_and_an_end_is_where_money_moves() {
    for state in State::ALL {
        let dead_end = State::ALL.iter().all(|next| !state.may_become(*next));
        assert_eq!(dead_end, !state.is_open(), "{state}");
        assert_eq!(dead_end, state.movement().is_some(), "{state}");
    }
}

#[test]
fn an_operator_can_reject_until_the_partner_is_called_and_not_after() {
    assert_eq!(State::Rejected.predecessors(), ["requested", "approved"]);
}

#[test]
fn money_comes_back_only_by_rejection_or_a_failure_of_what_was_submitted() {
    assert_eq!(
        State::Failed.predecessors(),
        ["accepted", "wait_user_confirm", "unknown"]
    );
    assert_eq!(
        State::Paid.predecessors(),
        ["accepted", "wait_user_confirm", "unknown"]
    );
}

#[test]
fn a_call_is_made_for_an_approved_or_an_unknown_withdrawal_only() {
    assert_eq!(State::Submitting.predecessors(), ["approved", "unknown"]);
}

#[test]
fn the_next_query_is_put_off_with_age() {
    let start = "2026-11-21T00:00:00Z".parse().unwrap();
    let again = |seconds| query_again_after(start, start + TimeDelta::seconds(seconds)).num_seconds();
    assert_eq!([again(0), again(60), again(86_400)], [5, 60, 1800]);
}

proptest! {
    /// Walks any path the machine allows and moves the money as told: held is the amount while open, it leaves once.
    #[test]
    fn on_every_path_held_is_what_is_open_and_money_leaves_once(choices in proptest::collection::vec(0usize..9, 0..60)) {
        let mut state = State::Requested;
        let (mut held, mut released, mut paid) = (1, 0, 0);
        for choice in choices {
            let next = State::ALL[choice];
            if !state.may_become(next) {
                continue;
            }
            state = next;
            match state.movement() {
                Some(Movement::Release) => { held -= 1; released += 1; }
                Some(Movement::Payout) => { held -= 1; paid += 1; }
                None => {}
            }
            prop_assert_eq!(held, i32::from(state.is_open()));
            prop_assert_eq!(held + released + paid, 1);
        }
    }

    #[test]
    fn a_submission_never_ends_anything(outcome in outcomes()) {
        let transition = submitted(outcome);
        prop_assert!(State::Submitting.may_become(transition.state));
        prop_assert!(transition.state.is_open() && !transition.submit_again);
    }

    #[test]
    fn a_query_teaches_what_may_follow(state in states(), outcome in outcomes(), hours in 0i64..72) {
        prop_assume!(state.can_be_queried());
        let transition = queried(state, outcome.clone(), TimeDelta::hours(hours), DAY);
        prop_assert!(state.may_become(transition.state), "{} to {}", state, transition.state);
        prop_assert_eq!(transition.state == State::Paid, matches!(outcome, PayoutOutcome::Paid { .. }));
        prop_assert_eq!(transition.state == State::Failed, matches!(outcome, PayoutOutcome::Failed { .. }));
        // Made again only when the partner says it knows nothing, and while its memory can be trusted.
        if transition.submit_again {
            prop_assert!(outcome == PayoutOutcome::NotFound && state == State::Unknown && hours < 24);
        }
        // What stays unknown for a day is for a person to look at.
        if transition.state == State::Unknown && hours >= 24 {
            prop_assert!(transition.alert.is_some());
        }
    }

    /// Any machine fed any answers: the partner is never called again for what it took.
    #[test]
    fn what_the_partner_took_is_not_submitted_again_at_once(outcome in outcomes()) {
        for state in [State::Accepted, State::WaitUserConfirm] {
            prop_assert!(!queried(state, outcome.clone(), TimeDelta::zero(), DAY).submit_again);
        }
    }
}
