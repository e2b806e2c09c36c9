//! What a star does to a group.

use super::star::Star;
use chrono::{DateTime, NaiveTime, Utc};
use kernel::clock::{BusinessDate, SHANGHAI};
use kernel::enums::Numbered;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use std::collections::HashMap;
use transport::{CancelReason, GroupCode};

const MORNING: NaiveTime = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
const NIGHT: NaiveTime = NaiveTime::from_hms_opt(23, 59, 59).unwrap();

kernel::numbered! {
    /// Why the partner rated a group; it sends other numbers too, which are kept and cause nothing.
    pub enum RatingState: "state" {
        /// It does not say.
        Undefined = 0,
        /// Its first star.
        First = 1,
        /// A better star.
        Upgrade = 2,
        /// Nobody talks in it.
        TooFewConversations = 6,
    }
}

/// A group's star as the partner sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    /// The group's code.
    pub group_code: GroupCode,
    /// A [`RatingState`], or a number that causes nothing.
    pub state: i16,
    /// The star.
    pub star: Star,
}

impl Rating {
    /// Checks what the partner sent.
    ///
    /// # Errors
    /// 1403 naming `star` or `state`.
    pub fn new(group_code: GroupCode, state: i64, star: i64) -> Result<Self> {
        let star = i16::try_from(star).ok().and_then(Star::of_number);
        let state = i16::try_from(state).ok().filter(|state| *state >= 0);
        Ok(Rating {
            group_code,
            state: state.ok_or_else(|| Error::params("state", "must be a small number"))?,
            star: star.ok_or_else(|| Error::params("star", "must be from 1 to 5"))?,
        })
    }

    /// Whether it says anything new.
    pub fn changes(&self, star: Option<Star>, state: Option<i16>) -> bool {
        star != Some(self.star) || state != Some(self.state)
    }
}

/// What the importer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StarNotice {
    /// The star and what it is advertised with.
    Rated,
    /// The robot will not stay: too many groups of one star.
    TooUncomfortable,
    /// The robot will not stay: nobody talks.
    TooQuiet,
}

/// What follows from a rating that changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reaction {
    /// The group goes.
    pub cancel: Option<CancelReason>,
    /// The importer hears of it.
    pub notice: Option<StarNotice>,
    /// A group this good gets no ads: delivery is switched off, and a poster goes with the notice.
    pub delivery_off: bool,
}

/// What follows from a rating. `one_star_groups` is how many the importer has with this one; more than `limit` is too
/// many. When both reasons hold, the first of them is the one that is asked for.
pub fn react(rating: &Rating, one_star_groups: i64, limit: i64) -> Reaction {
    let Some(state) = RatingState::of_number(rating.state) else {
        return Reaction::default();
    };
    let told = |notice| Reaction {
        notice: Some(notice),
        ..Reaction::default()
    };
    match rating.star {
        Star::One => {
            let crowded = one_star_groups > limit;
            let quiet = state == RatingState::TooFewConversations;
            let (notice, cancel) = match (crowded, quiet) {
                (false, false) => (StarNotice::Rated, None),
                (true, false) => (StarNotice::TooUncomfortable, Some(CancelReason::TooManyOneStar)),
                (false, true) => (StarNotice::TooQuiet, Some(CancelReason::TooQuiet)),
                (true, true) => (StarNotice::TooQuiet, Some(CancelReason::TooManyOneStar)),
            };
            Reaction {
                cancel,
                ..told(notice)
            }
        }
        star => Reaction {
            delivery_off: star.without_ads(),
            ..told(StarNotice::Rated)
        },
    }
}

/// How many groups of one star each importer has, kept up while a batch of ratings is gone through.
#[derive(Debug, Default)]
pub struct OneStarTally(HashMap<UserId, i64>);

impl OneStarTally {
    /// Starts from the counts before the batch.
    pub fn new(counts: impl IntoIterator<Item = (UserId, i64)>) -> Self {
        OneStarTally(counts.into_iter().collect())
    }

    /// Books one rating and tells the importer's count with it.
    pub fn book(&mut self, user: UserId, before: Option<Star>, after: Star) -> i64 {
        let count = self.0.entry(user).or_default();
        *count += i64::from(after == Star::One) - i64::from(before == Some(Star::One));
        *count
    }
}

/// The last rating of each group; a list may name one several times.
pub fn newest_of_each(ratings: Vec<Rating>) -> Vec<Rating> {
    let last: HashMap<GroupCode, usize> = ratings
        .iter()
        .enumerate()
        .map(|(place, rating)| (rating.group_code.clone(), place))
        .collect();
    ratings
        .into_iter()
        .enumerate()
        .filter(|(place, rating)| last.get(&rating.group_code) == Some(place))
        .map(|(_, rating)| rating)
        .collect()
}

/// When a star's notice may go out: at once in the daytime, else at the next eight o'clock.
pub fn notice_due(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let time = now.with_timezone(&SHANGHAI).time();
    let day = BusinessDate::of(now);
    if time <= MORNING {
        Some(day.at(MORNING))
    } else if time < NIGHT {
        None
    } else {
        Some(day.plus_days(1).at(MORNING))
    }
}

#[cfg(test)]
#[path = "rating_tests.rs"]
mod tests;
