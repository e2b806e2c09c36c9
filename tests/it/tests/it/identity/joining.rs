//! A robot event knows a code, a WeChat login knows a union_id: the link of the welcome makes them one.

use super::{link_token, wechat};
use anyhow::Result;
use domain::robot as robots;
use it::{App, Client, Reply, with_app};
use serde_json::json;

async fn complete(caller: &Client, link_token: &str) -> Result<Reply> {
    caller
        .post("/api/h5/me/complete", json!({ "link_token": link_token }))
        .await
}

/// A person who was shown a robot by somebody (or nobody), befriended it, and joined their two accounts.
pub(crate) async fn adopt(app: &App, name: &str, robot: &str, sharer: Option<String>) -> Result<Client> {
    app.adopts(name, robot, sharer).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rows_become_one_person_with_their_master() {
    with_app(async |app| {
        app.robot("R-1").await?;
        adopt(app, "master", "R-1", None).await?;
        let master = app.user("U-master").await?;
        let caller = adopt(app, "ann", "R-1", Some(master.to_string())).await?;
        let people = "SELECT code, union_id, open_id FROM users WHERE status <> 3 ORDER BY code";
        let expected = ["(U-ann,union-ann,open-ann)", "(U-master,union-master,open-master)"];
        assert_eq!(app.rows(people).await?, expected);
        let tree = "SELECT u.code, m.code FROM referrals JOIN users AS u ON u.id = user_id LEFT JOIN users AS m ON m.id = master_id ORDER BY 1";
        assert_eq!(app.rows(tree).await?, ["(U-ann,U-master)", "(U-master,)"]);
        let me = caller.get("/api/h5/me").await?;
        let ann = app.user("U-ann").await?.to_string();
        assert_eq!(me.data()["id"], json!(ann), "the old token stands for the joined user");
        let told = app.simulator.told("U-master").await?;
        assert!(told.len() >= 2, "the master hears of a new disciple: {told:?}");

        let link = link_token(app, "U-ann").await?;
        assert_eq!(complete(&caller, &link).await?.outcome(), (200, 1200), "the same answer again");
        let (stranger, _) = wechat(app, "union-other", "open-other").await?;
        assert_eq!(complete(&stranger, &link).await?.outcome(), (200, 2200), "nobody takes it over");
        assert_eq!(app.rows(people).await?.len(), 3);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_not_ours_joins_nothing() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-1", "R-1").await?;
        let link = link_token(app, "U-1").await?;
        let (caller, _) = wechat(app, "union-1", "open-1").await?;
        let mut forged = link.clone();
        let last = forged.pop();
        forged.push(if last == Some('0') { '1' } else { '0' });
        for bad in [forged.as_str(), "", "a.b.c"] {
            assert_eq!(complete(&caller, bad).await?.outcome(), (400, 1403), "{bad}");
        }
        assert_eq!(complete(&app.anonymous(), &link).await?.outcome(), (401, 1401));
        let by_phone = app.h5(app.user("U-1").await?)?;
        assert_ne!(
            complete(&by_phone, &link).await?.outcome(),
            (200, 1200),
            "needs WeChat's word"
        );
        assert_eq!(app.rows("SELECT count(*) FROM users").await?, ["(2)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_their_own_grand_master() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-ann", "R-1").await?;
        let ann = app.user("U-ann").await?;
        adopt(app, "bob", "R-1", Some(ann.to_string())).await?;
        let bob = app.user("U-bob").await?;
        // Ann, who invited Bob, is now sent by Bob.
        robots::distribute(&app.context, "union-ann", "open-ann", Some(&bob.to_string()), None).await?;
        let (caller, _) = wechat(app, "union-ann", "open-ann").await?;
        assert_eq!(complete(&caller, &link_token(app, "U-ann").await?).await?.outcome(), (200, 1200));
        let tree = "SELECT u.code, m.code FROM referrals JOIN users AS u ON u.id = user_id LEFT JOIN users AS m ON m.id = master_id ORDER BY 1";
        assert_eq!(app.rows(tree).await?, ["(U-ann,)", "(U-bob,U-ann)"]);
        let (bob, _) = wechat(app, "union-bob", "open-bob").await?;
        let masters = [
            caller.get("/api/h5/me").await?,
            bob.get("/api/h5/me").await?,
        ]
        .map(|me| me.data()["master_nickname"].clone());
        let name: Option<String> = app.scalar("SELECT nickname FROM users WHERE code = 'U-ann'", []).await?;
        assert_eq!(masters, [json!(null), json!(name)]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_known_from_the_chat_stays() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let name = "SELECT nickname FROM users WHERE code = 'U-ann'";
        adopt(app, "ann", "R-1", None).await?;
        assert_eq!(
            app.rows(name).await?,
            ["(U-ann)"],
            "the chat's, as they were joined"
        );
        let (caller, _) = wechat(app, "union-ann", "open-ann").await?;
        let me = caller.get("/api/h5/me").await?;
        assert_eq!(me.data()["nickname"], json!("U-ann"), "and after the next login");

        app.execute("UPDATE users SET nickname = '' WHERE code = 'U-ann'")
            .await?;
        wechat(app, "union-ann", "open-ann").await?;
        assert_ne!(app.rows(name).await?, ["(\"\")"], "WeChat's is better than none");
        Ok(())
    })
    .await;
}
