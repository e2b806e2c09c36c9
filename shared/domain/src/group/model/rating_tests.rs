use super::*;
use proptest::prelude::*;

fn rating(code: &str, state: i16, star: i16) -> Rating {
    Rating::new(code.parse().unwrap(), state.into(), star.into()).unwrap()
}

#[test]
fn stars_are_one_to_five() {
    for star in [-1, 0, 6, 100_000] {
        assert_eq!(
            Rating::new("G".parse().unwrap(), 1, star)
                .unwrap_err()
                .field
                .as_deref(),
            Some("star")
        );
    }
}

#[test]
fn one_star_is_borne_up_to_the_limit() {
    let one = rating("G", 1, 1);
    assert_eq!(react(&one, 20, 20).notice, Some(StarNotice::Rated));
    assert_eq!(react(&one, 20, 20).cancel, None);
    assert_eq!(react(&one, 21, 20).cancel, Some(CancelReason::TooManyOneStar));
    let quiet = rating("G", 6, 1);
    assert_eq!(react(&quiet, 1, 20).cancel, Some(CancelReason::TooQuiet));
    assert_eq!(react(&quiet, 21, 20).cancel, Some(CancelReason::TooManyOneStar));
    assert_eq!(react(&quiet, 21, 20).notice, Some(StarNotice::TooQuiet));
}

#[test]
fn good_groups_lose_their_ads_and_other_states_cause_nothing() {
    assert!(react(&rating("G", 2, 4), 0, 20).delivery_off);
    assert!(!react(&rating("G", 2, 3), 0, 20).delivery_off);
    assert_eq!(react(&rating("G", 9, 1), 99, 20), Reaction::default());
}

#[test]
fn notices_wait_for_the_morning() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let due = |text: &str| notice_due(at(text)).map(|due| due.with_timezone(&SHANGHAI).to_rfc3339());
    assert_eq!(due("2026-11-21T08:00:01+08:00"), None);
    assert_eq!(due("2026-11-21T23:59:58+08:00"), None);
    let next = Some("2026-11-22T08:00:00+08:00".to_owned());
    assert_eq!(due("2026-11-21T23:59:59+08:00"), next);
    assert_eq!(due("2026-11-22T00:00:00+08:00"), next);
    assert_eq!(due("2026-11-22T07:59:59+08:00"), next);
}

#[test]
fn the_last_rating_of_a_group_counts_and_order_stays() {
    let kept = newest_of_each(vec![rating("A", 1, 1), rating("B", 1, 2), rating("A", 2, 3)]);
    assert_eq!(kept, [rating("B", 1, 2), rating("A", 2, 3)]);
}

fn any_star() -> impl Strategy<Value = Star> {
    prop::sample::select(Star::ALL.to_vec())
}

proptest! {
    #[test]
    fn a_tally_equals_a_recount(changes in prop::collection::vec((0usize..6, any_star()), 0..60)) {
        let user = UserId::new();
        let mut stars = [None, Some(Star::One), Some(Star::One), Some(Star::Two), Some(Star::Five), None];
        let mut tally = OneStarTally::new([(user, 2)]);
        for (group, star) in changes {
            let counted = tally.book(user, stars[group], star);
            stars[group] = Some(star);
            prop_assert_eq!(counted, stars.iter().filter(|star| **star == Some(Star::One)).count() as i64);
        }
    }

    #[test]
    fn the_same_rating_twice_changes_nothing(state in 0i16..10, star in any_star()) {
        prop_assert!(!rating("G", state, star.number()).changes(Some(star), Some(state)));
        prop_assert!(rating("G", state, star.number()).changes(None, None));
    }

    #[test]
    fn a_notice_is_never_due_in_the_past_nor_more_than_a_night_away(seconds in 0i64..4_000_000_000) {
        let now = DateTime::from_timestamp(seconds, 0).unwrap();
        if let Some(due) = notice_due(now) {
            prop_assert!(due >= now && due - now <= chrono::TimeDelta::seconds(8 * 3600 + 1));
        }
    }
}
