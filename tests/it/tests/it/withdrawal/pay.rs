//! Payouts: each once, whatever WeChat Pay and the network do.

use super::{approved, money, pay, times_paid};
use chrono::TimeDelta;
use domain::identity::Role;
use domain::settlement::audit;
use domain::withdrawal::PaidSummary;
use it::with_app;
use simulators::{Action, Partner};

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_withdrawal_is_paid_and_has_its_slip() {
    with_app(async |app| {
        let (saver, id) = approved(app).await?;
        assert_eq!(saver.wallet(app).await?, money("980.00", "20.00"));
        let pass = pay(app).await?;
        assert_eq!((pass.submitted, pass.paid, pass.troubles), (1, 1, 0), "{pass:?}");
        assert_eq!(saver.sees(&id).await?, ("paid".to_owned(), 3));
        assert_eq!(saver.wallet(app).await?, money("980.00", "0.00"));
        assert_eq!(saver.slips(app).await?, ["(9,2,20.00)"]);
        assert_eq!(times_paid(app, &id).await?, Some(1));
        assert_eq!(pay(app).await?, PaidSummary::default());
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_for_and_nobody_is_paid_twice() {
    with_app(async |app| {
        let (saver, id) = approved(app).await?;
        let lost = Action::DropAfter { hang_ms: 0 };
        app.simulator.next(Partner::Wxpay, "transfer_bills", lost).await?;
        let pass = pay(app).await?;
        assert_eq!((pass.submitted, pass.unknown), (1, 1), "{pass:?}");
        assert_eq!(saver.sees(&id).await?.0, "unknown");
        assert_eq!(
            saver.wallet(app).await?,
            money("980.00", "20.00"),
            "held until it is known"
        );
        app.later(TimeDelta::seconds(6));
        let pass = pay(app).await?;
        assert_eq!((pass.submitted, pass.queried, pass.paid), (0, 1, 1), "{pass:?}");
        assert_eq!(
            (saver.sees(&id).await?.0.as_str(), times_paid(app, &id).await?),
            ("paid", Some(1))
        );
        assert_eq!(saver.slips(app).await?, ["(9,2,20.00)"]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_never_arrived_is_made_again() {
    with_app(async |app| {
        let (saver, id) = approved(app).await?;
        let lost = Action::DropBefore { hang_ms: 0 };
        app.simulator.next(Partner::Wxpay, "transfer_bills", lost).await?;
        assert_eq!(pay(app).await?.unknown, 1);
        app.later(TimeDelta::seconds(6));
        pay(app).await?;
        assert_eq!(
            (saver.sees(&id).await?.0.as_str(), times_paid(app, &id).await?),
            ("paid", Some(1))
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_payout_gives_the_money_back() {
    with_app(async |app| {
        let (saver, id) = approved(app).await?;
        let frozen = Action::State {
            state: "FAIL".into(),
            fail_reason: Some("ACCOUNT_FROZEN".into()),
        };
        app.simulator
            .next(Partner::Wxpay, "transfer_bills", frozen)
            .await?;
        assert_eq!(pay(app).await?.failed, 1);
        let seen = saver.caller.get(&format!("/api/h5/withdrawals/{id}")).await?;
        assert_eq!(
            (&seen.data()["state"], &seen.data()["reason"]),
            (&4.into(), &"ACCOUNT_FROZEN".into())
        );
        assert_eq!(saver.wallet(app).await?, money("1000.00", "0.00"));
        assert_eq!(
            (saver.slips(app).await?.len(), times_paid(app, &id).await?),
            (0, Some(0))
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_amount_is_held_until_it_is_understood() {
    with_app(async |app| {
        let (saver, id) = approved(app).await?;
        let wrong = Action::WrongAmount { fen: 1 };
        app.simulator.next(Partner::Wxpay, "query_bill", wrong).await?;
        pay(app).await?;
        assert_eq!(saver.sees(&id).await?.0, "unknown");
        assert_eq!(saver.wallet(app).await?, money("980.00", "20.00"));
        assert_eq!(saver.slips(app).await?.len(), 0);
        app.later(TimeDelta::seconds(30));
        assert_eq!(pay(app).await?.paid, 1);
        assert_eq!(
            (saver.wallet(app).await?, times_paid(app, &id).await?),
            (money("980.00", "0.00"), Some(1))
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclean_ledger_stops_all_payouts() {
    with_app(async |app| {
        let (saver, id) = approved(app).await?;
        let operator = app.console(Role::Admin).await?;
        let alter = |by: &str| {
            format!(
                "UPDATE accounts SET available = available {by} WHERE user_id = '{}'",
                saver.id
            )
        };
        app.execute(&alter("+ 0.01")).await?;
        assert!(!audit(&app.context, false).await?.clean);
        let switch = operator.get("/api/console/payouts").await?;
        assert_eq!(
            (&switch.data()["running"], &switch.data()["ledger_clean"]),
            (&false.into(), &false.into())
        );
        let pass = pay(app).await?;
        assert_eq!(pass.submitted, 0, "{pass:?}");
        assert!(pass.stopped.is_some());
        assert_eq!(
            (saver.sees(&id).await?.0.as_str(), times_paid(app, &id).await?),
            ("approved", None)
        );

        app.execute(&alter("- 0.01")).await?;
        app.later(TimeDelta::seconds(1));
        assert!(audit(&app.context, false).await?.clean);
        assert_eq!(pay(app).await?.paid, 1);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_stop_payouts() {
    with_app(async |app| {
        let (saver, id) = approved(app).await?;
        let operator = app.console(Role::Admin).await?;
        let paused = operator
            .post(
                "/api/console/payouts/pause",
                serde_json::json!({"reason": "holiday"}),
            )
            .await?;
        assert_eq!(paused.data()["running"], false, "{paused:?}");
        assert_eq!(pay(app).await?.submitted, 0);
        assert_eq!(times_paid(app, &id).await?, None);
        let resumed = operator
            .post("/api/console/payouts/resume", serde_json::json!({}))
            .await?;
        assert_eq!(resumed.data()["running"], true, "{resumed:?}");
        assert_eq!(pay(app).await?.paid, 1);
        assert_eq!(saver.sees(&id).await?.0, "paid");
        Ok(())
    })
    .await;
}
