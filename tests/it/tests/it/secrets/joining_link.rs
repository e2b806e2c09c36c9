//! A link joins once, soon, and for whoever came first.

use super::{asks_for_home, links};
use crate::identity::wechat;
use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use it::{App, Client, Reply, with_app};
use kernel::data_keys::Place;
use kernel::{crypto, db};
use secrecy::ExposeSecret;
use serde_json::json;

async fn complete(caller: &Client, token: &str) -> Result<Reply> {
    caller
        .post("/api/h5/me/complete", json!({ "link_token": token }))
        .await
}

async fn newest_link(app: &App, user_code: &str) -> Result<String> {
    links(app, user_code).await?.pop().context("no link was sent")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_whose_answer_got_lost_answers_the_same_person_again() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-ann", "R-1").await?;
        let link = newest_link(app, "U-ann").await?;
        let (ann, _) = wechat(app, "union-ann", "open-ann").await?;
        let first = complete(&ann, &link).await?;
        assert_eq!(first.outcome(), (200, 1200), "{first:?}");
        let again = complete(&ann, &link).await?;
        assert_eq!((again.outcome(), again.data()), ((200, 1200), first.data()));
        // From another device, after a login of its own, and when the link has long run out.
        app.later(TimeDelta::days(1));
        let (ann, _) = wechat(app, "union-ann", "open-ann").await?;
        assert_eq!(complete(&ann, &link).await?.data(), first.data());
        let (thief, _) = wechat(app, "union-thief", "open-thief").await?;
        assert_ne!(complete(&thief, &link).await?.outcome(), (200, 1200));
        assert_eq!(
            app.rows("SELECT union_id FROM users WHERE code = 'U-ann'")
                .await?,
            ["(union-ann)"]
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_people_with_one_link_one_is_joined() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-ann", "R-1").await?;
        let link = newest_link(app, "U-ann").await?;
        let mut people = Vec::new();
        for number in 0..6 {
            // Two sessions of each.
            let person = number / 2;
            people.push(
                wechat(app, &format!("union-{person}"), &format!("open-{person}"))
                    .await?
                    .0,
            );
        }
        let tries = people.iter().map(|caller| complete(caller, &link));
        let replies = futures::future::try_join_all(tries).await?;
        let joined: Vec<usize> = (0..6)
            .filter(|place| replies[*place].outcome() == (200, 1200))
            .collect();
        assert_eq!(joined.len(), 2, "both sessions of one person: {replies:?}");
        assert_eq!(joined[0] / 2, joined[1] / 2, "{replies:?}");
        assert_eq!(replies[joined[0]].data(), replies[joined[1]].data());
        for (place, reply) in replies
            .iter()
            .enumerate()
            .filter(|(place, _)| !joined.contains(place))
        {
            assert!(reply.status < 500, "{place}: {reply:?}");
        }
        let winner = format!("(union-{})", joined[0] / 2);
        assert_eq!(
            app.rows("SELECT union_id FROM users WHERE code = 'U-ann'")
                .await?,
            [winner]
        );
        assert_eq!(
            app.rows("SELECT count(*) FROM users WHERE status <> 3").await?,
            ["(3)"]
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_runs_out_within_the_hour_and_the_robot_has_another() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-ann", "R-1").await?;
        let old = newest_link(app, "U-ann").await?;
        app.later(TimeDelta::minutes(61));
        let (ann, _) = wechat(app, "union-ann", "open-ann").await?;
        let late = complete(&ann, &old).await?;
        assert_eq!(late.outcome(), (400, 1403), "{late:?}");
        assert!(
            late.body["msg"]
                .as_str()
                .is_some_and(|words| words.contains("robot")),
            "{late:?}"
        );
        asks_for_home(app, "U-ann", "R-1").await?;
        let fresh = newest_link(app, "U-ann").await?;
        assert_ne!(fresh, old);
        assert_eq!(complete(&ann, &fresh).await?.outcome(), (200, 1200));
        // What was not used when it ran out stays of no use, and so does a second one once they are joined.
        asks_for_home(app, "U-ann", "R-1").await?;
        let (thief, _) = wechat(app, "union-thief", "open-thief").await?;
        for token in [old, newest_link(app, "U-ann").await?] {
            assert_ne!(complete(&thief, &token).await?.outcome(), (200, 1200));
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_try_does_not_use_the_link_up() {
    with_app(async |app| {
        app.robot("R-1").await?;
        app.befriends("U-ann", "R-1").await?;
        let link = newest_link(app, "U-ann").await?;
        let (ann, _) = wechat(app, "union-ann", "open-ann").await?;
        let wallet = "SELECT user_id FROM users JOIN accounts ON user_id = id WHERE union_id = 'union-ann'";
        app.execute(&format!(
            "UPDATE accounts SET carried_ads = 0.001 WHERE user_id = ({wallet})"
        ))
        .await?;
        assert_eq!(complete(&ann, &link).await?.outcome(), (409, 2004));
        app.execute(&format!(
            "UPDATE accounts SET carried_ads = 0 WHERE user_id = ({wallet})"
        ))
        .await?;
        assert_eq!(complete(&ann, &link).await?.outcome(), (200, 1200));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_on_file_goes_along_and_opens_in_its_new_row() {
    with_app(async |app| {
        app.robot("R-1").await?;
        let keys = app.context.data_keys()?;
        let before_formats = crypto::seal(
            &hex_key(app)?,
            b"",
            br#"{"id_number":"11010519491231002X","name":"Bob"}"#,
        )?;
        for name in ["ann", "bob"] {
            let (caller, _) = wechat(app, &format!("union-{name}"), &format!("open-{name}")).await?;
            let card = json!({"name": "Ann", "id_number": "11010519491231002X"});
            let filed = caller.put("/api/h5/me/id-card", card).await?;
            assert_eq!(filed.outcome(), (200, 1200), "{filed:?}");
            if name == "bob" {
                // As the version before had sealed it.
                let sql = "UPDATE users SET identity_card = $1 WHERE union_id = 'union-bob'";
                db::execute(app.context.db.autocommit(), sql, [before_formats.clone().into()]).await?;
            }
            let code = format!("U-{name}");
            app.befriends(&code, "R-1").await?;
            let joined = complete(&caller, &newest_link(app, &code).await?).await?;
            assert_eq!(joined.outcome(), (200, 1200), "{joined:?}");
            let user = app.user(&code).await?;
            let sealed: Option<Vec<u8>> = app
                .scalar("SELECT identity_card FROM users WHERE code = $1", [code.into()])
                .await?;
            let place = Place {
                table: "users",
                column: "identity_card",
                row: user,
            };
            let opened = keys.open(&place, &sealed.context("the card is gone")?)?;
            let card: serde_json::Value = serde_json::from_slice(&opened)?;
            assert_eq!(card["id_number"], "11010519491231002X", "{name}");
        }
        Ok(())
    })
    .await;
}

/// The bytes of the data key.
fn hex_key(app: &App) -> Result<Vec<u8>> {
    let key = app.context.config.identity.data_key.expose_secret();
    let byte = |at: usize| u8::from_str_radix(&key[at..at + 2], 16);
    Ok((0..key.len()).step_by(2).map(byte).collect::<Result<_, _>>()?)
}
