//! Money goes out: asked for over HTTP, decided by operators, paid by the simulated WeChat Pay.

mod detail;
mod list;
mod notification;
mod options;
mod pay;
mod request;
mod review;

use anyhow::{Context as _, Result};
use domain::identity::Role;
use domain::ledger;
use domain::ledger::{Account, Posting, PostingKind};
use domain::withdrawal::{self, PaidSummary};
use it::{App, Client, Reply};
use kernel::db;
use kernel::id::UserId;
use kernel::money::Money;
use reqwest::Method;
use serde_json::{Value, json};

/// Somebody with money, a phone and a WeChat login.
pub(crate) struct Saver {
    pub(crate) id: UserId,
    pub(crate) caller: Client,
}

impl Saver {
    /// One with this many fen.
    pub(crate) async fn with(app: &App, fen: i64) -> Result<Saver> {
        let (id, conn) = (UserId::new(), app.context.db.autocommit());
        let now = app.context.clock.now();
        let phone = format!("13{:09}", id.0.as_u128() % 1_000_000_000);
        let insert =
            "INSERT INTO users (id, open_id, phone, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)";
        let open_id = format!("open-{id}");
        db::execute(
            conn,
            insert,
            [id.into(), open_id.into(), phone.into(), now.into()],
        )
        .await?;
        db::execute(conn, "INSERT INTO accounts (user_id) VALUES ($1)", [id.into()]).await?;
        let saver = Saver {
            id,
            caller: app.h5(id)?,
        };
        saver.earns(app, fen).await?;
        Ok(saver)
    }

    /// More money.
    pub(crate) async fn earns(&self, app: &App, fen: i64) -> Result<()> {
        if fen == 0 {
            return Ok(());
        }
        let posting = Posting {
            key: format!("seed:{}:{}", self.id, stack::random_hex(8)),
            kind: PostingKind::Slip,
            user: self.id,
            lines: [
                (Account::SettlementGroups, Money::from_fen(-fen)),
                (Account::Available, Money::from_fen(fen)),
            ],
            reverses: None,
            reason: None,
        };
        let txn = app.context.db.begin().await?;
        ledger::post(&txn, &posting, app.context.clock.today(), app.context.clock.now()).await?;
        Ok(txn.commit().await?)
    }

    /// Asks for money with a key.
    pub(crate) async fn asks(&self, amount: &str, key: &str) -> Result<Reply> {
        let request = self.caller.request(Method::POST, "/api/h5/withdrawals");
        let request = request
            .header("idempotency-key", key)
            .json(&json!({ "amount": amount }));
        reply(request).await
    }

    /// Asks for money and gets a withdrawal.
    pub(crate) async fn withdraws(&self, amount: &str) -> Result<String> {
        let reply = self.asks(amount, "the key").await?;
        assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
        text(&reply.data()["id"])
    }

    /// Own state's name and shown number of a withdrawal.
    pub(crate) async fn sees(&self, id: &str) -> Result<(String, i64)> {
        let reply = self.caller.get(&format!("/api/h5/withdrawals/{id}")).await?;
        let state = reply.data()["state"].as_i64().context("no state")?;
        Ok((text(&reply.data()["detail_state"])?, state))
    }

    /// Available and held money.
    pub(crate) async fn wallet(&self, app: &App) -> Result<(String, String)> {
        let wallet = ledger::wallet(app.context.db.autocommit(), self.id).await?;
        let wallet = wallet.context("no wallet")?;
        Ok((wallet.available.to_string(), wallet.held.to_string()))
    }

    /// Amount type, direction and amount of every slip.
    pub(crate) async fn slips(&self, app: &App) -> Result<Vec<String>> {
        let id = self.id;
        app.rows(&format!(
            "SELECT amount_type, direction, amount FROM slips WHERE user_id = '{id}'"
        ))
        .await
    }
}

/// Available and held, as [`Saver::wallet`] has them.
pub(crate) fn money(available: &str, held: &str) -> (String, String) {
    (available.to_owned(), held.to_owned())
}

/// Decides one withdrawal; the result for it.
pub(crate) async fn decide(operator: &Client, id: &str, decision: &str) -> Result<Value> {
    let body = json!({"ids": [id], "decision": decision, "reason": "because"});
    let reply = operator.post("/api/console/withdrawals/review", body).await?;
    assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
    Ok(reply.data()[0].clone())
}

/// Somebody whose withdrawal of 20.00 out of 1000.00 is approved.
pub(crate) async fn approved(app: &App) -> Result<(Saver, String)> {
    let saver = Saver::with(app, 100_000).await?;
    let id = saver.withdraws("20.00").await?;
    let decided = decide(&app.console(Role::Admin).await?, &id, "approve").await?;
    assert_eq!(decided["detail_state"], "approved", "{decided}");
    Ok((saver, id))
}

/// One pass of the worker.
pub(crate) async fn pay(app: &App) -> Result<PaidSummary> {
    Ok(withdrawal::pay_due(&app.context, &app.outside.partners).await?)
}

/// How often WeChat Pay paid this withdrawal; none when it never heard of it.
pub(crate) async fn times_paid(app: &App, id: &str) -> Result<Option<u32>> {
    let number = id.replace('-', "");
    let bills = app.simulator.payouts().await?.bills;
    Ok(bills
        .iter()
        .find(|bill| bill.order.out_bill_no == number)
        .map(|bill| bill.paid))
}

fn text(value: &Value) -> Result<String> {
    let text = value
        .as_str()
        .with_context(|| format!("{value} where a text was expected"))?;
    Ok(text.to_owned())
}

/// Sends a request that needs headers of its own.
pub(crate) async fn reply(request: reqwest::RequestBuilder) -> Result<Reply> {
    let answer = request.send().await?;
    Ok(Reply {
        status: answer.status().as_u16(),
        retry_after: None,
        body: answer.json().await?,
    })
}
