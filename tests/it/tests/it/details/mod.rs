//! What one thing is shown with: over HTTP, to those who may see it.

mod books;
mod explanation;
mod group;
mod operated;
mod runs;
mod statement;

use anyhow::{Context as _, Result};
use domain::settlement::{self, Options, RunKind};
use it::{App, Client};
use serde_json::{Value, json};

use crate::identity::adopt;

/// The business date that is settled.
const DAY: &str = "2026-11-21";
/// An id that nothing has.
const NOBODY: &str = "018f2d3e-0000-7000-8000-000000000000";

/// Grand invited master, master invited ann. Ann has G-1 (five stars) and G-2 (three), master G-3 (four), grand G-4
/// without a star; G-1 and G-3 have ads. The date is settled, and it is the next morning.
async fn family(app: &App) -> Result<()> {
    app.robot("R-1").await?;
    app.run_job("distribute_robots", DAY).await?;
    adopt(app, "grand", "R-1", None).await?;
    let grand = app.user("U-grand").await?.to_string();
    adopt(app, "master", "R-1", Some(grand)).await?;
    let master = app.user("U-master").await?.to_string();
    adopt(app, "ann", "R-1", Some(master)).await?;
    let pulls = [
        ("U-ann", "R-1", "G-1"),
        ("U-ann", "R-1", "G-2"),
        ("U-master", "R-1", "G-3"),
        ("U-grand", "R-1", "G-4"),
    ];
    app.all_pull(&pulls).await?;
    let stars = [("G-1", 5), ("G-2", 3), ("G-3", 4)];
    let ratings = stars.map(|(code, star)| json!({"groupId": code, "state": 1, "star": star}));
    let body = json!({"command": "update_group_star", "data": ratings});
    let rated = app.signed_post("/groups/star", body).await?;
    assert_eq!(rated.status, 200, "{rated:?}");
    app.drain().await?;
    let revenues = json!({"settle_date": DAY, "data": {"G-1": "0.48", "G-3": "0.16"}});
    let accepted = app.signed_post("/settlement", revenues).await?;
    assert_eq!(accepted.outcome(), (200, 1200), "{accepted:?}");
    app.at("2026-11-22T09:00:00")?;
    settle(app, DAY, &[RunKind::Groups, RunKind::Ads]).await
}

async fn settle(app: &App, date: &str, kinds: &[RunKind]) -> Result<()> {
    for kind in kinds {
        settlement::settle(&app.context, *kind, date.parse()?, 0, Options::default()).await?;
    }
    Ok(())
}

/// The data of an answer that has to be good.
async fn data(caller: &Client, path: &str) -> Result<Value> {
    let reply = caller.get(path).await?;
    assert_eq!(reply.outcome(), (200, 1200), "{path}: {reply:?}");
    Ok(reply.data().clone())
}

/// One field of each row.
fn column(rows: &Value, field: &str) -> Vec<Value> {
    let rows = rows.as_array().into_iter().flatten();
    rows.map(|row| row[field].clone()).collect()
}

/// The id of a group.
async fn group_id(app: &App, code: &str) -> Result<String> {
    let sql = "SELECT id::text FROM groups WHERE code = $1 ORDER BY bound_at DESC";
    let id = app.scalar(sql, [code.into()]).await?;
    id.with_context(|| format!("there is no group {code}"))
}
