//! Proof of a phone and of a WeChat account.

use super::wechat;
use anyhow::Result;
use it::{App, Reply, with_app};
use serde_json::json;
use simulators::{Action, Partner};

const PHONE: &str = "13800138000";

async fn ask(app: &App, phone: &str) -> Result<Reply> {
    app.anonymous()
        .post("/api/h5/auth/sms-code", json!({ "phone": phone }))
        .await
}

async fn log_in(app: &App, phone: &str, code: &str) -> Result<Reply> {
    let body = json!({"phone": phone, "code": code});
    app.anonymous().post("/api/h5/auth/phone", body).await
}

fn another(code: &str) -> String {
    code.chars()
        .map(|digit| if digit == '9' { '0' } else { '9' })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_on_the_phone_logs_in_once() {
    with_app(async |app| {
        assert_eq!(ask(app, "12345").await?.outcome(), (400, 1403));
        assert_eq!(ask(app, PHONE).await?.outcome(), (200, 1200));
        let code = app.simulator.sms_code(PHONE).await?;
        assert_eq!(code.len(), 6);
        assert_eq!(log_in(app, PHONE, &another(&code)).await?.outcome(), (422, 2301));
        let reply = log_in(app, PHONE, &code).await?;
        assert_eq!(
            (reply.outcome(), &reply.data()["expires_in"]),
            ((200, 1200), &json!(3600))
        );
        let token = reply.data()["token"].as_str().unwrap_or_default().to_owned();
        let me = app.anonymous().with_token(&token).get("/api/h5/me").await?;
        assert_eq!(
            (me.status, &me.data()["phone"]),
            (200, &json!("138****8000")),
            "{me:?}"
        );
        assert_eq!(log_in(app, PHONE, &code).await?.outcome(), (422, 2302), "used up");
        assert_eq!(app.rows("SELECT phone FROM users").await?, [format!("({PHONE})")]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_and_flooding_are_limited() {
    with_app(async |app| {
        ask(app, PHONE).await?;
        assert_eq!(ask(app, PHONE).await?.outcome(), (429, 2304), "one a minute");
        let code = app.simulator.sms_code(PHONE).await?;
        for left in [4, 3, 2, 1, 0] {
            let wrong = log_in(app, PHONE, &another(&code)).await?;
            assert_eq!(
                (wrong.outcome(), &wrong.data()["tries_left"]),
                ((422, 2301), &json!(left))
            );
        }
        assert_eq!(
            log_in(app, PHONE, &code).await?.outcome(),
            (422, 2302),
            "five wrong tries void it"
        );
        assert_eq!(app.simulator.sms(PHONE).await?.messages.len(), 1);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_not_sent_may_be_asked_for_at_once() {
    with_app(async |app| {
        let refuse = Action::Refuse {
            code: "isv.OUT_OF_SERVICE".into(),
            http_status: None,
            body: None,
        };
        app.simulator.next(Partner::Sms, "send_sms", refuse).await?;
        let refused = ask(app, PHONE).await?;
        assert!(refused.status >= 500, "{refused:?}");
        assert_eq!(ask(app, PHONE).await?.outcome(), (200, 1200));
        assert_eq!(ask(app, PHONE).await?.outcome(), (429, 2304));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wechat_account_is_one_user_however_often_it_logs_in() {
    with_app(async |app| {
        for _ in 0..3 {
            let (caller, completed) = wechat(app, "union-1", "open-1").await?;
            assert!(!completed, "no robot knows them");
            assert_eq!(caller.get("/api/h5/me").await?.status, 200);
        }
        assert_eq!(
            app.rows("SELECT union_id, open_id, code FROM users").await?,
            ["(union-1,open-1,)"]
        );
        let foreign = app
            .anonymous()
            .post("/api/h5/auth/wechat", json!({"code": "stolen"}))
            .await?;
        assert_eq!(foreign.outcome(), (401, 2501));
        let missing = app.anonymous().post("/api/h5/auth/wechat", json!({})).await?;
        assert_eq!(missing.outcome(), (400, 1403));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_first_logins_at_once_make_one_user() {
    with_app(async |app| {
        let logins = futures::future::join_all((0..20).map(|_| wechat(app, "union-1", "open-1"))).await;
        for login in logins {
            login?;
        }
        assert_eq!(app.rows("SELECT count(*) FROM users").await?, ["(1)"]);
        assert_eq!(
            app.rows("SELECT count(*) FROM outbox WHERE topic = 'user_registered'")
                .await?,
            ["(1)"]
        );
        Ok(())
    })
    .await;
}
