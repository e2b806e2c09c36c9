//! A user's groups: how far each has come, what it brings and brought.

use super::{DAY, NOBODY, column, data, family, group_id, settle};
use anyhow::Result;
use domain::group;
use domain::settlement::RunKind;
use it::with_app;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_user_sees_what_a_group_brings_and_brought() {
    with_app(async |app| {
        family(app).await?;
        let ann = app.h5(app.user("U-ann").await?)?;
        let group = data(&ann, &format!("/api/h5/groups/{}", group_id(app, "G-1").await?)).await?;
        for (field, expected) in [
            ("code", json!("G-1")),
            ("state", json!("earning")),
            ("quality_level", json!(5)),
            ("settle_count", json!(1)),
            ("settle_days", json!(30)),
            ("daily_income", json!("1.000000")),
            ("yesterday_income", json!("1.480000")),
            ("total_income", json!("1.480000")),
            ("member_count", json!(60)),
            ("cancelled_at", Value::Null),
        ] {
            assert_eq!(group[field], expected, "{field}: {group}");
        }
        assert_eq!(
            group["rule"],
            json!({"template": "DEFAULT", "version": 1, "daily_income": "1.000000", "settle_days": 30})
        );
        assert_eq!(group["robot"]["name"], "pet R-1");
        assert_eq!(column(&group["stars"], "star"), [json!(5)]);
        assert_eq!(
            group["income"],
            json!([{"day": DAY, "groups": "1.000000", "ads": "0.480000"}])
        );
        let none = format!("/api/h5/groups/{}?from=2026-11-22", group_id(app, "G-1").await?);
        assert_eq!(data(&ann, &none).await?["income"], json!([]));

        // The next day it has sunk, and has no ads.
        app.execute("UPDATE groups SET star = 2 WHERE code = 'G-1'")
            .await?;
        app.at("2026-11-23T09:00:00")?;
        settle(app, "2026-11-22", &[RunKind::Groups]).await?;
        let ann = app.h5(app.user("U-ann").await?)?;
        let group = data(&ann, &format!("/api/h5/groups/{}", group_id(app, "G-1").await?)).await?;
        assert_eq!(
            group["income"],
            json!([{"day": "2026-11-22", "groups": "0.050000", "ads": "0.000000"},
                   {"day": DAY, "groups": "1.000000", "ads": "0.480000"}])
        );
        assert_eq!(
            (&group["yesterday_income"], &group["total_income"]),
            (&json!("0.050000"), &json!("1.530000"))
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_somebody_else_is_answered_like_an_unknown_one() {
    with_app(async |app| {
        family(app).await?;
        let (ann, id) = (app.h5(app.user("U-ann").await?)?, group_id(app, "G-3").await?);
        let theirs = ann.get(&format!("/api/h5/groups/{id}")).await?;
        let unknown = ann.get(&format!("/api/h5/groups/{NOBODY}")).await?;
        assert_eq!(theirs.outcome(), (404, 1404));
        assert_eq!(theirs.body, unknown.body);
        for (range, field) in [
            ("from=2026-11-02&to=2026-11-01", "from"),
            ("from=2025-11-01&to=2026-11-20", "from"),
            ("to=yesterday", "to"),
        ] {
            let own = group_id(app, "G-1").await?;
            let reply = ann.get(&format!("/api/h5/groups/{own}?{range}")).await?;
            assert_eq!(reply.outcome(), (400, 1403), "{range}");
            assert_eq!(reply.data()["field"], field, "{range}: {reply:?}");
        }
        assert_eq!(
            app.anonymous()
                .get(&format!("/api/h5/groups/{id}"))
                .await?
                .outcome(),
            (401, 1401)
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_listed_by_how_far_they_have_come() {
    with_app(async |app| {
        family(app).await?;
        let user = app.user("U-ann").await?;
        app.pulls("U-ann", "R-1", "G-5").await?;
        app.pulls("U-ann", "R-1", "G-6").await?;
        group::cancel_for_user(
            &app.context,
            user,
            kernel::id::GroupId(group_id(app, "G-6").await?.parse()?),
        )
        .await?;
        app.drain().await?;
        let ann = app.h5(user)?;
        let codes = async |query: &str| -> Result<Vec<String>> {
            let found = data(&ann, &format!("/api/h5/groups?{query}")).await?;
            let codes = column(&found, "code");
            let mut codes: Vec<String> = codes
                .iter()
                .map(|code| code.as_str().unwrap_or_default().to_owned())
                .collect();
            codes.sort();
            Ok(codes)
        };
        assert_eq!(codes("state=waiting").await?, ["G-5"]);
        assert_eq!(codes("state=earning").await?, ["G-1", "G-2"]);
        assert_eq!(codes("state=ended").await?, ["G-6"]);
        assert_eq!(
            codes("").await?,
            ["G-1", "G-2", "G-5"],
            "those that are not cancelled"
        );
        assert_eq!(codes("state=earning&status=0").await?, [""; 0]);
        assert_eq!(ann.get("/api/h5/groups?state=over").await?.outcome(), (400, 1403));

        let ended = data(&ann, "/api/h5/groups?state=ended").await?;
        assert_eq!(ended[0]["cancel_reason"], 4);
        assert!(ended[0]["cancelled_at"].is_string(), "{ended}");
        assert_eq!(
            (&ended[0]["daily_income"], &ended[0]["total_income"]),
            (&Value::Null, &json!("0.000000"))
        );
        let earning = data(&ann, "/api/h5/groups?state=earning").await?;
        let mut brought = column(&earning, "total_income");
        brought.sort_by_key(Value::to_string);
        assert_eq!(brought, [json!("0.100000"), json!("1.480000")]);

        // All its days are settled. It is over where it gets no ads.
        app.execute(
            "UPDATE groups SET status = 2, launch_switch = code = 'G-1' WHERE code IN ('G-1', 'G-2')",
        )
        .await?;
        assert_eq!(codes("state=earning").await?, ["G-1"]);
        assert_eq!(codes("state=ended").await?, ["G-2", "G-6"]);
        let over = data(&ann, "/api/h5/groups?state=earning").await?;
        assert_eq!(over[0]["daily_income"], Value::Null, "only ads are left");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_did_not_come_in() {
    with_app(async |app| {
        family(app).await?;
        let user = app.user("U-ann").await?;
        let path = format!("/api/h5/groups/{}", group_id(app, "G-1").await?);
        let run: String = app
            .scalar("SELECT id::text FROM settlement_runs WHERE kind = 'ads'", [])
            .await?
            .unwrap_or_default();
        let admin = app.console(domain::identity::Role::Admin).await?;
        let order = json!({"reason": "the partner counted wrongly", "leave_short": false});
        let reversed = admin
            .post(&format!("/api/console/settlement/runs/{run}/reverse"), order)
            .await?;
        assert_eq!(reversed.outcome(), (200, 1200), "{reversed:?}");
        let group = data(&app.h5(user)?, &path).await?;
        assert_eq!(
            group["income"],
            json!([{"day": DAY, "groups": "1.000000", "ads": "0.000000"}])
        );
        assert_eq!(group["total_income"], "1.000000");
        Ok(())
    })
    .await;
}
