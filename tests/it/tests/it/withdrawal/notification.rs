//! WeChat Pay tells that a bill has ended.

use super::{approved, money, pay, times_paid};
use anyhow::{Result, ensure};
use it::notification::{Caught, catch};
use it::{App, with_app_configured};
use reqwest::Method;
use simulators::{Action, Partner};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

/// Hands it to the application; answers the HTTP status.
async fn hand_on(app: &App, caught: &Caught, body: Vec<u8>) -> Result<u16> {
    let mut request = app.anonymous().request(Method::POST, "/wxpay/notify").body(body);
    for (name, value) in &caught.headers {
        request = request.header(name, value);
    }
    Ok(request.send().await?.status().as_u16())
}

async fn queries(app: &App) -> Result<usize> {
    Ok(app.simulator.received(Partner::Wxpay, "query_bill").await?.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_byte_flipped_and_a_notification_is_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    with_app_configured(
        |config| config.wxpay.notify_url = format!("http://{address}/"),
        async |app| {
            let (saver, id) = approved(app).await?;
            let waits = Action::State {
                state: "WAIT_USER_CONFIRM".into(),
                fail_reason: None,
            };
            app.simulator
                .next(Partner::Wxpay, "transfer_bills", waits)
                .await?;
            pay(app).await?;
            assert_eq!(saver.sees(&id).await?.0, "wait_user_confirm");
            let number = id.replace('-', "");
            let (bill, caught) = tokio::join!(app.simulator.confirm(&number), catch(&listener));
            let (_, caught) = (bill?, caught?);

            let before = queries(app).await?;
            for place in [0, caught.body.len() / 2, caught.body.len() - 1] {
                let mut body = caught.body.clone();
                body[place] ^= 1;
                assert_eq!(hand_on(app, &caught, body).await?, 401, "byte {place}");
            }
            assert_eq!(queries(app).await?, before, "a forged one makes nobody ask");
            assert_eq!(saver.sees(&id).await?.0, "wait_user_confirm");
            assert_eq!(saver.wallet(app).await?, money("980.00", "20.00"));

            for _ in 0..2 {
                assert_eq!(hand_on(app, &caught, caught.body.clone()).await?, 204);
            }
            let deadline = Instant::now() + Duration::from_secs(10);
            while saver.sees(&id).await?.0 != "paid" {
                ensure!(Instant::now() < deadline, "nobody asked");
                sleep(Duration::from_millis(20)).await;
            }
            assert_eq!(saver.wallet(app).await?, money("980.00", "0.00"));
            assert_eq!(
                (saver.slips(app).await?, times_paid(app, &id).await?),
                (vec!["(9,2,20.00)".to_owned()], Some(1))
            );
            Ok(())
        },
    )
    .await;
}
