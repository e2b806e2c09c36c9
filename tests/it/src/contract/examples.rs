//! For every operation that needs to know something of the world: a request that works in it.

use crate::notification::Caught;
use crate::{App, Client};
use anyhow::{Context as _, Result};
use domain::identity::Role;
use domain::identity::operator;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PASSWORD: &str = "a long password of the contract's";
/// A number with the right check digit that nobody has.
const ID_CARD: &str = "11010519491231002X";

/// Requests by operation: `path`, `query` and `header` by name of the parameter, and `body`; with `sealed` the bytes
/// that were signed, and their signature.
pub(super) async fn collect(app: &App, notification: &Caught) -> Result<Value> {
    let admin = app.console(Role::Admin).await?;
    operator::add(&app.context, "contract", Role::Viewer, PASSWORD.to_owned().into()).await?;
    let (dan, today) = (app.user("U-dan").await?, app.context.clock.today().to_string());
    let plan = json!({ "date": today });
    let planned = first(&admin, &format!("cleanup/plans/{today}/entries"), "group_id").await?;
    let template = first(&admin, "settlement/templates", "rule").await?;
    let robot = first(&admin, "robots?code=R-2", "id").await?;
    let group = first(&admin, "groups?code=G-6", "id").await?;
    let ann = app.user("U-ann").await?;
    let own = "SELECT id::text FROM groups WHERE code = 'G-4'";
    let own: Option<String> = app.scalar(own, []).await?;
    let run = first(&admin, "settlement/runs?kind=ads", "id").await?;
    let waiting = first(&admin, "settlement/ads?settle_date=2026-11-20", "id").await?;
    let proposed = first(&admin, "ledger/corrections?state=proposed", "id").await?;
    let withdrawal = first(&admin, "withdrawals", "id").await?;
    let slip = format!("SELECT id::text FROM slips WHERE user_id = '{ann}' AND amount_type = 1");
    let slip: Option<String> = app.scalar(&slip, []).await?;
    let robots_name = json!({"code": "R-9", "name": "pet", "wechat_no": "wx-9", "head_url": "https://pet.example/9.png",
                             "qr_code": "https://pet.example/qr9.png", "count_threshold": 30});
    let ads = json!({"settle_date": super::world::DAY, "reason": "late", "data": [{"group_code": "G-3", "amount": "0.50"}]});
    let task = json!({"taskId": "T-2", "taskType": 1, "groupIds": ["G-3"], "content": {"items": [{"type": 1, "content": "a text"}]}});
    let activity =
        json!({"code": "CONTRACT", "rule": template, "starts_on": "2026-12-01", "ends_on": "2026-12-31"});
    let gift = json!({"user_id": ann, "account": "red_packets", "amount": "0.01", "reason": "a gift"});
    let text = std::str::from_utf8(&notification.body)?;
    let said: Value = serde_json::from_str(text)?;
    let sealed: BTreeMap<&str, &str> = notification
        .headers
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let visit = json!({"union_id": "union-ann", "open_id": "open-ann"});
    let mut examples = json!({
        "POST /api/console/auth/login": {"body": {"username": "contract", "password": PASSWORD}},
        "GET /api/console/cleanup/plans/{date}": {"path": plan},
        "GET /api/console/cleanup/plans/{date}/entries": {"path": plan},
        "POST /api/console/cleanup/plans/{date}/release": {"path": plan, "body": {"group_id": planned}},
        "POST /api/console/cleanup/plans/{date}/hold": {"path": plan, "body": {"group_id": planned, "reason": "not yet"}},
        "POST /api/console/groups/cancel": {"body": {"group_ids": [group], "reason": 2}},
        "POST /api/console/jobs/{name}/runs": {"path": {"name": "check_ledger"}, "body": {"date": today}},
        "POST /api/console/ledger/corrections": {"header": {"Idempotency-Key": "contract"}, "body": gift},
        "POST /api/console/ledger/corrections/{id}/review": {"path": {"id": proposed}, "body": {"decision": "drop"}},
        "POST /api/console/robots": {"body": robots_name},
        "POST /api/console/robots/{id}/set-aside": {"path": {"id": robot}},
        "POST /api/console/settlement/ads": {"body": ads},
        "POST /api/console/settlement/ads/{id}/void": {"path": {"id": waiting}, "body": {"reason": "a mistake"}},
        "GET /api/console/settlement/runs/{id}": {"path": {"id": run}},
        "GET /api/console/settlement/runs/{id}/replay": {"path": {"id": run}},
        "POST /api/console/settlement/runs/{id}/reverse": {
            "path": {"id": run}, "body": {"reason": "a mistake", "leave_short": true}},
        "GET /api/console/settlement/slips/{user_id}/{slip_id}": {"path": {"user_id": ann, "slip_id": slip}},
        "POST /api/console/settlement/templates": {"body": activity},
        "POST /api/console/users/{id}/block": {"path": {"id": dan}, "body": {"reason": "a look"}},
        "GET /api/console/withdrawals/{id}": {"path": {"id": withdrawal}},
        "POST /api/h5/auth/phone": {"body": code(app, "13800000007").await?},
        "POST /api/h5/auth/sms-code": {"body": {"phone": "13800000011"}},
        "POST /api/h5/auth/wechat": {"body": {"code": "sim:union-ann:open-ann"}},
        "DELETE /api/h5/groups/{id}": {"path": {"id": own}, "query": {"cancel_reason": 4}},
        "GET /api/h5/profit/slips/{id}": {"path": {"id": slip}},
        "PUT /api/h5/groups/launch-switch": {"body": [{"code": "G-2", "rcv_task_flag": 1}]},
        "POST /api/h5/me/complete": {"body": {"link_token": app.link_token("U-ann").await?}},
        "PUT /api/h5/me/id-card": {"body": {"name": "安", "id_number": ID_CARD}},
        "PUT /api/h5/me/phone": {"body": code(app, "13800000009").await?},
        "POST /api/h5/withdrawals": {"header": {"Idempotency-Key": "contract"}, "body": {"amount": "20.00"}},
        "POST /bi/users": {"body": {"datetime": "2026-11-22 00:00:00"}},
        "POST /robot/distribution": {"body": visit},
        "POST /robot/undistributable": {"body": {"robot_id": robot}},
        "POST /settlement": {"body": {"settle_date": "2026-11-22", "data": {"G-3": "0.16"}}},
        "POST /task/receive": {"body": task},
        "POST /wxpay/notify": {"body": said, "sealed": {"headers": sealed, "body": text}},
    });
    let more = details(app, &admin).await?;
    if let (Some(examples), Value::Object(more)) = (examples.as_object_mut(), more) {
        examples.extend(more);
    }
    Ok(examples)
}

/// The same for what has an id in its path and nothing else to know.
async fn details(app: &App, admin: &Client) -> Result<Value> {
    let id = async |list: &str| -> Result<Value> { Ok(json!({ "id": first(admin, list, "id").await? })) };
    let (ann, dan) = (app.user("U-ann").await?, app.user("U-dan").await?);
    let own: Option<String> = app
        .scalar("SELECT id::text FROM groups WHERE code = 'G-4'", [])
        .await?;
    let (group, job) = (id("groups?code=G-2").await?, id("jobs/requests").await?);
    let (check, batch) = (
        id("ledger/checks").await?,
        id("settlement/ads?settle_date=2026-11-20").await?,
    );
    let (proposed, run) = (
        id("ledger/corrections?state=proposed").await?,
        id("settlement/runs?kind=groups").await?,
    );
    let (robot, spare) = (id("robots?code=R-1").await?, id("robots?code=R-3").await?);
    // Of the groups' run: that of ads is taken back, and its postings with it.
    let paid = id(&format!(
        "ledger/postings?kind=slip&user_id={}&run_id={}",
        app.user("U-grand").await?,
        run["id"].as_str().context("a run without an id")?
    ))
    .await?;
    let (ann, withdrawal) = (json!({ "id": ann }), id("withdrawals").await?);
    let (dan, own) = (json!({ "id": dan }), json!({ "id": own }));
    Ok(json!({
        "GET /api/console/groups/{id}": {"path": group},
        "GET /api/console/groups/{id}/stars": {"path": group},
        "GET /api/console/jobs/requests/{id}": {"path": job},
        "GET /api/console/jobs/{name}": {"path": {"name": "settle_groups"}},
        "GET /api/console/ledger/checks/{id}": {"path": check},
        "GET /api/console/ledger/corrections/{id}": {"path": proposed},
        "GET /api/console/ledger/postings/{id}": {"path": paid},
        "POST /api/console/ledger/postings/{id}/reverse": {"path": paid, "body": {"reason": "a mistake"}},
        "DELETE /api/console/robots/{id}": {"path": spare},
        "GET /api/console/robots/{id}": {"path": robot},
        "PATCH /api/console/robots/{id}": {"path": robot, "body": {"name": "pet"}},
        "POST /api/console/robots/{id}/return": {"path": robot},
        "GET /api/console/settlement/ads/{id}": {"path": batch},
        "GET /api/console/settlement/ads/{id}/rows": {"path": batch},
        "GET /api/console/settlement/runs/{id}/lines": {"path": run},
        "GET /api/console/settlement/runs/{id}/lines/export": {"path": run},
        "GET /api/console/settlement/runs/{id}/slips": {"path": run},
        "GET /api/console/settlement/runs/{id}/slips/export": {"path": run},
        "GET /api/console/users/{id}": {"path": ann},
        "GET /api/console/users/{id}/referrals": {"path": ann},
        "GET /api/console/users/{id}/statement": {"path": ann},
        "POST /api/console/users/{id}/unblock": {"path": dan, "body": {"reason": "looked at"}},
        "GET /api/h5/groups/{id}": {"path": own},
        "GET /api/h5/withdrawals/{id}": {"path": withdrawal},
    }))
}

/// A field of the first row of a list of the console.
async fn first(admin: &Client, list: &str, field: &str) -> Result<Value> {
    let reply = admin.get(&format!("/api/console/{list}")).await?;
    let value = reply.data()[0][field].clone();
    (!value.is_null())
        .then_some(value)
        .with_context(|| format!("{list} has no row: {reply:?}"))
}

/// A phone and the code that it was sent.
async fn code(app: &App, phone: &str) -> Result<Value> {
    let wanted = json!({ "phone": phone });
    app.anonymous().post("/api/h5/auth/sms-code", wanted).await?;
    app.drain().await?;
    Ok(json!({"phone": phone, "code": app.simulator.sms_code(phone).await?}))
}
