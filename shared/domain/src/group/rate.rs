//! Stars: what a list of ratings does to groups, set by set.

use super::delivery_switch;
use super::event::StarChanged;
use super::model::{
    GroupStatus, OneStarTally, Rating, Reaction, Star, StarNotice, newest_of_each, notice_due, react,
    status_after_import,
};
use super::repo::ratings::{self, Candidate, NewStar};
use super::{repo, unbind};
use crate::notice::{self, text};
use crate::tracking;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::error::Result;
use kernel::id::{GroupId, UserId};
use kernel::outbox::{self, Message};
use std::collections::{BTreeSet, HashMap};
use transport::{CancelReason, UserCode};

/// Groups rated in one transaction.
const BATCH: usize = 1000;

/// Groups got stars. Only what changed is kept and answered with notices, cancellations and switches; a list
/// given twice is as good as once.
///
/// # Errors
/// A database error; batches before it are done, and the list may be given again.
pub async fn rate(context: &Context, ratings: Vec<Rating>) -> Result<()> {
    let ratings = newest_of_each(ratings);
    for batch in ratings.chunks(BATCH) {
        rate_batch(context, batch).await?;
    }
    Ok(())
}

async fn rate_batch(context: &Context, batch: &[Rating]) -> Result<()> {
    let conn = context.db.begin().await?;
    let now = context.clock.now();
    repo::lock_ratings(&conn).await?;
    let found = ratings::candidates(&conn, batch).await?;
    let unknown = batch.len().saturating_sub(found.len());
    metrics::counter!("gpet_unknown_groups_total", "command" => "update_group_star")
        .increment(unknown as u64);
    let by_place: HashMap<i64, &Rating> = (1..).zip(batch).collect();
    let changed: Vec<(Candidate, &Rating)> = found
        .into_iter()
        .filter_map(|group| by_place.get(&group.place).map(|rating| (group, *rating)))
        .filter(|(group, rating)| rating.changes(group.star, group.star_state))
        .collect();
    let users: BTreeSet<UserId> = changed.iter().map(|(group, _)| group.user_id).collect();
    let users: Vec<UserId> = users.into_iter().collect();
    let mut tally = OneStarTally::new(ratings::one_star_counts(&conn, &users).await?);

    let mut followed = Followed::default();
    let mut stars = Vec::with_capacity(changed.len());
    for (group, rating) in changed {
        let one_star_groups = tally.book(group.user_id, group.star, rating.star);
        let reaction = react(rating, one_star_groups, context.config.groups.one_star_per_user);
        stars.push(NewStar {
            group: group.id,
            star: rating.star,
            state: rating.state,
            status: status_after(&group),
        });
        followed.add(context, &group, rating, reaction, now)?;
    }
    ratings::write(&conn, &stars, now).await?;
    unbind::cancel(&conn, &followed.cancelled, now).await?;
    outbox::push(&conn, now, followed.messages).await?;
    tracking::announce(&conn, now, &followed.events).await?;
    Ok(conn.commit().await?)
}

/// A group that came back with settled days learns with its first star whether that was all of them.
fn status_after(group: &Candidate) -> GroupStatus {
    let first_star = group.star.is_none() && !group.old_group && group.settle_count > 0;
    if group.status == GroupStatus::Normal && first_star {
        return status_after_import(group.settle_count, group.day);
    }
    group.status
}

/// What follows from a batch.
#[derive(Default)]
struct Followed {
    cancelled: Vec<(GroupId, CancelReason)>,
    messages: Vec<Message>,
    events: Vec<StarChanged>,
}

impl Followed {
    fn add(
        &mut self,
        context: &Context,
        group: &Candidate,
        rating: &Rating,
        reaction: Reaction,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.cancelled
            .extend(reaction.cancel.map(|reason| (group.id, reason)));
        if reaction.delivery_off {
            self.messages
                .push(delivery_switch::call(&rating.group_code, false)?);
        }
        if let (Some(kind), Some(user_code)) = (reaction.notice, &group.user_code) {
            let notices = notices(context, group, rating, kind, user_code)?;
            self.messages
                .extend(notices.into_iter().map(|notice| match notice_due(now) {
                    Some(due) => notice.put_off(due),
                    None => notice,
                }));
        }
        self.events.push(StarChanged {
            group: rating.group_code.clone(),
            user: group.user_id,
            star: rating.star,
            state: rating.state,
        });
        Ok(())
    }
}

fn notices(
    context: &Context,
    group: &Candidate,
    rating: &Rating,
    kind: StarNotice,
    user_code: &UserCode,
) -> Result<Vec<Message>> {
    let root = context.config.api.public_url.trim_end_matches('/');
    let explanation = format!("{root}/grouppet/star");
    let text = match kind {
        StarNotice::Rated => {
            let amount = rating.star.advertised().to_string();
            text::group::rated(&group.name, rating.star.number(), &amount, &explanation)
        }
        StarNotice::TooUncomfortable => text::group::too_uncomfortable(&group.name, &explanation),
        StarNotice::TooQuiet => text::group::too_quiet(&group.name, &explanation),
    };
    let mut notices = vec![notice::say(&group.robot_code, user_code, text)?];
    let poster = match rating.star {
        Star::Four => "fourstar",
        Star::Five => "fivestar",
        _ => return Ok(notices),
    };
    let url = format!("{root}/user/{}/poster?type={poster}", group.user_id);
    notices.push(notice::show(&group.robot_code, user_code, url)?);
    Ok(notices)
}
