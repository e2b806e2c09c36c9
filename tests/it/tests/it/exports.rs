//! Lists taken away as files: what the list shows and nothing more, harmless to spreadsheets, counted and written down.

use anyhow::{Context, Result};
use calamine::{Data, Reader, Xlsx};
use domain::identity::Role;
use it::{App, Client, with_app};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Cursor;

/// What hurts: formulas, line ends, quotes, and more signs than a cell of Excel takes.
const NASTY: [&str; 7] = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "a\r\n\"b\",c",
    "王芳",
];

async fn people(app: &App) -> Result<()> {
    for (number, nickname) in NASTY.iter().enumerate() {
        let sql = "INSERT INTO users (id, code, nickname, phone, created_at, updated_at)
                   VALUES (gen_random_uuid(), $1, $2, $3, $4, $4)";
        let now = app.context.clock.now();
        let values = [
            format!("U-{number}").into(),
            (*nickname).into(),
            format!("1380000000{number}").into(),
            now.into(),
        ];
        kernel::db::execute(app.context.db.pool(), sql, values).await?;
    }
    let long = format!(
        "INSERT INTO users (id, code, nickname, created_at, updated_at)
         SELECT gen_random_uuid(), 'U-LONG', repeat('长', 9000), '{now}', '{now}'",
        now = app.context.clock.now().to_rfc3339()
    );
    app.execute(&long).await
}

/// A file: its type, its name and its bytes.
async fn file(operator: &Client, path: &str) -> Result<(String, String, Vec<u8>)> {
    let answer = operator
        .request(Method::GET, &format!("/api/console/{path}"))
        .send()
        .await?;
    let header = |name: &str| {
        let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (kind, name) = (header("content-type"), header("content-disposition"));
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await?.to_vec();
    anyhow::ensure!(
        status == 200,
        "{path}: {status} {}",
        String::from_utf8_lossy(&bytes)
    );
    Ok((kind, name, bytes))
}

/// The rows of a CSV file, each by the names of its columns.
fn csv_rows(bytes: &[u8]) -> Result<Vec<BTreeMap<String, String>>> {
    let text = bytes
        .strip_prefix("\u{feff}".as_bytes())
        .context("no mark at its head")?;
    let mut reader = csv::Reader::from_reader(text);
    Ok(reader.deserialize().collect::<Result<_, _>>()?)
}

fn xlsx_rows(bytes: Vec<u8>) -> Result<Vec<Vec<Data>>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes))?;
    let sheet = book.worksheet_range_at(0).context("a sheet")??;
    let formulas = book.worksheet_formula("Sheet1")?;
    assert_eq!(formulas.used_cells().next(), None, "formulas");
    Ok(sheet.rows().map(<[Data]>::to_vec).collect())
}

/// A field of a row as a CSV cell has it.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(text) if text.len() >= 20 && text.as_bytes()[10] == b'T' => {
            match text.parse::<chrono::DateTime<chrono::Utc>>() {
                Ok(instant) => {
                    let local = instant.with_timezone(&kernel::clock::SHANGHAI);
                    local.format("%Y-%m-%d %H:%M:%S").to_string()
                }
                Err(_) => text.clone(),
            }
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

const LISTS: [&str; 6] = [
    "users",
    "groups",
    "withdrawals",
    "ledger/postings",
    "settlement/ads",
    "audit",
];

async fn world(app: &App) -> Result<()> {
    people(app).await?;
    app.operator(Role::Viewer).await?;
    app.at("2026-11-21T12:00:00")?;
    let now = app.context.clock.now().to_rfc3339();
    for sql in [
        format!(
            "INSERT INTO groups (id, code, name, user_id, member_count, repeat_rate, template_id, bound_at, updated_at)
             SELECT gen_random_uuid(), 'G', '=HYPERLINK(\"x\")', (SELECT id FROM users WHERE code = 'U-0'), 7, 0.25,
                    (SELECT id FROM profit_templates LIMIT 1), '{now}', '{now}'"
        ),
        format!(
            "INSERT INTO withdrawals (id, user_id, amount, state, bill_no, open_id, requested_on, created_at, updated_at)
             SELECT gen_random_uuid(), (SELECT id FROM users WHERE code = 'U-0'), 20, 'requested', 'W-1', 'o', '2026-11-21', '{now}', '{now}'"
        ),
        "SELECT ensure_partitions('2026-11-21')".to_owned(),
        format!(
            "INSERT INTO ledger_postings (id, booked_on, key, kind, created_at) VALUES (gen_random_uuid(), '2026-11-21', 'k', 'slip', '{now}')"
        ),
        "INSERT INTO ledger_lines (posting_id, booked_on, account, amount)
         SELECT id, booked_on, account, amount FROM ledger_postings, (VALUES (11, 5.00), (15, -5.00)) AS line (account, amount)"
            .to_owned(),
        format!(
            "INSERT INTO ad_batches (id, settle_date, batch_no, source, accepted, unknown, received_at)
             VALUES (gen_random_uuid(), '2026-11-20', 0, 'partner', 0, '[\"=x\"]', '{now}')"
        ),
        format!(
            "INSERT INTO audit_entries (id, operator_id, action, subject, detail, at)
             SELECT gen_random_uuid(), id, '=act', 's', '{{\"a\": 1}}', '{now}' FROM operators LIMIT 1"
        ),
    ] {
        app.execute(&sql).await?;
    }
    Ok(())
}

/// What was never booked is no ledger to prove.
async fn clear(app: &App) -> Result<()> {
    for table in ["ledger_lines", "ledger_postings", "ad_batches", "withdrawals"] {
        app.execute(&format!("DELETE FROM {table}")).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_what_the_list_has() {
    with_app(async |app| {
        world(app).await?;
        for list in LISTS {
            // One of their own for each, as an operator may take ten files a minute.
            let operator = app.console(Role::Admin).await?;
            let listed = operator
                .get(&format!("/api/console/{list}?page_size=200"))
                .await?;
            let listed: Vec<Value> = listed.data().as_array().cloned().unwrap_or_default();
            assert!(!listed.is_empty(), "{list}");
            let (kind, name, bytes) = file(&operator, &format!("{list}/export?lang=en")).await?;
            assert_eq!(kind, "text/csv; charset=utf-8");
            assert!(
                name.starts_with("attachment; filename=\"") && name.ends_with("-2026-11-21.csv\""),
                "{name}"
            );
            let rows = csv_rows(&bytes)?;
            assert_eq!(rows.len(), listed.len(), "{list}");
            for (row, shown) in rows.iter().zip(&listed) {
                let fields = shown.as_object().context("an object")?;
                let same: Vec<&String> = fields.keys().filter(|field| !row.contains_key(*field)).collect();
                assert!(
                    same.is_empty() && row.len() == fields.len(),
                    "{list} lacks {same:?}"
                );
                for (field, value) in fields {
                    let (found, expected) = (&row[field], cell(value));
                    let defused = format!("'{expected}");
                    assert!(
                        *found == expected || *found == defused,
                        "{list}.{field}: {found} for {expected}"
                    );
                }
            }
            let (kind, _, bytes) = file(&operator, &format!("{list}/export?format=xlsx")).await?;
            assert!(kind.ends_with("spreadsheetml.sheet"), "{kind}");
            let cells = xlsx_rows(bytes)?;
            assert_eq!(
                cells.len(),
                listed.len() + 1 + usize::from(list == "audit"),
                "{list}"
            );
            app.execute("DELETE FROM audit_entries WHERE action = 'export'")
                .await?;
        }
        clear(app).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn formulas_are_defused_and_text_is_kept() {
    with_app(async |app| {
        people(app).await?;
        let operator = app.console(Role::Support).await?;
        let (_, _, bytes) = file(&operator, "users/export?lang=en&sort=created_at").await?;
        let mut names: BTreeMap<String, String> = csv_rows(&bytes)?
            .into_iter()
            .map(|mut row| (row["code"].clone(), row.remove("nickname").unwrap_or_default()))
            .collect();
        assert_eq!(names.remove("U-LONG"), Some("长".repeat(9000)));
        let expected = [
            "'=1+1",
            "'+cmd|' /C calc'!A0",
            "'-2",
            "'@SUM(A1)",
            "'\t=1",
            "a\r\n\"b\",c",
            "王芳",
        ];
        assert_eq!(names.values().collect::<Vec<_>>(), expected);
        let (_, _, bytes) = file(&operator, "users/export?format=xlsx&code=U-0").await?;
        let rows = xlsx_rows(bytes)?;
        assert_eq!(
            rows[0][..4],
            ["编号", "用户码", "昵称", "手机号"].map(|name| Data::String(name.to_owned()))
        );
        assert_eq!(rows[1][2], Data::String("=1+1".to_owned()));
        assert_eq!(
            rows[1][3],
            Data::String("13800000000".to_owned()),
            "numbers of phones are text"
        );
        assert_eq!(rows.len(), 2, "the file is narrowed down like the list");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_are_numbers() {
    with_app(async |app| {
        world(app).await?;
        let operator = app.console(Role::Finance).await?;
        let (_, _, bytes) = file(&operator, "withdrawals/export?format=xlsx&lang=en").await?;
        let rows = xlsx_rows(bytes)?;
        let place = rows[0]
            .iter()
            .position(|name| *name == Data::String("amount".to_owned()));
        assert_eq!(rows[1][place.context("amount")?], Data::Float(20.0));
        let (_, _, bytes) = file(&operator, "withdrawals/export?lang=en").await?;
        assert_eq!(csv_rows(&bytes)?[0]["amount"], "20.00");
        clear(app).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_took_what_is_written_down() {
    with_app(async |app| {
        people(app).await?;
        let operator = app.console(Role::Finance).await?;
        file(&operator, "users/export?format=xlsx&code=U-1&sort=nickname").await?;
        let audit = operator.get("/api/console/audit?action=export").await?;
        assert_eq!(audit.data()[0]["subject"], "list:users", "{audit:?}");
        assert_eq!(
            audit.data()[0]["detail"],
            json!({ "path": "/api/console/users/export", "format": "xlsx", "filters": { "code": "U-1", "sort": "nickname" }, "rows": 1 })
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_for_those_who_may_and_only_of_what_they_see() {
    with_app(async |app| {
        let (viewer, support) = (
            app.console(Role::Viewer).await?,
            app.console(Role::Support).await?,
        );
        for list in LISTS {
            let reply = viewer.get(&format!("/api/console/{list}/export")).await?;
            assert_eq!(reply.outcome(), (403, 1401), "{list}");
            let anybody = app
                .anonymous()
                .get(&format!("/api/console/{list}/export"))
                .await?;
            assert_eq!(anybody.outcome(), (401, 1401), "{list}");
        }
        let reply = support.get("/api/console/audit/export").await?;
        assert_eq!(reply.outcome(), (403, 1401), "support sees no deeds");
        assert_eq!(
            app.rows("SELECT count(*) FROM audit_entries WHERE action = 'export'")
                .await?,
            ["(0)"]
        );
        for (query, field) in [
            ("format=pdf", "format"),
            ("lang=fr", "lang"),
            ("sort=x", "sort"),
            ("status=9", "status"),
        ] {
            let reply = support.get(&format!("/api/console/users/export?{query}")).await?;
            assert_eq!(reply.outcome(), (400, 1403), "{query}");
            assert_eq!(reply.data()["field"], field, "{query}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_takes_ten_files_a_minute() {
    with_app(async |app| {
        let (one, other) = (
            app.console(Role::Support).await?,
            app.console(Role::Support).await?,
        );
        for _ in 0..10 {
            file(&one, "users/export").await?;
        }
        let reply = one.get("/api/console/users/export").await?;
        assert_eq!(reply.outcome(), (429, 1429));
        assert!(reply.retry_after.is_some(), "{reply:?}");
        file(&other, "users/export").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_thousand_rows_are_the_most() {
    with_app(async |app| {
        let now = app.context.clock.now().to_rfc3339();
        app.execute(&format!(
            "INSERT INTO users (id, code, nickname, created_at, updated_at)
             SELECT gen_random_uuid(), 'U-' || n, 'n', '{now}', '{now}' FROM generate_series(1, 50001) AS n"
        ))
        .await?;
        let operator = app.console(Role::Support).await?;
        let reply = operator.get("/api/console/users/export").await?;
        assert_eq!(reply.outcome(), (400, 1403), "{reply:?}");
        assert_eq!(
            app.rows("SELECT count(*) FROM audit_entries WHERE action = 'export'")
                .await?,
            ["(0)"]
        );
        app.execute("DELETE FROM users WHERE code = 'U-50001'").await?;
        let (_, _, bytes) = file(&operator, "users/export").await?;
        assert_eq!(csv_rows(&bytes)?.len(), 50_000);
        Ok(())
    })
    .await;
}
