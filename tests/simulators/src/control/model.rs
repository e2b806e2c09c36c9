//! What the control API takes and gives.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::gateway::{Event, Group, Robot, SentMessage};
use crate::sms::ShortMessage;
use crate::wxpay::{Authorization, Bill};

/// Events to let happen.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Injection {
    /// In this order, unless shuffled.
    pub events: Vec<Event>,
    /// Each one twice in a row, under the same message id.
    #[serde(default)]
    pub twice: bool,
    /// All of them twice and in another order the gateway might choose; the same seed gives the same order.
    #[serde(default)]
    pub shuffle_seed: Option<u64>,
}

/// How an injection went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Injected {
    /// Message ids in the order of publishing.
    pub message_ids: Vec<String>,
    /// Whether the broker has confirmed all of them; the rest follow when it is back.
    pub confirmed: bool,
}

/// The state of the simulator itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Health {
    /// Always `ok`.
    pub status: String,
    /// Whether the gateway's broker is reached; none without one.
    pub broker: Option<bool>,
}

/// The gateway's books.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GatewayBooks {
    /// Robots by id.
    pub robots: BTreeMap<String, Robot>,
    /// Groups by id.
    pub groups: BTreeMap<String, Group>,
    /// Messages sent.
    pub sent: Vec<SentMessage>,
}

/// Short messages to one phone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SmsBox {
    /// The newest code.
    pub code: Option<String>,
    /// All messages, oldest first.
    pub messages: Vec<ShortMessage>,
}

/// WeChat Pay's books.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Payouts {
    /// Bills by the merchant's number.
    pub bills: Vec<Bill>,
    /// Authorisations by the merchant's number.
    pub authorizations: Vec<Authorization>,
    /// Fen that users have, by openid.
    pub received: BTreeMap<String, u64>,
}

/// A change of a bill by hand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BillChange {
    /// Which bill.
    pub out_bill_no: String,
    /// Its new state.
    pub state: String,
    /// Why it failed.
    #[serde(default)]
    pub fail_reason: Option<String>,
}

/// A signed callback to the product in a partner's name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Callback {
    /// HTTP method.
    #[serde(default = "post")]
    pub method: String,
    /// Path and query at the product.
    pub path: String,
    /// Body.
    #[serde(default)]
    pub body: Value,
}

fn post() -> String {
    "POST".into()
}

/// What the product answered to a callback.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallbackAnswer {
    /// HTTP status.
    pub status: u16,
    /// Body as text.
    pub body: String,
}
