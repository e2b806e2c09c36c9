//! Codes by SMS: the day's limit counts what was sent, and nothing else.

use anyhow::Result;
use it::{App, Reply, with_app_configured};
use kernel::config::Config;
use serde_json::json;
use simulators::{Action, Partner, Rule};

const PHONE: &str = "13800138000";

async fn ask(app: &App) -> Result<Reply> {
    app.anonymous()
        .post("/api/h5/auth/sms-code", json!({ "phone": PHONE }))
        .await
}

async fn sent(app: &App) -> Result<usize> {
    Ok(app.simulator.sms(PHONE).await?.messages.len())
}

/// Lets the phone's interval pass, in the only clock that Redis has.
async fn interval_passes(app: &App) -> Result<()> {
    let mut forget = deadpool_redis::redis::cmd("DEL");
    forget.arg(format!("GPET:SMS:INTERVAL_{PHONE}"));
    Ok(app.context.cache.run(&forget).await?)
}

fn three_a_day(config: &mut Config) {
    config.identity.code_per_day = 3;
}

fn refusal() -> Action {
    Action::Refuse {
        code: json!("isv.OUT_OF_SERVICE"),
        http_status: None,
        body: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_refused_is_not_counted() {
    with_app_configured(three_a_day, async |app| {
        let rule = Rule {
            times: 5,
            ..Rule::next(Partner::Sms, "send_sms", refusal())
        };
        app.simulator.script(&[rule]).await?;
        for _ in 0..5 {
            let refused = ask(app).await?;
            assert!(refused.status >= 500, "{refused:?}");
        }
        for _ in 0..3 {
            assert_eq!(ask(app).await?.outcome(), (200, 1200));
            interval_passes(app).await?;
        }
        assert_eq!(ask(app).await?.outcome(), (429, 2304), "three were sent");
        assert_eq!(sent(app).await?, 3);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_limit_refused_is_not_counted() {
    with_app_configured(three_a_day, async |app| {
        assert_eq!(ask(app).await?.outcome(), (200, 1200));
        for _ in 0..5 {
            assert_eq!(ask(app).await?.outcome(), (429, 2304), "one a minute");
        }
        interval_passes(app).await?;
        // All phones together have had their share, for now.
        let mut full = deadpool_redis::redis::cmd("SET");
        full.arg("GPET:SMS:ALL").arg(1_000_000).arg("EX").arg(600);
        app.context.cache.run::<()>(&full).await?;
        for _ in 0..5 {
            assert_eq!(ask(app).await?.outcome(), (429, 1429));
        }
        let mut empty = deadpool_redis::redis::cmd("DEL");
        empty.arg("GPET:SMS:ALL");
        app.context.cache.run::<()>(&empty).await?;
        for _ in 0..2 {
            assert_eq!(ask(app).await?.outcome(), (200, 1200));
            interval_passes(app).await?;
        }
        assert_eq!(ask(app).await?.outcome(), (429, 2304));
        assert_eq!(sent(app).await?, 3);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_got_lost_counts_as_sent() {
    with_app_configured(three_a_day, async |app| {
        let lost = Action::DropAfter { hang_ms: 0 };
        app.simulator
            .script(&[Rule {
                times: 3,
                ..Rule::next(Partner::Sms, "send_sms", lost)
            }])
            .await?;
        for _ in 0..3 {
            assert!(ask(app).await?.status >= 500);
            assert_eq!(
                ask(app).await?.outcome(),
                (429, 2304),
                "it may be on the phone already"
            );
            interval_passes(app).await?;
        }
        assert_eq!((ask(app).await?.outcome(), sent(app).await?), ((429, 2304), 3));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_at_once_one_is_sent() {
    with_app_configured(three_a_day, async |app| {
        let asked = futures::future::try_join_all((0..20).map(|_| ask(app))).await?;
        let fine = asked
            .iter()
            .filter(|reply| reply.outcome() == (200, 1200))
            .count();
        assert_eq!((fine, sent(app).await?), (1, 1));
        let others = asked
            .iter()
            .filter(|reply| reply.outcome() == (429, 2304))
            .count();
        assert_eq!(others, 19, "{asked:?}");
        for _ in 0..2 {
            interval_passes(app).await?;
            assert_eq!(ask(app).await?.outcome(), (200, 1200), "the others cost nothing");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_no_code_is_sent() {
    with_app_configured(
        |config| config.redis.url = "redis://127.0.0.1:1/0".to_owned().into(),
        async |app| {
            assert_eq!(ask(app).await?.status, 503);
            assert_eq!(sent(app).await?, 0);
            Ok(())
        },
    )
    .await;
}
