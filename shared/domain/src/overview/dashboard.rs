//! How goes the day: figures of a range of dates, and how things stand now.

use super::figures::{Figures, LONGEST};
use super::machinery::{self, JobFigures, Queues};
use super::seal_day;
use crate::group::{self, Lost, StarCount};
use crate::ledger::DayIncome;
use crate::ledger::check::{self, LedgerState};
use crate::robot::{self, ChannelCapacity};
use crate::settlement;
use crate::withdrawal::{self, Ended, Open, PayoutState, Requested, State};
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::dates::{DateFilter, DateRange, DayCount};
use kernel::error::{Error, Result};
use kernel::money::Money;
use kernel::partitions;
use poem_openapi::Object;

/// Figures by date, and how things stand now. Dates are Shanghai's; a date on which there was nothing is left out.
#[derive(Debug, Object)]
pub struct Dashboard {
    /// When it was counted. Figures of dates that ended were kept then.
    pub at: DateTime<Utc>,
    /// The first date.
    pub from: BusinessDate,
    /// The last date.
    pub to: BusinessDate,
    /// What wallets gained and lost, withdrawals excepted, by settle date and kind of slip.
    pub income: Vec<DayIncome>,
    /// Withdrawals and their payouts.
    pub payouts: Payouts,
    /// Groups.
    pub groups: Groups,
    /// What robots may still do today, by channel.
    pub capacity: Vec<ChannelCapacity>,
    /// Users.
    pub users: Users,
    /// Messages that wait or did not arrive.
    pub queues: Queues,
    /// The dated jobs, in the order of a day.
    pub jobs: Vec<JobFigures>,
    /// What the newest check of the books came to.
    pub ledger: LedgerState,
}

/// Withdrawals and their payouts.
#[derive(Debug, Object)]
#[oai(rename = "PayoutFigures")]
pub struct Payouts {
    /// Whether payouts run.
    pub switch: PayoutState,
    /// What waits for a review.
    pub review: Review,
    /// What has not ended, by state.
    pub open: Vec<Open>,
    /// How many a person has to look at.
    pub alerted: i64,
    /// When the oldest of those was requested.
    pub oldest_alerted_at: Option<DateTime<Utc>>,
    /// What was requested, by date.
    pub requested: Vec<Requested>,
    /// What ended, by date and state.
    pub ended: Vec<Ended>,
}

/// What waits for a review.
#[derive(Debug, Object)]
#[oai(rename = "ReviewFigures")]
pub struct Review {
    /// How many withdrawals.
    pub count: i64,
    /// Their sum, yuan.
    pub amount: Money,
    /// When the oldest was requested.
    pub oldest_at: Option<DateTime<Utc>>,
}

/// Groups.
#[derive(Debug, Object)]
#[oai(rename = "GroupFigures")]
pub struct Groups {
    /// Those that are bound now, by star.
    pub stars: Vec<StarCount>,
    /// How many were bound, by date.
    pub bound: Vec<DayCount>,
    /// How many were lost, by date and reason.
    pub lost: Vec<Lost>,
}

/// Users.
#[derive(Debug, Object)]
#[oai(rename = "UserFigures")]
pub struct Users {
    /// How many came, by date.
    pub new: Vec<DayCount>,
    /// How many did anything, by date.
    pub active: Vec<DayCount>,
}

/// The dashboard of these dates: the last 30 unless told, at most [`LONGEST`].
///
/// # Errors
/// 1403 naming `from`.
pub async fn dashboard(context: &Context, dates: DateFilter) -> Result<Dashboard> {
    let (at, today) = (context.clock.now(), context.clock.today());
    let dates = dates.range(today, LONGEST)?;
    if dates.from() < partitions::oldest_kept(today) {
        let message = format!("the books of {} are in the archive", dates.from());
        return Err(Error::params("from", message));
    }
    // Three at once: the pool is everybody's.
    let (stock, by_date, state) = tokio::try_join!(
        stock(context, today),
        by_date(context, dates, today),
        state(context)
    )?;
    let ((stars, capacity), (income, figures)) = (stock, by_date);
    let review = state.open.iter().find(|open| open.state == State::Requested);
    Ok(Dashboard {
        at,
        from: dates.from(),
        to: dates.to(),
        income,
        payouts: Payouts {
            switch: state.switch,
            review: Review {
                count: review.map_or(0, |open| open.count),
                amount: review.map_or(Money::ZERO, |open| open.amount),
                oldest_at: review.map(|open| open.oldest_at),
            },
            open: state.open,
            alerted: state.alerted.count,
            oldest_alerted_at: state.alerted.oldest_at,
            requested: figures.requested,
            ended: figures.ended,
        },
        groups: Groups {
            stars,
            bound: figures.bound,
            lost: figures.lost,
        },
        capacity,
        users: Users {
            new: figures.new_users,
            active: figures.active_users,
        },
        queues: state.queues,
        jobs: state.jobs,
        ledger: state.ledger,
    })
}

async fn stock(context: &Context, today: BusinessDate) -> Result<(Vec<StarCount>, Vec<ChannelCapacity>)> {
    let conn = context.db.read();
    Ok((
        group::count_by_star(conn).await?,
        robot::capacity_by_channel(conn, today).await?,
    ))
}

async fn by_date(
    context: &Context,
    dates: DateRange,
    today: BusinessDate,
) -> Result<(Vec<DayIncome>, Figures)> {
    let conn = context.db.read();
    let mut figures = seal_day::figures(conn, dates, today).await?;
    let mut income = settlement::income_of_runs(conn, dates).await?;
    income.append(&mut figures.income);
    income.sort_by_key(|row| (row.date, row.kind));
    Ok((income, figures))
}

/// How things stand now.
struct Now {
    switch: PayoutState,
    open: Vec<Open>,
    alerted: withdrawal::Alerted,
    queues: Queues,
    jobs: Vec<JobFigures>,
    ledger: LedgerState,
}

async fn state(context: &Context) -> Result<Now> {
    let conn = context.db.read();
    Ok(Now {
        switch: withdrawal::payout_state(context).await?,
        open: withdrawal::open_by_state(conn).await?,
        alerted: withdrawal::alerted(conn).await?,
        queues: machinery::queues(context).await?,
        jobs: machinery::jobs(context).await?,
        ledger: check::newest(conn).await?,
    })
}
