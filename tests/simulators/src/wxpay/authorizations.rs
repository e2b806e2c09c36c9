//! Users' authorisations to be paid without a tap (免确认收款授权), and the transfers that use them.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::{Route, get, post};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::{Call, Reply, watched};
use crate::clock;
use crate::partners::Partners;
use crate::script::{Action, Partner};
use crate::wxpay::calls::{admit, take};
use crate::wxpay::{Order, fault};

/// The state in which an authorisation can be used.
pub const TAKING_EFFECT: &str = "TAKING_EFFECT";
/// The state in which the user still has to agree.
pub const WAIT_USER_CONFIRM: &str = "WAIT_USER_CONFIRM";
/// The state after it was closed.
const CLOSED: &str = "CLOSED";

/// An authorisation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Authorization {
    /// The merchant's number.
    pub out_authorization_no: String,
    /// The platform's number.
    pub authorization_id: String,
    /// App of the openid.
    pub appid: String,
    /// Who agreed.
    pub openid: String,
    /// `WAIT_USER_CONFIRM`, `TAKING_EFFECT` or `CLOSED`.
    pub state: String,
    /// RFC 3339.
    pub create_time: String,
}

/// All of them, by the merchant's number.
pub type Authorizations = BTreeMap<String, Authorization>;

#[derive(Deserialize)]
struct Wish {
    out_authorization_no: String,
    appid: String,
    openid: String,
    user_display_name: String,
}

#[derive(Deserialize)]
struct Info {
    out_authorization_no: String,
    user_display_name: String,
}

#[derive(Deserialize)]
struct Use {
    out_authorization_no: String,
    authorization_id: String,
}

/// The calls about authorisations themselves.
pub(super) fn routes(route: Route, p: &Arc<Partners>) -> Route {
    const BASE: &str = "/v3/fund-app/mch-transfer/user-confirm-authorization";
    let wx = Partner::Wxpay;
    let number = format!("{BASE}/out-authorization-no/:number");
    route
        .at(BASE, post(watched(p, wx, "authorize", authorize)))
        .at(&number, get(watched(p, wx, "query_authorization", query)))
        .at(
            format!("{number}/close"),
            post(watched(p, wx, "close_authorization", close)),
        )
}

fn signed<T: serde::de::DeserializeOwned>(call: &Call) -> Result<T, Reply> {
    admit(call)?;
    call.json().map_err(|reason| fault(400, "PARAM_ERROR", &reason))
}

async fn authorize(call: Call) -> Reply {
    match signed::<Wish>(&call) {
        Ok(wish) => enter(&call, wish).map_or_else(
            |refused| refused,
            |authorization| Reply::json(shown(&authorization)),
        ),
        Err(refused) => refused,
    }
}

/// Without a script the user agrees at once, as they do to transfers here.
fn enter(call: &Call, wish: Wish) -> Result<Authorization, Reply> {
    let length = wish.out_authorization_no.len();
    if !(1..=32).contains(&length) {
        return Err(fault(
            400,
            "PARAM_ERROR",
            "out_authorization_no must have 1 to 32 characters",
        ));
    }
    if wish.appid != call.partners.settings.app_id || wish.openid.is_empty() {
        return Err(fault(
            400,
            "PARAM_ERROR",
            "appid and openid do not belong together",
        ));
    }
    if wish.user_display_name.is_empty() {
        return Err(fault(400, "PARAM_ERROR", "user_display_name is missing"));
    }
    let mut books = call.partners.wxpay.books();
    let fresh = books.authorizations.len() + 1;
    let state = match &call.action {
        Some(Action::State { state, .. }) => state.clone(),
        _ => TAKING_EFFECT.to_owned(),
    };
    let authorization = books
        .authorizations
        .entry(wish.out_authorization_no.clone())
        .or_insert_with(|| Authorization {
            out_authorization_no: wish.out_authorization_no,
            authorization_id: format!("sim-authorization-{fresh}"),
            appid: wish.appid,
            openid: wish.openid.clone(),
            state,
            create_time: clock::rfc3339(clock::now()),
        });
    if authorization.openid != wish.openid {
        return Err(fault(
            400,
            "ALREADY_EXISTS",
            "out_authorization_no exists with other parameters",
        ));
    }
    Ok(authorization.clone())
}

fn shown(authorization: &Authorization) -> Value {
    let mut shown = serde_json::to_value(authorization).unwrap_or_default();
    if authorization.state == WAIT_USER_CONFIRM {
        shown["package_info"] = format!("sim-package-{}", authorization.authorization_id).into();
    }
    shown
}

async fn query(call: Call) -> Reply {
    if let Err(refused) = admit(&call) {
        return refused;
    }
    match call.partners.wxpay.books().authorizations.get(call.param()) {
        Some(authorization) => Reply::json(shown(authorization)),
        None => fault(404, "NOT_FOUND", "no such authorization"),
    }
}

async fn close(call: Call) -> Reply {
    if let Err(refused) = admit(&call) {
        return refused;
    }
    match call.partners.wxpay.books().authorizations.get_mut(call.param()) {
        Some(authorization) => {
            authorization.state = CLOSED.into();
            Reply::json(shown(authorization))
        }
        None => fault(404, "NOT_FOUND", "no such authorization"),
    }
}

/// The first transfer, which asks for the authorisation on the way.
pub(super) async fn pre_transfer(call: Call) -> Reply {
    let parts = signed::<Value>(&call).and_then(|body| {
        let wrong = |e: serde_json::Error| fault(400, "PARAM_ERROR", &format!("body: {e}"));
        let info: Info = serde_json::from_value(body["authorization_info"].clone()).map_err(wrong)?;
        let order: Order = serde_json::from_value(body).map_err(wrong)?;
        Ok((info, order))
    });
    let (info, order) = match parts {
        Ok(parts) => parts,
        Err(refused) => return refused,
    };
    if let Some(reason) = order.fault(&call.partners.settings.app_id) {
        return fault(400, "PARAM_ERROR", &reason);
    }
    let wish = Wish {
        out_authorization_no: info.out_authorization_no,
        appid: order.appid.clone(),
        openid: order.openid.clone(),
        user_display_name: info.user_display_name,
    };
    match enter(&call, wish) {
        Ok(_) => take(&call, order),
        Err(refused) => refused,
    }
}

/// A later transfer: the authorisation says to whom.
pub(super) async fn transfer(call: Call) -> Reply {
    let parts = signed::<Use>(&call).and_then(|used| {
        Ok((
            used,
            call.json::<Order>().map_err(|e| fault(400, "PARAM_ERROR", &e))?,
        ))
    });
    let (used, mut order) = match parts {
        Ok(parts) => parts,
        Err(refused) => return refused,
    };
    let known = call
        .partners
        .wxpay
        .books()
        .authorizations
        .get(&used.out_authorization_no)
        .cloned();
    match known {
        Some(a) if a.authorization_id == used.authorization_id && a.state == TAKING_EFFECT => {
            order.openid = a.openid;
            take(&call, order)
        }
        _ => fault(403, "NO_AUTH", "the user has not authorised this"),
    }
}
