//! What operators see of themselves and of users.

use super::wechat;
use anyhow::Result;
use domain::identity::Role;
use it::with_app;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn operators_know_what_they_may_do() {
    with_app(async |app| {
        let support = app.console(Role::Support).await?;
        let me = support.get("/api/console/me").await?;
        assert_eq!(me.outcome(), (200, 1200), "{me:?}");
        assert_eq!(me.data()["role"], "support");
        let expected = json!([
            "read",
            "block_users",
            "edit_robots",
            "edit_groups",
            "handle_dead_letters",
            "export"
        ]);
        assert_eq!(me.data()["permissions"], expected);
        assert_eq!(app.anonymous().get("/api/console/me").await?.code(), 1401);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_user_is_let_go_once_and_the_trail_knows() {
    with_app(async |app| {
        let (ann, _) = wechat(app, "union-ann", "open-ann").await?;
        let me = ann.get("/api/h5/me").await?;
        assert_eq!(
            (&me.data()["has_wechat"], &me.data()["master_nickname"]),
            (&json!(true), &json!(null))
        );
        let id = me.data()["id"].as_str().unwrap_or_default().to_owned();
        let (support, viewer) = (
            app.console(Role::Support).await?,
            app.console(Role::Viewer).await?,
        );
        let path = |what: &str| format!("/api/console/users/{id}/{what}");
        let why = json!({"reason": "a mistake"});
        assert_eq!(
            viewer.post(&path("unblock"), why.clone()).await?.outcome(),
            (403, 1401)
        );
        assert_eq!(
            support.post(&path("block"), why.clone()).await?.data()["status"],
            2
        );
        assert_eq!(
            support
                .post(&path("unblock"), json!({"reason": " "}))
                .await?
                .code(),
            1403
        );
        for _ in 0..2 {
            let freed = support.post(&path("unblock"), why.clone()).await?;
            assert_eq!(
                (freed.code(), &freed.data()["status"]),
                (1200, &json!(1)),
                "{freed:?}"
            );
        }
        let trail = app
            .rows("SELECT action, count(*) FROM audit_entries GROUP BY action ORDER BY action")
            .await?;
        assert_eq!(trail, ["(block_user,1)", "(unblock_user,1)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_found_by_name_channel_status_and_date() {
    with_app(async |app| {
        app.execute(
            "INSERT INTO users (id, code, nickname, channel, status, created_at, updated_at) VALUES
                 (gen_random_uuid(), 'u-1', '100% Ann', 'north', 1, '2026-03-01T00:00:00Z', now()),
                 (gen_random_uuid(), 'u-2', '1000 Ann', 'south', 2, '2026-03-02T00:00:00Z', now())",
        )
        .await?;
        let operator = app.console(Role::Viewer).await?;
        let found = async |query: &str| -> Result<Vec<String>> {
            let reply = operator.get(&format!("/api/console/users?{query}")).await?;
            assert_eq!(reply.outcome(), (200, 1200), "{query}: {reply:?}");
            let rows = reply.data().as_array().into_iter().flatten();
            Ok(rows
                .map(|row| row["code"].as_str().unwrap_or_default().to_owned())
                .collect())
        };
        assert_eq!(found("nickname=100").await?, ["u-2", "u-1"]);
        assert_eq!(
            found("nickname=100%25").await?,
            ["u-1"],
            "signs of LIKE stand for themselves"
        );
        assert_eq!(found("channel=south").await?, ["u-2"]);
        assert_eq!(found("status=2").await?, ["u-2"]);
        assert_eq!(found("to=2026-03-01").await?, ["u-1"]);
        assert_eq!(found("from=2026-03-02").await?, ["u-2"]);
        assert_eq!(operator.get("/api/console/users?status=9").await?.code(), 1403);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_shown_with_those_above_and_below() {
    with_app(async |app| {
        let ids = ["1", "2", "3"].map(|last| format!("018f2d3e-0000-7000-8000-00000000000{last}"));
        let [grand, master, user] = &ids;
        for id in &ids {
            app.execute(&format!(
                "INSERT INTO users (id, code, nickname, created_at, updated_at) VALUES ('{id}', 'c-{id}', 'n', now(), now())"
            ))
            .await?;
        }
        app.execute(&format!(
            "INSERT INTO referrals (user_id, master_id, created_at)
             VALUES ('{master}', '{grand}', now()), ('{user}', '{master}', now())"
        ))
        .await?;
        app.execute(&format!("INSERT INTO accounts (user_id) VALUES ('{user}')")).await?;
        let operator = app.console(Role::Viewer).await?;
        let shown = operator.get(&format!("/api/console/users/{user}")).await?;
        assert_eq!(shown.outcome(), (200, 1200), "{shown:?}");
        let data = shown.data();
        assert_eq!((&data["above"][0]["id"], &data["above"][1]["id"]), (&json!(master), &json!(grand)), "{data}");
        assert_eq!((&data["wallet"]["available"], &data["withdrawals"]), (&json!("0.00"), &json!([])));
        for (level, below) in [(1, master), (2, user)] {
            let listed = operator.get(&format!("/api/console/users/{grand}/referrals?level={level}")).await?;
            let rows: Vec<&serde_json::Value> = listed.data().as_array().into_iter().flatten().collect();
            assert_eq!(rows.len(), 1, "{listed:?}");
            assert_eq!(rows[0]["id"], json!(below));
        }
        let top = operator.get(&format!("/api/console/users/{grand}")).await?;
        assert_eq!((&top.data()["disciples"], &top.data()["grand_disciples"]), (&json!(1), &json!(1)));
        let nobody = "/api/console/users/018f2d3e-0000-7000-8000-0000000000ff";
        assert_eq!(operator.get(nobody).await?.outcome(), (404, 1404));
        Ok(())
    })
    .await;
}
