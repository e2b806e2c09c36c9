//! Secrets in the outbox: rows of the version before, and a key that is not there.

use super::links;
use anyhow::Result;
use chrono::TimeDelta;
use domain::identity::Role;
use it::{App, with_app};
use kernel::Context;
use scheduler::relay;
use serde_json::Value;
use std::sync::Arc;

async fn listed(app: &App) -> Result<Value> {
    let reply = app
        .console(Role::Viewer)
        .await?
        .get("/api/console/outbox?destination=robot")
        .await?;
    assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
    Ok(reply.data().clone())
}

/// The same process with another key for its data.
fn with_another_key(app: &App) -> Result<Context> {
    let mut config = app.context.config.as_ref().clone();
    config.identity.data_key = "ab".repeat(32).into();
    Ok(Context {
        config: Arc::new(config),
        ..app.context.clone()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_the_version_before_is_delivered_and_does_not_show() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let token = format!("{}.1795226400.{}", kernel::id::UserId::new(), "5e".repeat(32));
        app.execute(&format!(
            r#"INSERT INTO outbox (id, destination, topic, lane, payload, next_attempt_at, created_at)
               VALUES (gen_random_uuid(), 'robot', 'send_private_message', 'user:U-1',
                       '{{"command": "send_private_message", "robot_code": "R-1", "user_code": "U-1",
                          "message": {{"kind": "text", "text": "home: https://gpet.example/grouppet/home?link_token={token} here"}}}}',
                       '2026-11-21T01:00:00Z', '2026-11-21T01:00:00Z')"#
        ))
        .await?;
        let before = listed(app).await?.to_string();
        assert!(!before.contains(&token), "{before}");
        assert!(before.contains("link_token=***") && before.contains("here"), "only the token: {before}");
        app.drain().await?;
        assert_eq!(links(app, "U-1").await?.concat(), token, "it went out as it was");
        let after = listed(app).await?;
        assert_eq!(after[0]["state"], "delivered");
        assert!(!after.to_string().contains(&token), "{after}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_key_is_missing_waits_for_it() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let body = serde_json::json!({"robot_id": "R-1", "user_id": "U-ann", "nickname": "Ann"});
        app.simulator.event("robot_added", body).await?;
        app.simulator.settle().await?;
        app.file_arrivals().await?;
        scheduler::consumers::worker::drain(&app.context, &app.outside.transports).await?;

        relay::drain(&with_another_key(app)?, &app.outside).await?;
        let waiting = listed(app).await?;
        assert_eq!(
            (&waiting[0]["state"], &waiting[0]["attempts"]),
            (&"pending".into(), &1.into()),
            "{waiting}"
        );
        let error = waiting[0]["last_error"].as_str().unwrap_or_default();
        assert!(error.contains("GPET_DATA_KEY"), "the key has a name: {error}");
        assert_eq!(links(app, "U-ann").await?, [""; 0]);

        app.later(TimeDelta::minutes(10));
        app.drain().await?;
        assert_eq!(links(app, "U-ann").await?.len(), 1, "nothing was lost");
        assert_eq!(listed(app).await?[0]["state"], "delivered");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_moved_to_another_row_does_not_open() {
    with_app(async |app| {
        app.robot("R-1").await?;
        for user in ["U-ann", "U-thief"] {
            let body = serde_json::json!({"robot_id": "R-1", "user_id": user, "nickname": user});
            app.simulator.event("robot_added", body).await?;
        }
        app.simulator.settle().await?;
        app.file_arrivals().await?;
        scheduler::consumers::worker::drain(&app.context, &app.outside.transports).await?;
        app.execute(
            "UPDATE outbox SET sealed = (SELECT sealed FROM outbox WHERE lane = 'user:U-ann') WHERE lane = 'user:U-thief'",
        )
        .await?;
        app.drain().await?;
        assert_eq!(links(app, "U-ann").await?.len(), 1);
        assert_eq!(app.simulator.told("U-thief").await?, [""; 0]);
        app.execute("DELETE FROM outbox WHERE lane = 'user:U-thief'").await
    })
    .await;
}
