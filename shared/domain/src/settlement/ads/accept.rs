//! The partner's door: the batch of a date, once.

use super::limits;
use crate::settlement::model::{Revenue, sum_of};
use crate::settlement::repo::batches::{self as rows, NewBatch, Written};
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::db::lock::Lock;
use kernel::error::{Error, Result};
use serde::Serialize;

/// What the partner is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acceptance {
    /// Groups whose revenue will be paid.
    pub accepted: i32,
    /// Codes that are unknown or were cancelled before the date.
    pub unknown: serde_json::Value,
}

impl From<Written> for Acceptance {
    fn from(batch: Written) -> Self {
        Acceptance {
            accepted: batch.accepted,
            unknown: batch.unknown,
        }
    }
}

/// Takes the batch of a date, once; again when operators voided it.
///
/// # Errors
/// 1403 for a date that has not come or is too long ago, and naming what no batch may hold; 1409 with the first answer in
/// `data` when the date has its batch.
pub async fn accept(
    context: &Context,
    settle_date: BusinessDate,
    revenues: Vec<Revenue>,
) -> Result<Acceptance> {
    let now = context.clock.shared_now(context.db.read()).await?;
    limits::date(settle_date, BusinessDate::of(now))?;
    let total = sum_of(&revenues)?;
    let txn = context.db.begin().await?;
    Lock::AdsOf(settle_date).wait(&txn).await?;
    if let Some(first) = rows::of_partner(&txn, settle_date).await? {
        let message = format!("the ads of {settle_date} have been received before");
        let first = serde_json::to_value(Acceptance::from(first))?;
        return Err(Error::new(Code::DuplicateRequest, message).with_data(first));
    }
    let new = NewBatch {
        settle_date,
        entered_by: None,
        total,
        revenues,
    };
    let batch = rows::insert(&txn, new, now).await?;
    limits::beneficiaries(&txn, batch.id).await?;
    txn.commit().await?;
    Ok(batch.into())
}
