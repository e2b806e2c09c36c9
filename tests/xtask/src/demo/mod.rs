//! A small believable world, made through the product's own doors: robots entered by an operator, events from the
//! simulated gateway, logins through the simulated WeChat, callbacks signed as partners sign them.

mod client;
mod people;

use anyhow::Result;
use serde_json::{Value, json};

use crate::binaries::Binaries;
use crate::environment::Environment;
use crate::process;
use crate::steps::Steps;
use client::Client;
use people::{GROUPS, PEOPLE, Person, ROBOTS};

/// Fills a fresh database. Called once for a database.
///
/// # Errors
/// When the product refuses; the next `up` tries again.
pub async fn fill(steps: &Steps, binaries: &Binaries, environment: &Environment) -> Result<()> {
    let client = Client::new(environment)?;
    let console = client.operator().await?;
    for (code, name) in ROBOTS {
        let robot = json!({
            "code": code, "name": name, "wechat_no": format!("gpet_{}", code.to_lowercase()),
            "head_url": format!("https://demo.example/{code}.png"), "qr_code": format!("https://demo.example/{code}-qr.png"),
            "channel": null, "count_threshold": 30,
        });
        client
            .accept_repetition(&console, "/api/console/robots", robot)
            .await?;
    }
    steps.say("demo: people befriend robots and pull them into their groups");
    for person in PEOPLE {
        arrive(&client, person).await?;
    }
    bind_groups(&client).await?;
    steps.say("demo: stars and ad revenue arrive, the day is settled early");
    rate_and_earn(&client).await?;
    settle_today(binaries, environment).await?;
    steps.say("demo: two people withdraw, one is paid");
    withdraw(&client, &console, binaries, environment).await
}

/// Adopts a robot as a visitor, befriends it, and completes with the link of its welcome.
async fn arrive(client: &Client, person: &Person) -> Result<()> {
    let token = client.wechat(person).await?;
    let master = match person.master {
        Some(index) => client.me(&client.wechat(&PEOPLE[index]).await?).await?["id"].clone(),
        None => Value::Null,
    };
    let visit =
        json!({ "union_id": person.union_id(), "open_id": person.open_id(), "sharing_user_id": master });
    client.post(Some(&token), "/robot/distribution", visit).await?;
    client
        .event("robot_added", json!({ "robot_id": person.robot, "user_id": person.code, "nickname": person.name, "avatar": person.picture() }))
        .await?;
    let link_token = client.link_token_of(person.code).await?;
    client
        .post(
            Some(&token),
            "/api/h5/me/complete",
            json!({ "link_token": link_token }),
        )
        .await?;
    Ok(())
}

async fn bind_groups(client: &Client) -> Result<()> {
    for group in GROUPS {
        let person = &PEOPLE[group.importer];
        let body = json!({ "group_id": group.code, "robot_id": person.robot, "user_id": person.code, "name": group.name });
        client.event("wait_for_bind", body).await?;
    }
    for (index, person) in PEOPLE.iter().enumerate() {
        let theirs = GROUPS.iter().filter(|group| group.importer == index).count();
        client.wait_for_groups(person, theirs).await?;
    }
    Ok(())
}

async fn rate_and_earn(client: &Client) -> Result<()> {
    let stars: Vec<Value> = GROUPS
        .iter()
        .filter_map(|group| Some(json!({ "groupId": group.code, "state": 1, "star": group.star? })))
        .collect();
    client
        .callback(
            "/groups/star",
            json!({ "command": "update_group_star", "data": stars }),
        )
        .await?;
    let revenue: serde_json::Map<String, Value> = GROUPS
        .iter()
        .map(|group| (group.code.to_owned(), json!(group.ads)))
        .collect();
    let body = json!({ "settle_date": client.today(), "timestamp": "0", "sign": "", "data": revenue });
    client.callback("/settlement", body).await
}

/// The day is still open: settled early, so that there is something to see.
async fn settle_today(binaries: &Binaries, environment: &Environment) -> Result<()> {
    for job in ["settle_groups", "settle_ads"] {
        let today = client::today();
        run_job(
            binaries,
            environment,
            &[job, "--date", &today, "--allow-open-day"],
        )
        .await?;
    }
    Ok(())
}

async fn run_job(binaries: &Binaries, environment: &Environment, job: &[&str]) -> Result<()> {
    let scheduler = binaries.path("scheduler").display().to_string();
    let variables: Vec<_> = environment
        .pairs()
        .map(|(name, value)| (name.as_str(), value.into()))
        .collect();
    process::quietly(&scheduler, &[&["run-job"], job].concat(), &variables).await
}

async fn withdraw(
    client: &Client,
    console: &str,
    binaries: &Binaries,
    environment: &Environment,
) -> Result<()> {
    let mut requests = Vec::new();
    for (index, phone) in [(0, "13800000001"), (1, "13800000002")] {
        let token = client.wechat(&PEOPLE[index]).await?;
        client.bind_phone(&token, phone).await?;
        requests.push(client.withdraw(&token, "20.00").await?);
    }
    let review = json!({ "ids": [requests[0]], "decision": "approve", "reason": "" });
    client
        .post(Some(console), "/api/console/withdrawals/review", review)
        .await?;
    run_job(binaries, environment, &["pay_withdrawals"]).await
}
