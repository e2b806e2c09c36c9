//! Whoever listens hears that a settlement was posted.

use super::model::{Run, RunKind, RunSummary};
use crate::tracking::{self, BusinessEvent, EventName};
use kernel::clock::BusinessDate;
use kernel::error::Result;
use kernel::money::Money;
use sea_orm::ConnectionTrait;
use serde::Serialize;

/// A run was posted.
#[derive(Debug, Serialize)]
struct SettlementPosted {
    /// What it settled.
    kind: RunKind,
    /// The date whose income it is.
    settle_date: BusinessDate,
    /// 0, or the number of a supplementary ads batch.
    batch_no: i32,
    /// How many slips it made.
    slips: i64,
    /// What they come to, yuan.
    total: Money,
}

impl BusinessEvent for SettlementPosted {
    const NAME: EventName = EventName::SettlementPosted;

    fn subject(&self) -> String {
        format!("settlement:{}", self.settle_date)
    }
}

/// Tells the world what the run came to.
pub(super) async fn announce(conn: &impl ConnectionTrait, run: &Run, summary: &RunSummary) -> Result<()> {
    let event = SettlementPosted {
        kind: run.kind,
        settle_date: run.settle_date,
        batch_no: run.batch_no,
        slips: i64::from(summary.slip_count),
        total: summary.total,
    };
    tracking::announce(conn, run.settled_at, &[event]).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::wire;

    #[test]
    fn a_settlement_is_announced_so() {
        let posted = SettlementPosted {
            kind: RunKind::Ads,
            settle_date: "2026-11-20".parse().unwrap(),
            batch_no: 2,
            slips: 3,
            total: Money::from_fen(1_250),
        };
        assert_eq!(
            wire(&posted),
            r#"{"command":"settlement_posted","body":{"kind":"ads","settle_date":"2026-11-20","batch_no":2,"slips":3,"total":"12.50"}}"#
        );
    }
}
