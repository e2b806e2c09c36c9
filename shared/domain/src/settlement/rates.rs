//! The rates of masters and grand-masters, by version.

use super::repo::rates;
pub use super::repo::rates::{Rates, all, current, seed};
use kernel::Context;
use kernel::audit;
use kernel::config::RatesConfig;
use kernel::error::{Error, Result};
use kernel::id::OperatorId;
use rust_decimal::Decimal;

/// Enters the next version. It rules from the next run on.
///
/// # Errors
/// 1403 naming the rate that is not from 0 to 1 or has more than six places.
pub async fn add_version(context: &Context, operator: OperatorId, new: RatesConfig) -> Result<Rates> {
    for (field, rate) in [
        ("father", new.father),
        ("grand_father", new.grand_father),
        ("father_ad", new.father_ad),
        ("grand_father_ad", new.grand_father_ad),
    ] {
        if !(Decimal::ZERO..=Decimal::ONE).contains(&rate) || rate.normalize().scale() > 6 {
            return Err(Error::params(
                field,
                "must be from 0 to 1 with at most six places",
            ));
        }
    }
    let txn = context.db.begin().await?;
    let now = context.clock.shared_now(&txn).await?;
    rates::lock(&txn).await?;
    let entered = rates::insert(&txn, &new, operator, now).await?;
    let detail = serde_json::json!({ "version": entered.version });
    audit::record(
        &txn,
        operator,
        "add_rates_version",
        "settlement_rates",
        detail,
        now,
    )
    .await?;
    txn.commit().await?;
    Ok(entered)
}
