//! Figures of days that have ended are kept, so that nobody counts them again.

use super::figures::{Figures, LONGEST};
use super::repo;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::dates::DateRange;
use kernel::error::Result;
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;

/// Keeps what this date came to, and any date before it that a dashboard can show and that is not kept yet. Tells how
/// many dates that were. A second time counts the date anew.
pub async fn seal_day(context: &Context, date: BusinessDate) -> Result<u64> {
    let conn = context.db.read();
    let range = DateRange::new(date.minus_days(LONGEST - 1), date, LONGEST)?;
    let kept: BTreeSet<BusinessDate> = repo::sealed(conn, range)
        .await?
        .into_iter()
        .map(|row| row.day)
        .collect();
    let open: Vec<BusinessDate> = range
        .days()
        .filter(|day| *day == date || !kept.contains(day))
        .collect();
    let first = open.first().copied().unwrap_or(date);
    let counted = Figures::count(conn, DateRange::new(first, date, LONGEST)?).await?;
    let days = open.into_iter().map(|day| {
        let figures = serde_json::to_value(counted.clone().of(|other| other == day))?;
        Ok((day, figures))
    });
    repo::keep(context.db.autocommit(), days.collect::<Result<_>>()?).await
}

/// What these dates came to: as it was kept where they have ended, else as counted now.
pub(super) async fn figures(
    conn: &impl ConnectionTrait,
    dates: DateRange,
    today: BusinessDate,
) -> Result<Figures> {
    let mut figures = Figures::default();
    let mut open: BTreeSet<BusinessDate> = dates.days().collect();
    for sealed in repo::sealed(conn, dates).await? {
        // A day that goes on was sealed by hand. What an older program kept in another form is counted.
        let kept = serde_json::from_value::<Figures>(sealed.figures).ok();
        if let Some(kept) = kept.filter(|_| sealed.day < today) {
            open.remove(&sealed.day);
            figures.join(kept);
        }
    }
    if let (Some(first), Some(last)) = (open.first(), open.last()) {
        let counted = Figures::count(conn, DateRange::new(*first, *last, LONGEST)?).await?;
        figures.join(counted.of(|day| open.contains(&day)));
    }
    Ok(figures)
}
