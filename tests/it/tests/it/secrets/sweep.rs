//! Every list of the console, after a day in which people were sent codes, links and confirmations: none of them shows.

use super::{asks_for_home, tokens_in};
use crate::identity::adopt;
use crate::withdrawal::{Saver, decide, pay};
use anyhow::{Context as _, Result, ensure};
use domain::identity::Role;
use it::{App, Client, with_app};
use scheduler::engine;
use serde_json::{Value, json};
use simulators::{Action, Partner};

const OPENAPI: &str = include_str!("../../../../../api/openapi.json");
const DAY: &str = "2026-11-21";
const PHONE: &str = "13800138000";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_one_persons_alone_shows_in_the_console() {
    with_app(async |app| {
        a_day(app).await?;
        let secrets = secrets(app).await?;
        for role in [Role::Admin, Role::Viewer] {
            let operator = app.console(role).await?;
            for path in console_paths(app, &operator).await? {
                for answer in all_pages(&operator, &path, role).await? {
                    for secret in &secrets {
                        assert!(!shows(&answer, secret), "{role}: {path} shows {secret}: {answer}");
                    }
                }
            }
        }
        let kept = "SELECT payload::text, last_error FROM outbox";
        let outbox = app.rows(kept).await?.join("\n");
        assert!(
            secrets.iter().all(|secret| !shows(&outbox, secret)),
            "nor does the table: {outbox}"
        );
        Ok(())
    })
    .await;
}

/// People come, earn, withdraw and are sent what only they may have; something goes wrong with each.
async fn a_day(app: &App) -> Result<()> {
    app.robot("R-1").await?;
    adopt(app, "ann", "R-1", None).await?;
    asks_for_home(app, "U-ann", "R-1").await?;
    app.befriends("U-bob", "R-1").await?;
    app.pulls("U-ann", "R-1", "G-1").await?;
    let rating = json!([{"groupId": "G-1", "state": 1, "star": 5}]);
    let rated = app
        .signed_post(
            "/groups/star",
            json!({"command": "update_group_star", "data": rating}),
        )
        .await?;
    ensure!(rated.status == 200, "{rated:?}");
    let revenues = json!({"settle_date": DAY, "data": {"G-1": "9.48"}});
    ensure!(app.signed_post("/settlement", revenues).await?.status == 200);
    // A link that is refused, one whose fate is unknown, and one that a person sends back to us, where it cannot be read.
    let refuse = Action::Refuse {
        code: json!(101),
        http_status: None,
        body: None,
    };
    app.simulator
        .next(Partner::Gateway, "send_private_message", refuse)
        .await?;
    app.befriends("U-cat", "R-1").await?;
    let lost = Action::DropAfter { hang_ms: 0 };
    app.simulator
        .next(Partner::Gateway, "send_private_message", lost)
        .await?;
    app.befriends("U-dan", "R-1").await?;
    let link = format!(
        "https://gpet.example/grouppet/home?link_token={}",
        newest_token(app).await?
    );
    app.happens(
        "private_message",
        json!({"user_id": "U-bob", "type": 3, "content": link}),
    )
    .await?;
    night(app).await?;
    confirmation(app).await
}

async fn newest_token(app: &App) -> Result<String> {
    link_tokens(app).await?.pop().context("nobody was sent a link")
}

/// All link tokens that the gateway received.
async fn link_tokens(app: &App) -> Result<Vec<String>> {
    let calls = app.simulator.received_since(0).await?;
    Ok(calls.iter().flat_map(|call| tokens_in(&call.body)).collect())
}

async fn night(app: &App) -> Result<()> {
    app.at("2026-11-22T04:00:00")?;
    engine::run_due(&app.context, Some(&app.outside)).await?;
    app.drain().await
}

/// Two codes by SMS, one of them used, and a payout that waits for its receiver.
async fn confirmation(app: &App) -> Result<()> {
    let ann = Saver {
        id: app.user("U-ann").await?,
        caller: app.h5(app.user("U-ann").await?)?,
    };
    for phone in [PHONE, "13900139000"] {
        let sent = ann
            .caller
            .post("/api/h5/auth/sms-code", json!({ "phone": phone }))
            .await?;
        ensure!(sent.status == 200, "{sent:?}");
    }
    let proof = json!({"phone": PHONE, "code": app.simulator.sms_code(PHONE).await?});
    ensure!(ann.caller.put("/api/h5/me/phone", proof).await?.status == 200);
    let id = ann.withdraws("1.00").await?;
    decide(&app.console(Role::Admin).await?, &id, "approve").await?;
    let wait = Action::State {
        state: "WAIT_USER_CONFIRM".into(),
        fail_reason: None,
    };
    app.simulator.next(Partner::Wxpay, "transfer_bills", wait).await?;
    pay(app).await?;
    ensure!(ann.sees(&id).await?.0 == "wait_user_confirm");
    Ok(())
}

/// All that the partners received or gave out for one person.
async fn secrets(app: &App) -> Result<Vec<String>> {
    let mut secrets = link_tokens(app).await?;
    ensure!(secrets.len() >= 5, "welcomes and a way home: {secrets:?}");
    for phone in [PHONE, "13900139000"] {
        secrets.push(app.simulator.sms_code(phone).await?);
    }
    let bills = app.simulator.payouts().await?.bills;
    let packages: Vec<String> = bills.iter().filter_map(|bill| bill.package_info()).collect();
    ensure!(packages.len() == 1, "{packages:?}");
    secrets.extend(packages);
    Ok(secrets)
}

/// Whether a text has the secret, and not just as a part of some longer word.
fn shows(text: &str, secret: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(secret).any(|(at, found)| {
        !inside(text[..at].chars().next_back()) && !inside(text[at + found.len()..].chars().next())
    })
}

/// The path of every GET route of the console, with ids of rows that are there.
async fn console_paths(app: &App, operator: &Client) -> Result<Vec<String>> {
    let openapi: Value = serde_json::from_str(OPENAPI)?;
    let routes = openapi["paths"].as_object().context("no paths")?;
    let mut paths = Vec::new();
    for (path, methods) in routes {
        if !path.starts_with("/api/console") || methods.get("get").is_none() {
            continue;
        }
        let path = filled(app, operator, path).await?;
        let names = methods["get"]["parameters"].as_array().into_iter().flatten();
        let paged = names
            .into_iter()
            .any(|parameter| parameter["name"] == "page_size");
        let needed = methods["get"]["parameters"].as_array().into_iter().flatten();
        let needed = needed.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
        let needed: String = needed
            .map(|parameter| format!("{}=1&", parameter["name"].as_str().unwrap_or_default()))
            .collect();
        paths.push(match (paged, needed.as_str()) {
            (true, needed) => format!("{path}?{needed}page_size=100&current_page="),
            (false, "") => path,
            (false, needed) => format!("{path}?{needed}"),
        });
    }
    ensure!(paths.len() >= 27, "the description lost its routes: {paths:?}");
    Ok(paths)
}

async fn filled(app: &App, operator: &Client, path: &str) -> Result<String> {
    let one = async |sql: &str| -> Result<String> {
        let found: Option<String> = app.scalar(sql, []).await?;
        found.with_context(|| format!("nothing to put into {path}"))
    };
    let mut filled = path.replace("{date}", &app.context.clock.today().to_string());
    if path.contains("/jobs/requests/{id}") {
        let date = json!({ "date": app.context.clock.today().to_string() });
        let asked = operator.post("/api/console/jobs/sync_robots/runs", date).await?;
        // A viewer may not ask, and looks at what the admin asked for.
        let asked = asked.data()["id"].as_str().map(str::to_owned);
        let newest = "SELECT id::text FROM job_requests ORDER BY id DESC LIMIT 1";
        let id = match asked {
            Some(id) => id,
            None => one(newest).await?,
        };
        filled = filled.replace("{id}", &id);
    }
    if path.contains("/corrections/{id}") {
        // As above.
        let user = one("SELECT user_id::text FROM slips LIMIT 1").await?;
        let order = json!({"user_id": user, "account": "red_packets", "amount": "0.01", "reason": "a gift"});
        let path = "/api/console/ledger/corrections";
        operator.call(reqwest::Method::POST, path, Some(&order)).await?;
    }
    for (route, table) in [
        ("/settlement/runs/{id}", "settlement_runs"),
        ("/settlement/ads/{id}", "ad_batches"),
        ("/groups/{id}", "groups"),
        ("/robots/{id}", "robots"),
        ("/postings/{id}", "ledger_postings"),
        ("/checks/{id}", "ledger_checks"),
        ("/corrections/{id}", "corrections"),
    ] {
        if path.contains(route) {
            let id = one(&format!("SELECT id::text FROM {table} LIMIT 1")).await?;
            filled = filled.replace("{id}", &id);
        }
    }
    filled = filled.replace("/jobs/{name}", "/jobs/settle_groups");
    // Those with the most to hide.
    let confirming = "FROM withdrawals WHERE package_info IS NOT NULL LIMIT 1";
    for (route, column) in [("/users/{id}", "user_id"), ("/withdrawals/{id}", "id")] {
        if path.contains(route) {
            filled = filled.replace(
                "{id}",
                &one(&format!("SELECT {column}::text {confirming}")).await?,
            );
        }
    }
    if path.contains("{slip_id}") {
        let of = "FROM slips WHERE amount_type = 1 LIMIT 1";
        filled = filled.replace("{user_id}", &one(&format!("SELECT user_id::text {of}")).await?);
        filled = filled.replace("{slip_id}", &one(&format!("SELECT id::text {of}")).await?);
    }
    ensure!(!filled.contains('{'), "nobody knows what to put into {path}");
    Ok(filled)
}

/// The answers of a route, page after page. Admins may read everything, viewers not all.
async fn all_pages(operator: &Client, path: &str, role: Role) -> Result<Vec<String>> {
    let mut answers = Vec::new();
    for number in 0.. {
        let paged = path.ends_with('=');
        let page = if paged {
            format!("{path}{number}")
        } else {
            path.to_owned()
        };
        let reply = operator.get(&page).await?;
        let may = reply.status == 200 || role == Role::Viewer && reply.status == 403;
        assert!(may, "{role}: {page}: {reply:?}");
        let pages = reply.body["page_info"]["total_page"].as_i64().unwrap_or(1);
        answers.push(reply.body.to_string());
        if !paged || number + 1 >= pages {
            break;
        }
    }
    Ok(answers)
}
