//! What users see of a withdrawal.

use super::model::{ShownState, State};
use super::repo::Withdrawal;
use chrono::{DateTime, Utc};
use kernel::config::WxpayConfig;
use kernel::id::WithdrawalId;
use kernel::money::Money;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// A withdrawal as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "Withdrawal")]
pub struct WithdrawalView {
    /// Our id.
    pub id: WithdrawalId,
    /// How much, yuan.
    pub amount: Money,
    /// The state in the numbers people know.
    pub state: ShownState,
    /// The state itself.
    pub detail_state: State,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// What the page needs for the user's tap, while the user must confirm.
    pub confirm: Option<Confirm>,
    /// When it was requested.
    pub created_at: DateTime<Utc>,
    /// When it was approved.
    #[serde(default)]
    pub approved_at: Option<DateTime<Utc>>,
    /// When WeChat Pay was first asked to pay it.
    #[serde(default)]
    pub submitted_at: Option<DateTime<Utc>>,
    /// When the money arrived, or came back.
    #[serde(default)]
    pub finished_at: Option<DateTime<Utc>>,
}

/// The parameters of `requestMerchantTransfer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "Confirmation")]
pub struct Confirm {
    /// Our merchant number.
    pub mch_id: String,
    /// Our app.
    pub app_id: String,
    /// What the partner gave us for it.
    pub package: String,
}

impl WithdrawalView {
    pub(super) fn new(row: Withdrawal, wxpay: &WxpayConfig) -> Self {
        let package = row.package_info.filter(|_| row.state == State::WaitUserConfirm);
        WithdrawalView {
            id: row.id,
            amount: row.amount,
            state: row.state.shown(),
            detail_state: row.state,
            reason: row.reason,
            confirm: package.map(|package| Confirm {
                mch_id: wxpay.mch_id.clone(),
                app_id: wxpay.app_id.clone(),
                package,
            }),
            created_at: row.created_at,
            approved_at: row.approved_at,
            submitted_at: row.submitted_at,
            finished_at: row.finished_at,
        }
    }
}
