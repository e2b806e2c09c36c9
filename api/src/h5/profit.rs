//! What the user earned: the summary, the statement by day, and why a slip is what it is.

use super::Area;
use crate::app_state::AppState;
use crate::explanation::Explanation;
use crate::http::auth::H5User;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, answer_page};
use crate::http::paging::Paging;
use domain::ledger::AmountType;
use domain::ledger::statement;
use domain::settlement::explain;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::id::SlipId;
use kernel::money::Money;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

/// Days of a statement unless told.
const DAYS: u64 = 15;

pub struct ProfitApi;

/// The summary.
#[derive(Object)]
struct Profit {
    summary: ProfitSummary,
}

#[derive(Object)]
struct ProfitSummary {
    /// What can be withdrawn.
    amount: Money,
    /// Income of all time.
    balance: Money,
    /// What yesterday's slips come to, withdrawals aside.
    yesterday_balance: Money,
    /// What waits for a payout.
    held: Money,
}

/// A day of the statement.
#[derive(Object)]
struct ProfitDay {
    /// The settle date.
    day: BusinessDate,
    /// What the day's slips come to, withdrawals aside.
    balance_detail: Money,
    /// The same by kind; all five are there.
    detail: Vec<KindSum>,
    slips: Vec<DaySlip>,
}

kernel::numbered! {
    /// Slips, as the statement sums them.
    enum SlipKind: "slip_type" {
        /// Of own groups.
        Groups = 0,
        /// Of own ads.
        Ads = 1,
        /// Of disciples' groups and ads.
        Disciples = 2,
        /// Adoption fees.
        Adoption = 3,
        /// All others.
        Other = 4,
    }
}

/// What one kind of slips comes to.
#[derive(Object)]
struct KindSum {
    /// Which slips.
    slip_type: SlipKind,
    /// Negative where the user paid.
    balance: Money,
}

/// A slip of the day.
#[derive(Object)]
struct DaySlip {
    id: SlipId,
    /// What it is for; withdrawals are left out.
    amount_type: AmountType,
    /// Negative where the user paid.
    amount: Money,
    /// What could be withdrawn after it.
    balance: Money,
}

impl From<statement::Summary> for Profit {
    fn from(summary: statement::Summary) -> Self {
        Profit {
            summary: ProfitSummary {
                amount: summary.amount,
                balance: summary.balance,
                yesterday_balance: summary.yesterday_balance,
                held: summary.held,
            },
        }
    }
}

impl TryFrom<statement::Day> for ProfitDay {
    type Error = kernel::Error;

    fn try_from(day: statement::Day) -> kernel::Result<Self> {
        let sums = SlipKind::ALL.into_iter().zip(day.detail);
        Ok(ProfitDay {
            day: day.day,
            balance_detail: day.balance_detail,
            detail: sums
                .map(|(slip_type, balance)| KindSum { slip_type, balance })
                .collect(),
            slips: day
                .slips
                .into_iter()
                .map(DaySlip::try_from)
                .collect::<kernel::Result<_>>()?,
        })
    }
}

impl TryFrom<statement::Slip> for DaySlip {
    type Error = kernel::Error;

    fn try_from(slip: statement::Slip) -> kernel::Result<Self> {
        Ok(DaySlip {
            amount: Money::from_decimal(slip.signed())?,
            id: slip.id,
            amount_type: slip.amount_type,
            balance: slip.balance,
        })
    }
}

#[OpenApi(prefix_path = "/api/h5/profit", tag = "Area::Profit")]
impl ProfitApi {
    /// What I earned
    ///
    /// Balance, income of all time, yesterday's income, and what waits for a payout.
    #[oai(path = "/", method = "get", operation_id = "getMyProfit")]
    async fn profit(
        &self,
        app: Data<&AppState>,
        user: H5User,
    ) -> Answer<Profit, { codes(&[Code::ResourceNotFound]) }> {
        let summary = statement::summary(app.context(), user.id()).await?;
        answer(summary.into())
    }

    /// My slips by day, newest first
    ///
    /// The last so many business dates that have slips; withdrawals are left out.
    #[oai(path = "/slips", method = "get", operation_id = "listMySlips")]
    async fn slips(
        &self,
        app: Data<&AppState>,
        user: H5User,
        /// How many business dates; 15 unless told.
        #[oai(validator(minimum(value = "1"), maximum(value = "90")))]
        days: Query<Option<u64>>,
    ) -> Answer<Vec<ProfitDay>, { codes(&[Code::ResourceNotFound]) }> {
        let days = statement::days(app.context(), user.id(), days.0.unwrap_or(DAYS)).await?;
        let days: kernel::Result<_> = days.into_iter().map(ProfitDay::try_from).collect();
        answer(days?)
    }

    /// Why a slip of mine is what it is
    ///
    /// The pages are those of its lines.
    #[oai(path = "/slips/:id", method = "get", operation_id = "explainMySlip")]
    async fn explain(
        &self,
        app: Data<&AppState>,
        user: H5User,
        /// The slip's id.
        id: Path<SlipId>,
        page: Paging,
    ) -> PageOf<Explanation, { codes(&[Code::ResourceNotFound]) }> {
        let found = explain(app.context(), user.id(), id.0, page.0).await?;
        let info = found.info;
        answer_page(found.into(), info)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ledger::Direction;
    use poem_openapi::types::ToJSON;
    use serde_json::json;

    #[test]
    fn a_day_shows_all_kinds_and_signs() {
        let slip = statement::Slip {
            id: SlipId::new(),
            amount_type: AmountType::Adoption,
            direction: Direction::Payment,
            amount: Money::from_fen(1),
            balance: Money::from_fen(1204),
            settle_date: "2026-11-21".parse().unwrap(),
            remark: String::new(),
            created_at: "2026-11-22T00:00:00Z".parse().unwrap(),
        };
        let mut detail = [Money::ZERO; 5];
        detail[3] = Money::from_fen(-1);
        let id = slip.id.to_string();
        let day = statement::Day {
            day: slip.settle_date,
            balance_detail: Money::from_fen(-1),
            detail,
            slips: vec![slip],
        };
        let kind = |slip_type: u8, balance: &str| json!({ "slip_type": slip_type, "balance": balance });
        assert_eq!(
            ProfitDay::try_from(day).unwrap().to_json().unwrap(),
            json!({
                "day": "2026-11-21",
                "balance_detail": "-0.01",
                "detail": [kind(0, "0.00"), kind(1, "0.00"), kind(2, "0.00"), kind(3, "-0.01"), kind(4, "0.00")],
                "slips": [{ "id": id, "amount_type": 8, "amount": "-0.01", "balance": "12.04" }],
            })
        );
    }
}
