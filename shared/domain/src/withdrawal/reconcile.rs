//! Our payouts of a date against the partner's list.

use super::model::{State, queried};
use super::repo::{self, Withdrawal};
use chrono::TimeDelta;
use kernel::Context;
use kernel::clock::BusinessDate;
use kernel::error::Result;
use partners::Partners;
use partners::wxpay::{BillState, PartnerBill, PayoutConnector, PayoutOutcome};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// What kind of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// We submitted it; the partner does not have it.
    MissingThere,
    /// The partner has it; we never submitted it.
    MissingHere,
    /// Both have it, about different money.
    Amount,
    /// Both have it, for different people.
    Receiver,
    /// Both have it, and it ended differently or only for one.
    State,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What kind.
    pub kind: DifferenceKind,
    /// The merchant's number.
    pub bill_no: String,
    /// What we have.
    pub ours: String,
    /// What the partner has.
    pub theirs: String,
}

/// Compares what the partner lists for a date with our books. A bill of ours that is not on the list is asked for by its
/// number first: near midnight the partner may have filed it under another date. Changes nothing.
///
/// # Errors
/// 1101 when the list cannot be had whole; 1500 when this process cannot pay.
pub async fn reconcile_payouts(
    context: &Context,
    partners: &Partners,
    date: BusinessDate,
) -> Result<Vec<Difference>> {
    let connector = partners.wxpay()?;
    let theirs = connector.bills_of(date).await?;
    let numbers: Vec<String> = theirs.iter().map(|bill| bill.bill_no.clone()).collect();
    let ours: HashMap<String, Withdrawal> = repo::by_bill_nos(context.db.read(), numbers)
        .await?
        .into_iter()
        .map(|withdrawal| (withdrawal.bill_no.clone(), withdrawal))
        .collect();
    let listed: HashSet<&str> = theirs.iter().map(|bill| bill.bill_no.as_str()).collect();
    let mut differences: Vec<Difference> = theirs
        .iter()
        .flat_map(|bill| compare(ours.get(&bill.bill_no), bill))
        .collect();
    for withdrawal in repo::submitted_on(context.db.read(), date).await? {
        if !listed.contains(withdrawal.bill_no.as_str()) {
            differences.extend(ask_for(connector, &withdrawal).await);
        }
    }
    metrics::gauge!("gpet_payout_differences").set(differences.len() as f64);
    if let Some(first) = differences.first() {
        tracing::error!(%date, differences = differences.len(), ?first, "our payouts differ from the partner's list");
    }
    Ok(differences)
}

fn compare(ours: Option<&Withdrawal>, bill: &PartnerBill) -> Vec<Difference> {
    let difference = |kind, ours: String, theirs: String| Difference {
        kind,
        bill_no: bill.bill_no.clone(),
        ours,
        theirs,
    };
    let Some(withdrawal) = ours.filter(|withdrawal| withdrawal.submitted_at.is_some()) else {
        let theirs = format!("{} {}", bill.amount, bill.state.name());
        return vec![difference(DifferenceKind::MissingHere, "nothing".into(), theirs)];
    };
    let mut found = Vec::new();
    if withdrawal.amount != bill.amount {
        found.push(difference(
            DifferenceKind::Amount,
            withdrawal.amount.to_string(),
            bill.amount.to_string(),
        ));
    }
    if let Some(receiver) = bill
        .open_id
        .as_ref()
        .filter(|receiver| **receiver != withdrawal.open_id)
    {
        found.push(difference(
            DifferenceKind::Receiver,
            withdrawal.open_id.clone(),
            receiver.clone(),
        ));
    }
    if !agree(withdrawal.state, &bill.state) {
        found.push(difference(
            DifferenceKind::State,
            withdrawal.state.to_string(),
            bill.state.name().to_owned(),
        ));
    }
    found
}

fn agree(ours: State, theirs: &BillState) -> bool {
    match theirs {
        BillState::Success => ours == State::Paid,
        BillState::Fail | BillState::Cancelled => ours == State::Failed,
        BillState::Open(_) | BillState::WaitUserConfirm => ours.is_open(),
    }
}

async fn ask_for(connector: &dyn PayoutConnector, withdrawal: &Withdrawal) -> Option<Difference> {
    let difference = |kind, theirs: String| Difference {
        kind,
        bill_no: withdrawal.bill_no.clone(),
        ours: format!("{} {}", withdrawal.amount, withdrawal.state),
        theirs,
    };
    let answer = connector.query(&withdrawal.bill_no).await;
    let outcome = answer.outcome_for(withdrawal.amount, &withdrawal.open_id);
    if outcome == PayoutOutcome::NotFound {
        return Some(difference(DifferenceKind::MissingThere, "nothing".into()));
    }
    let told = queried(withdrawal.state, outcome, TimeDelta::zero(), TimeDelta::days(1));
    let agrees = told.state == withdrawal.state || told.state.is_open() && withdrawal.state.is_open();
    (!agrees || told.alert.is_some()).then(|| difference(DifferenceKind::State, told.partner_state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_ending_agrees() {
        let open = BillState::Open("PROCESSING".into());
        for (ours, theirs, same) in [
            (State::Paid, &BillState::Success, true),
            (State::Accepted, &BillState::Success, false),
            (State::Failed, &BillState::Cancelled, true),
            (State::Paid, &BillState::Fail, false),
            (State::Unknown, &open, true),
            (State::Rejected, &open, false),
        ] {
            assert_eq!(agree(ours, theirs), same, "{ours} {theirs:?}");
        }
    }
}
