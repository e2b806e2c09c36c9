//! What settlement runs paid, by date and kind.

use crate::ledger::{AmountType, DayIncome};
use crate::settlement::model::RunKind;
use kernel::dates::DateRange;
use kernel::db;
use kernel::error::Result;
use sea_orm::ConnectionTrait;

/// The slips that runs wrote, by settle date and kind.
pub async fn income_of_runs(conn: &impl ConnectionTrait, dates: DateRange) -> Result<Vec<DayIncome>> {
    // A run of a program from before the column existed is summed up from its slips.
    let sql = format!(
        "SELECT paid.date, part.kind, sum(part.amount) AS amount
         FROM (SELECT settle_date AS date, kind, total,
                      coalesce(disciples_total, (SELECT coalesce(sum(amount), 0) FROM slips
                                           WHERE slips.settle_date = run.settle_date AND slips.run_id = run.id
                                             AND amount_type IN ({disciple_groups}, {disciple_ads}))) AS disciples
               FROM settlement_runs AS run WHERE settle_date BETWEEN $1 AND $2) AS paid,
              LATERAL (VALUES (CASE WHEN kind = '{groups}' THEN {own_groups} ELSE {own_ads} END::smallint, total - disciples),
                              (CASE WHEN kind = '{groups}' THEN {disciple_groups} ELSE {disciple_ads} END::smallint, disciples))
                  AS part (kind, amount)
         WHERE part.amount <> 0 GROUP BY paid.date, part.kind",
        groups = RunKind::Groups,
        own_groups = AmountType::Groups,
        own_ads = AmountType::Ads,
        disciple_groups = AmountType::DiscipleGroups,
        disciple_ads = AmountType::DiscipleAds,
    );
    db::fetch_all(conn, &sql, dates.values()).await
}
