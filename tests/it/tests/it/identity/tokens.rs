//! What a token opens, and for how long.

use super::wechat;
use anyhow::Result;
use chrono::TimeDelta;
use domain::identity::Role;
use domain::identity::operator;
use it::with_app;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_an_hour_and_for_its_own_app() {
    with_app(async |app| {
        let (user, _) = wechat(app, "union-1", "open-1").await?;
        let operator = app.console(Role::Admin).await?;
        assert_eq!(user.get("/api/h5/me").await?.outcome(), (200, 1200));
        assert_eq!(operator.get("/api/console/users").await?.outcome(), (200, 1200));
        assert_eq!(user.get("/api/console/users").await?.outcome(), (403, 1401));
        assert_eq!(operator.get("/api/h5/me").await?.outcome(), (403, 1401));
        assert_eq!(app.anonymous().get("/api/h5/me").await?.outcome(), (401, 1401));
        let garbled = app.anonymous().with_token("no.token.this");
        assert_eq!(garbled.get("/api/h5/me").await?.outcome(), (401, 1401));
        app.later(TimeDelta::minutes(59));
        assert_eq!(user.get("/api/h5/me").await?.outcome(), (200, 1200));
        app.later(TimeDelta::seconds(70));
        assert_eq!(user.get("/api/h5/me").await?.outcome(), (401, 1406));
        assert_eq!(operator.get("/api/console/users").await?.outcome(), (401, 1406));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_opens_what_the_table_says() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let user = app.befriends("U-1", "R-1").await?;
        let path = format!("/api/console/users/{user}/block");
        let reason = json!({"reason": "spam"});
        let viewer = app.console(Role::Viewer).await?;
        assert_eq!(viewer.post(&path, reason.clone()).await?.outcome(), (403, 1401));
        assert_eq!(app.rows("SELECT status FROM users").await?, ["(1)"]);
        let admin = app.console(Role::Admin).await?;
        let blocked = admin.post(&path, reason).await?;
        assert_eq!(
            (blocked.status, &blocked.data()["status"]),
            (200, &json!(2)),
            "{blocked:?}"
        );
        assert_eq!(app.rows("SELECT count(*) FROM audit_entries").await?, ["(1)"]);
        app.pulls("U-1", "R-1", "G-1").await?;
        assert_eq!(
            app.rows("SELECT code FROM groups").await?.len(),
            0,
            "a blocked user binds nothing"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_log_in_by_password_and_guessing_is_limited() {
    with_app(async |app| {
        operator::add(
            &app.context,
            "ann",
            Role::Viewer,
            "a password of some length".into(),
        )
        .await?;
        let log_in = async |password: &str| -> Result<it::Reply> {
            let body = json!({"username": "ann", "password": password});
            app.anonymous().post("/api/console/auth/login", body).await
        };
        let reply = log_in("a password of some length").await?;
        assert_eq!(
            (reply.status, &reply.data()["role"]),
            (200, &json!("viewer")),
            "{reply:?}"
        );
        let mut outcomes = Vec::new();
        for _ in 0..11 {
            outcomes.push(log_in("guess").await?);
        }
        assert!(
            outcomes[..10].iter().all(|reply| reply.outcome() == (401, 1401)),
            "{outcomes:?}"
        );
        assert_eq!(outcomes[10].outcome(), (429, 1429));
        assert!(outcomes[10].retry_after.is_some());
        assert_eq!(
            log_in("a password of some length").await?.outcome(),
            (429, 1429),
            "not even the right one"
        );
        Ok(())
    })
    .await;
}
