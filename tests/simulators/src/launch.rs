//! The delivery system: takes results of ad tasks and the groups' delivery switches.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use poem::{Route, post};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::call::{Call, Reply, watched};
use crate::partners::Partners;
use crate::script::Partner;

/// What became of an ad task in one group.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LaunchResult {
    /// The task.
    pub launch_id: String,
    /// Group code.
    pub group_id: String,
    /// 1 sent, 2 failed.
    pub state: i64,
}

/// The delivery system's books.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LaunchBooks {
    /// Results in the order they came.
    pub results: Vec<LaunchResult>,
    /// Switch per group code: on or off.
    pub switches: BTreeMap<String, bool>,
}

/// The delivery system.
#[derive(Default)]
pub struct Launch(Mutex<LaunchBooks>);

impl Launch {
    /// The books.
    pub fn books(&self) -> MutexGuard<'_, LaunchBooks> {
        self.0.lock().expect("no holder of this lock panics")
    }
}

/// Everything below `/launch`.
pub fn routes(p: &Arc<Partners>) -> Route {
    const BASE: &str = "/launch-api/launch";
    Route::new()
        .at(
            format!("{BASE}/updatelaunchresult"),
            post(watched(p, Partner::Launch, "updatelaunchresult", result)),
        )
        .at(
            format!("{BASE}/syncslotinfo"),
            post(watched(p, Partner::Launch, "syncslotinfo", switch)),
        )
}

#[derive(Deserialize)]
struct Slots {
    command: String,
    source: i64,
    data: Vec<Slot>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Slot {
    group_id: String,
    limits: Vec<Limit>,
}

#[derive(Deserialize)]
struct Limit {
    #[serde(rename = "type")]
    kind: i64,
    time: i64,
}

fn done() -> Reply {
    Reply::json(json!({"resultCode": 100}))
}

fn refuse(reason: &str) -> Reply {
    Reply::json(json!({"resultCode": 403, "msg": reason}))
}

async fn result(call: Call) -> Reply {
    match call.json::<LaunchResult>() {
        Ok(result) if !(1..=2).contains(&result.state) => refuse("state must be 1 or 2"),
        Ok(result) => {
            call.partners.launch.books().results.push(result);
            done()
        }
        Err(reason) => refuse(&reason),
    }
}

async fn switch(call: Call) -> Reply {
    let slots: Slots = match call.json() {
        Ok(slots) => slots,
        Err(reason) => return refuse(&reason),
    };
    if slots.command != "update" || slots.source != 2 {
        return refuse("command must be update, source 2");
    }
    let known = |limit: &Limit| limit.kind == 1 && matches!(limit.time, -1 | 0);
    if slots
        .data
        .iter()
        .any(|slot| slot.limits.is_empty() || !slot.limits.iter().all(known))
    {
        return refuse("limits must have type 1 and time -1 or 0");
    }
    let mut books = call.partners.launch.books();
    for slot in slots.data {
        let on = slot.limits.iter().all(|limit| limit.time == -1);
        books.switches.insert(slot.group_id, on);
    }
    done()
}
