//! Withdrawals in lists: every filter, every order, nobody else's.

use super::{Saver, decide, pay};
use anyhow::Result;
use chrono::TimeDelta;
use domain::identity::Role;
use it::{App, Client, with_app};

/// A rejected withdrawal, one that waits, and one that is paid, a minute after each other.
struct Three {
    savers: [Saver; 3],
    ids: [String; 3],
}

const NAMES: [&str; 3] = ["rejected", "waiting", "paid"];

impl Three {
    async fn prepare(app: &App, operator: &Client) -> Result<Three> {
        let (mut savers, mut ids) = (Vec::new(), Vec::new());
        for amount in ["20.00", "500.00", "50.00"] {
            let saver = Saver::with(app, 100_000).await?;
            ids.push(saver.withdraws(amount).await?);
            savers.push(saver);
            app.later(TimeDelta::minutes(1));
        }
        decide(operator, &ids[0], "reject").await?;
        decide(operator, &ids[2], "approve").await?;
        app.later(TimeDelta::minutes(1));
        assert_eq!(pay(app).await?.paid, 1);
        let alert = format!("UPDATE withdrawals SET alert = 'look' WHERE id = '{}'", ids[1]);
        app.execute(&alert).await?;
        let (Ok(savers), Ok(ids)) = (savers.try_into(), ids.try_into()) else {
            unreachable!("three of each");
        };
        Ok(Three { savers, ids })
    }

    fn name(&self, id: &str) -> &'static str {
        let place = self.ids.iter().position(|known| known == id);
        NAMES[place.expect("one of the three")]
    }

    /// What the operator's list has.
    async fn listed(&self, operator: &Client, query: &str) -> Result<Vec<&'static str>> {
        let reply = operator.get(&format!("/api/console/withdrawals?{query}")).await?;
        assert_eq!(reply.outcome(), (200, 1200), "{query}: {reply:?}");
        let rows = reply.data().as_array().into_iter().flatten();
        Ok(rows
            .map(|row| self.name(row["id"].as_str().unwrap_or_default()))
            .collect())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_find_withdrawals_by_every_filter() {
    with_app(async |app| {
        let operator = app.console(Role::Admin).await?;
        let three = Three::prepare(app, &operator).await?;
        let today = app.context.clock.today();
        let yesterday = today.minus_days(1);
        let phone: Option<String> = app
            .scalar(
                "SELECT phone FROM users WHERE id = $1",
                [three.savers[1].id.into()],
            )
            .await?;
        let cases: [(String, &[&str]); 16] = [
            (String::new(), &["paid", "waiting", "rejected"]),
            ("sort=created_at".into(), &["rejected", "waiting", "paid"]),
            (format!("phone={}", phone.unwrap_or_default()), &["waiting"]),
            ("amount_from=500.00".into(), &["waiting"]),
            ("amount_to=20.00".into(), &["rejected"]),
            (format!("from={today}"), &["paid", "waiting", "rejected"]),
            (format!("to={yesterday}"), &[]),
            (format!("finished_from={today}"), &["paid", "rejected"]),
            (format!("finished_to={today}"), &["paid", "rejected"]),
            (format!("finished_to={yesterday}"), &[]),
            ("status=0".into(), &["waiting"]),
            ("status=1".into(), &[]),
            ("status=2".into(), &["rejected"]),
            ("status=3&amount_from=50.00".into(), &["paid"]),
            ("alerted=true".into(), &["waiting"]),
            ("page_size=1&current_page=1".into(), &["waiting"]),
        ];
        for (query, expected) in cases {
            assert_eq!(three.listed(&operator, &query).await?, expected, "{query}");
        }
        let reply = operator
            .get("/api/console/withdrawals?page_size=2&current_page=1")
            .await?;
        assert_eq!(reply.body["page_info"]["total_records"], 3);
        assert_eq!(reply.data()[0]["approvals"], 0, "{reply:?}");
        let paid = operator.get("/api/console/withdrawals?status=3").await?;
        assert_eq!(paid.data()[0]["approvals"], 1, "{paid:?}");
        assert_eq!(
            operator.get("/api/console/withdrawals?status=5").await?.code(),
            1403
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_ended_comes_last_by_its_end() {
    with_app(async |app| {
        let operator = app.console(Role::Admin).await?;
        let three = Three::prepare(app, &operator).await?;
        for (sort, expected) in [
            ("-finished_at", ["paid", "rejected", "waiting"]),
            ("finished_at", ["rejected", "paid", "waiting"]),
            ("-amount", ["waiting", "paid", "rejected"]),
        ] {
            let found = three.listed(&operator, &format!("sort={sort}")).await?;
            assert_eq!(found, expected, "{sort}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_see_their_own_and_nobody_elses() {
    with_app(async |app| {
        let operator = app.console(Role::Admin).await?;
        let Three { savers, ids } = Three::prepare(app, &operator).await?;
        for (saver, own) in savers.iter().zip(&ids) {
            let list = saver.caller.get("/api/h5/withdrawals").await?;
            assert_eq!(list.body["page_info"]["total_records"], 1);
            assert_eq!(list.data()[0]["id"], own.as_str());
            for id in &ids {
                let one = saver.caller.get(&format!("/api/h5/withdrawals/{id}")).await?;
                let expected = if id == own { (200, 1200) } else { (404, 1404) };
                assert_eq!(one.outcome(), expected);
            }
        }
        Ok(())
    })
    .await;
}
