//! A settlement run for operators: what it came to, and every slip and line of it.

use super::{DAY, NOBODY, column, data, family, group_id};
use anyhow::{Context as _, Result};
use domain::identity::Role;
use it::{App, with_app};
use rust_decimal::Decimal;
use serde_json::{Value, json};

async fn run_id(app: &App, kind: &str) -> Result<String> {
    let sql = "SELECT id::text FROM settlement_runs WHERE kind = $1";
    let id: Option<String> = app.scalar(sql, [kind.into()]).await?;
    id.with_context(|| format!("no run of {kind}"))
}

fn sum(rows: &Value, field: &str) -> Decimal {
    let amounts = column(rows, field);
    let amounts = amounts.iter().filter_map(Value::as_str);
    amounts.filter_map(|amount| amount.parse::<Decimal>().ok()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_the_sum_of_its_slips_and_lines() {
    with_app(async |app| {
        family(app).await?;
        let viewer = app.console(Role::Viewer).await?;
        for (kind, types) in [("groups", [1, 3]), ("ads", [2, 4])] {
            let path = format!("/api/console/settlement/runs/{}", run_id(app, kind).await?);
            let run = data(&viewer, &path).await?;
            assert_eq!(
                (&run["kind"], &run["state"], &run["reversal"]),
                (&json!(kind), &json!("settled"), &Value::Null),
                "{run}"
            );
            assert_eq!(
                column(&run["totals"], "amount_type"),
                types.map(|number| json!(number))
            );
            let slips = data(&viewer, &format!("{path}/slips")).await?;
            let total: Decimal = run["total"].as_str().context("no total")?.parse()?;
            assert_eq!(sum(&slips, "amount"), total);
            assert_eq!(sum(&run["totals"], "amount"), total);
            let counted: i64 = column(&run["totals"], "slips")
                .iter()
                .filter_map(Value::as_i64)
                .sum();
            assert_eq!(
                (json!(counted), json!(column(&slips, "slip_id").len())),
                (run["slip_count"].clone(), run["slip_count"].clone())
            );
            for slip in slips.as_array().into_iter().flatten() {
                let part = |name: &str| slip[name].as_str().unwrap_or_default().parse::<Decimal>();
                assert_eq!(
                    part("before")? + part("sum")?,
                    part("amount")? + part("after")?,
                    "{slip}"
                );
            }
            let lines = data(&viewer, &format!("{path}/lines")).await?;
            assert_eq!(json!(column(&lines, "group_id").len()), run["group_count"]);
            assert_eq!(run["batch_id"].is_string(), kind == "ads");
            assert_eq!(
                (&run["rates"]["version"], &run["rates"]["father"]),
                (&run["rates_version"], &json!("0.100000"))
            );
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slips_and_lines_are_exported_as_they_are_listed() {
    with_app(async |app| {
        family(app).await?;
        let finance = app.console(Role::Finance).await?;
        let path = format!("/api/console/settlement/runs/{}", run_id(app, "groups").await?);
        for (part, key) in [("slips", "slip_id"), ("lines", "group_id")] {
            let listed = data(&finance, &format!("{path}/{part}")).await?;
            let file = finance
                .request(reqwest::Method::GET, &format!("{path}/{part}/export?lang=en"))
                .send()
                .await?;
            assert_eq!(file.status().as_u16(), 200, "{part}");
            let text = file.text().await?;
            let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
            let rows: Vec<std::collections::BTreeMap<String, String>> =
                reader.deserialize().collect::<Result<_, _>>()?;
            let keys: Vec<Value> = rows.iter().map(|row| json!(row[key])).collect();
            assert!(!keys.is_empty(), "{part}");
            assert_eq!(json!(keys), json!(column(&listed, key)), "{part}");
            let first = listed[0].as_object().context("an object")?;
            assert!(
                first.keys().all(|field| rows[0].contains_key(field)),
                "{part}: {first:?}"
            );
        }
        let nowhere = format!("/api/console/settlement/runs/{NOBODY}/slips/export");
        assert_eq!(finance.get(&nowhere).await?.outcome(), (404, 1404));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slips_and_lines_are_paged_and_found_by_user_and_group() {
    with_app(async |app| {
        family(app).await?;
        let viewer = app.console(Role::Viewer).await?;
        let path = format!("/api/console/settlement/runs/{}", run_id(app, "groups").await?);
        let (ann, master) = (app.user("U-ann").await?, app.user("U-master").await?);
        let all = column(&data(&viewer, &format!("{path}/slips")).await?, "slip_id");
        let mut paged = Vec::new();
        for page in 0..all.len() {
            let one = viewer
                .get(&format!("{path}/slips?page_size=1&current_page={page}"))
                .await?;
            assert_eq!(one.body["page_info"]["total_records"], all.len());
            paged.extend(column(one.data(), "slip_id"));
        }
        assert_eq!(paged, all);
        let theirs = data(&viewer, &format!("{path}/slips?user={master}")).await?;
        assert_eq!(column(&theirs, "amount_type"), [json!(1), json!(3)]);
        assert_eq!(
            column(&theirs, "user_code"),
            [json!("U-master"), json!("U-master")]
        );

        let codes = async |query: &str| -> Result<Vec<Value>> {
            let mut codes = column(
                &data(&viewer, &format!("{path}/lines?{query}")).await?,
                "group_code",
            );
            codes.sort_by_key(Value::to_string);
            Ok(codes)
        };
        let (g1, g3) = (group_id(app, "G-1").await?, group_id(app, "G-3").await?);
        assert_eq!(codes("").await?, ["G-1", "G-2", "G-3"]);
        assert_eq!(codes(&format!("user={ann}")).await?, ["G-1", "G-2"]);
        assert_eq!(codes(&format!("group={g1}")).await?, ["G-1"]);
        assert_eq!(codes(&format!("group={g1}&user={ann}")).await?, ["G-1"]);
        assert_eq!(codes(&format!("group={g3}&user={ann}")).await?, [""; 0]);
        assert_eq!(codes(&format!("group={NOBODY}")).await?, [""; 0]);
        assert_eq!(codes(&format!("user={NOBODY}")).await?, [""; 0]);
        let one = viewer
            .get(&format!("{path}/lines?user={ann}&page_size=1"))
            .await?;
        assert_eq!(one.body["page_info"]["total_records"], 2);
        let line = &data(&viewer, &format!("{path}/lines?group={g1}")).await?[0];
        assert_eq!(
            (&line["basis"]["case"], &line["user_share"], &line["settle_day"]),
            (&json!("new"), &json!("1.000000"), &json!(1))
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_taken_back_says_so() {
    with_app(async |app| {
        family(app).await?;
        let admin = app.console(Role::Admin).await?;
        let path = format!("/api/console/settlement/runs/{}", run_id(app, "ads").await?);
        let order = json!({"reason": "the partner counted wrongly"});
        assert_eq!(
            admin.post(&format!("{path}/reverse"), order).await?.outcome(),
            (200, 1200)
        );
        let run = data(&admin, &path).await?;
        assert_eq!(run["state"], "reversed", "{run}");
        assert_eq!(
            (&run["reversal"]["reason"], &run["reversal"]["amount"]),
            (&json!("the partner counted wrongly"), &run["total"])
        );
        let batch = run["batch_id"].as_str().context("no batch")?;
        let batch = data(&admin, &format!("/api/console/settlement/ads/{batch}")).await?;
        assert_eq!(
            (&batch["state"], &batch["settle_date"]),
            (&json!("reversed"), &json!(DAY))
        );
        let ann = app.user("U-ann").await?;
        let group = data(
            &admin,
            &format!("/api/console/groups/{}", group_id(app, "G-1").await?),
        )
        .await?;
        assert_eq!(
            column(&group["income"], "taken_back"),
            [json!(false), json!(true)],
            "{group}"
        );
        assert_eq!(
            (&group["total_income"], &group["user_id"]),
            (&json!("1.000000"), &json!(ann.to_string()))
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_shows_every_row_it_holds() {
    with_app(async |app| {
        family(app).await?;
        app.later(chrono::TimeDelta::days(1));
        let revenues = json!({"settle_date": "2026-11-22", "data": {"G-1": "0.4812", "G-gone": "9.99"}});
        assert_eq!(
            app.signed_post("/settlement", revenues).await?.outcome(),
            (200, 1200)
        );
        let viewer = app.console(Role::Viewer).await?;
        let batches = data(&viewer, "/api/console/settlement/ads?settle_date=2026-11-22").await?;
        let path = format!(
            "/api/console/settlement/ads/{}",
            batches[0]["id"].as_str().context("no id")?
        );
        let batch = data(&viewer, &path).await?;
        assert_eq!(batch, batches[0], "as in the list");
        let rows = data(&viewer, &format!("{path}/rows")).await?;
        assert_eq!(
            column(&rows, "group_code"),
            [json!("G-1"), json!("G-gone")],
            "{rows}"
        );
        assert_eq!(column(&rows, "amount"), [json!("0.481200"), json!("9.990000")]);
        assert_eq!(
            (rows[0]["group_id"].is_string(), &rows[1]["group_id"]),
            (true, &Value::Null)
        );
        let second = viewer
            .get(&format!("{path}/rows?page_size=1&current_page=1"))
            .await?;
        assert_eq!(column(second.data(), "group_code"), [json!("G-gone")]);
        assert_eq!(second.body["page_info"]["total_records"], 2);
        let unpaid = data(&viewer, &format!("{path}/rows?paid=false")).await?;
        assert_eq!(column(&unpaid, "group_code"), [json!("G-gone")]);
        Ok(())
    })
    .await;
}
