//! The gateway: answers, books, scripts. Without a broker, events are read from the books.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::control::Injection;
use simulators::gateway::Event;
use simulators::{Action, Partner};

use crate::fixture::{Simulators, simulators};

fn history() -> Vec<Event> {
    let friend = json!({"robot_id": "R-3", "user_id": "U-7", "nickname": "Ann", "avatar": "a"});
    let pull = json!({"group_id": "G-1", "robot_id": "R-3", "user_id": "U-7", "name": "Mums"});
    vec![
        Event::new("robot_added", friend),
        Event::new("wait_for_bind", pull),
    ]
}

async fn call(simulators: &Simulators, name: &str, body: Value) -> Value {
    simulators
        .post(&format!("/gateway/gbot/{name}"), body)
        .await
        .unwrap()
        .json()
}

async fn commands(simulators: &Simulators, since: usize) -> Vec<String> {
    let events = simulators.control.events(since).await.unwrap();
    events.into_iter().map(|emitted| emitted.event.command).collect()
}

#[tokio::test]
async fn left_alone_it_binds_syncs_and_unbinds() {
    let simulators = simulators().await;
    simulators.control.inject(&history()).await.unwrap();
    let pair = json!({"group_id": "G-1", "robot_id": "R-3"});
    assert_eq!(call(&simulators, "bind_group", pair).await, json!({"code": 100}));
    let bound = simulators.control.events(2).await.unwrap().remove(0).event;
    let expected = json!({"group_id": "G-1", "robot_id": "R-3", "user_id": "U-7", "name": "Mums"});
    assert_eq!(
        (bound.command.as_str(), &bound.body),
        ("bind_group_success", &expected)
    );

    let listed = simulators
        .get("/gateway/gbot/robot/R-3/groups")
        .await
        .unwrap()
        .json();
    assert_eq!(listed["content"], json!([{"group_id": "G-1", "name": "Mums"}]));
    call(&simulators, "sync_group_members", json!({"group_id": "G-1"})).await;
    assert_eq!(commands(&simulators, 3).await, ["group_members", "group_info"]);

    call(
        &simulators,
        "unbind_group",
        json!({"group_id": "G-1", "robot_id": "R-3", "reason": "3"}),
    )
    .await;
    let unbound = simulators.control.events(5).await.unwrap().remove(0).event;
    assert_eq!(
        (unbound.command.as_str(), &unbound.body["reason"]),
        ("unbind_group_success", &json!("3"))
    );
    let listed = simulators
        .get("/gateway/gbot/robot/R-3/groups")
        .await
        .unwrap()
        .json();
    assert_eq!(listed["content"], json!([]));
}

#[tokio::test]
async fn it_can_refuse_hold_back_repeat_and_stay_silent() {
    let simulators = simulators().await;
    simulators.control.inject(&history()).await.unwrap();
    let pair = json!({"group_id": "G-1", "robot_id": "R-3"});
    let script = async |action| {
        simulators
            .control
            .next(Partner::Gateway, "bind_group", action)
            .await
            .unwrap()
    };

    script(Action::Refuse {
        code: json!("101"),
        http_status: None,
        body: None,
    })
    .await;
    assert_eq!(call(&simulators, "bind_group", pair.clone()).await["code"], "101");
    script(Action::Silent {}).await;
    assert_eq!(call(&simulators, "bind_group", pair.clone()).await["code"], 100);
    assert!(commands(&simulators, 2).await.is_empty());

    script(Action::OutOfOrder {}).await;
    call(&simulators, "bind_group", pair.clone()).await;
    assert!(commands(&simulators, 2).await.is_empty());
    call(&simulators, "unbind_group", pair.clone()).await;
    assert_eq!(
        commands(&simulators, 2).await,
        ["unbind_group_success", "bind_group_success"]
    );

    script(Action::Twice {}).await;
    call(&simulators, "bind_group", pair.clone()).await;
    let events = simulators.control.events(4).await.unwrap();
    assert_eq!((events.len(), &events[0].event), (2, &events[1].event));

    script(Action::OutOfOrder {}).await;
    call(&simulators, "bind_group", pair.clone()).await;
    assert_eq!(simulators.control.release().await.unwrap(), 1);
    assert_eq!(commands(&simulators, 6).await.len(), 1);

    script(Action::DropAfter { hang_ms: 0 }).await;
    assert!(simulators.post("/gateway/gbot/bind_group", &pair).await.is_err());
    assert_eq!(commands(&simulators, 7).await, ["bind_group_success"]);
    let calls = simulators
        .control
        .received(Partner::Gateway, "bind_group")
        .await
        .unwrap();
    assert_eq!(
        (calls.len(), calls[0].status, calls[5].status),
        (6, Some(200), None)
    );
}

#[tokio::test]
async fn a_message_number_is_delivered_once() {
    let simulators = simulators().await;
    let send = |number: &str| {
        json!({"robot_id": "R-3", "user_id": "U-7", "messages": [
            {"type": 3, "content": "hello", "title": "", "url": "", "desc": "", "voice_time": "0", "message_no": number}
        ]})
    };
    for number in ["m-1", "m-1", "m-2", "", ""] {
        assert_eq!(
            call(&simulators, "send_private_message", send(number)).await["code"],
            100
        );
    }
    let sent = simulators.control.gateway().await.unwrap().sent;
    assert_eq!(
        sent.iter().map(|message| message.asked).collect::<Vec<_>>(),
        [2, 1, 1, 1]
    );
    assert_eq!(
        call(&simulators, "send_group_message", send("m-3")).await["code"],
        400
    );
}

#[tokio::test]
async fn a_hanging_gateway_outlasts_its_caller_and_a_reset_forgets() {
    let simulators = simulators().await;
    simulators
        .control
        .next(Partner::Gateway, "*", Action::DropAfter { hang_ms: 60_000 })
        .await
        .unwrap();
    let request = simulators.post(
        "/gateway/gbot/unbind_group",
        json!({"group_id": "G-1", "robot_id": "R-3"}),
    );
    assert!(
        tokio::time::timeout(Duration::from_millis(300), request)
            .await
            .is_err()
    );
    assert_eq!(commands(&simulators, 0).await, ["unbind_group_success"]);
    simulators.control.reset().await.unwrap();
    assert!(commands(&simulators, 0).await.is_empty());
    assert!(simulators.control.received_since(0).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_shuffled_injection_goes_out_twice() {
    let simulators = simulators().await;
    let injection = Injection {
        events: history(),
        shuffle_seed: Some(7),
        ..Default::default()
    };
    let injected = simulators.control.inject_as(&injection).await.unwrap();
    assert_eq!(injected.message_ids.len(), 4);
    assert_eq!(commands(&simulators, 0).await.len(), 4);
    let group = &simulators.control.gateway().await.unwrap().groups["G-1"];
    assert_eq!(group.waiting.as_ref().unwrap().user_id, "U-7");
}
