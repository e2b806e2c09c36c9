//! Every list of the console in every order it offers, and by date: no page overlaps another or leaves a row out.

use anyhow::Result;
use domain::identity::Role;
use it::{App, Client, with_app};
use rust_decimal::Decimal;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Rows of each list: more than three pages, in ties of four.
const ROWS: usize = 23;

/// A list, what its rows show of each word it is sorted by, and which field its dates are about.
type Ordered = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const LISTS: [Ordered; 13] = [
    (
        "users",
        &[("created_at", "created_at"), ("nickname", "nickname")],
        "created_at",
    ),
    (
        "groups",
        &[("bound_at", "bound_at"), ("member_count", "member_count")],
        "bound_at",
    ),
    (
        "robots",
        &[
            ("created_at", "created_at"),
            ("name", "name"),
            ("count_distribute", "count_distribute"),
        ],
        "",
    ),
    (
        "withdrawals",
        &[
            ("created_at", "created_at"),
            ("finished_at", "finished_at"),
            ("amount", "amount"),
        ],
        "created_at",
    ),
    ("audit", &[("at", "at")], "at"),
    ("outbox", &[("seq", "created_at")], "created_at"),
    ("dead-letters", &[("id", "id")], "received_at"),
    (
        "jobs/runs",
        &[("business_date", "business_date"), ("started_at", "started_at")],
        "business_date",
    ),
    (
        "jobs/requests",
        &[("requested_at", "requested_at")],
        "requested_at",
    ),
    (
        "settlement/runs",
        &[
            ("settle_date", "settle_date"),
            ("settled_at", "settled_at"),
            ("total", "total"),
        ],
        "settle_date",
    ),
    (
        "settlement/ads",
        &[("settle_date", "settle_date"), ("received_at", "received_at")],
        "settle_date",
    ),
    (
        "ledger/corrections",
        &[("created_at", "created_at"), ("amount", "amount")],
        "created_at",
    ),
    ("ledger/postings", &[("booked_on", "booked_on")], "booked_on"),
];

/// Twenty-three rows in every list; four of them share each date, noon in Shanghai from 1 November 2026 on.
async fn fill(app: &App) -> Result<()> {
    let at = "('2026-11-01 04:00Z'::timestamptz + (n / 4) * interval '1 day')";
    let on = "('2026-11-01'::date + n / 4)";
    let rows = format!("FROM generate_series(0, {}) AS n", ROWS - 1);
    let operator = "(SELECT id FROM operators ORDER BY id LIMIT 1)";
    let user = "(SELECT id FROM users WHERE code = 'U-' || n)";
    app.operator(Role::Viewer).await?;
    for sql in [
        format!(
            "INSERT INTO users (id, code, nickname, phone, created_at, updated_at)
             SELECT gen_random_uuid(), 'U-' || n, (ARRAY['王芳', 'a', 'B', ''])[1 + n % 4], '138000000' || 10 + n, {at}, {at} {rows}"
        ),
        format!(
            "INSERT INTO robots (id, code, name, count_distribute, created_at, updated_at)
             SELECT gen_random_uuid(), 'R-' || n, 'name' || n % 5, n % 3, {at}, {at} {rows}"
        ),
        format!(
            "INSERT INTO groups (id, code, name, user_id, member_count, template_id, bound_at, updated_at)
             SELECT gen_random_uuid(), 'G-' || n, 'name', {user}, nullif(n % 5, 0),
                    (SELECT id FROM profit_templates LIMIT 1), {at}, {at} {rows}"
        ),
        format!(
            "INSERT INTO withdrawals (id, user_id, amount, state, bill_no, open_id, requested_on, created_at, updated_at, finished_at)
             SELECT gen_random_uuid(), {user}, 20 * (1 + n % 3), 'rejected', 'W-' || n, 'o', {on}, {at}, {at},
                    CASE WHEN n % 3 > 0 THEN {at} END {rows}"
        ),
        format!(
            "INSERT INTO audit_entries (id, operator_id, action, subject, detail, at)
             SELECT gen_random_uuid(), {operator}, 'a', 's' || n, '{{}}', {at} {rows}"
        ),
        format!(
            "INSERT INTO outbox (id, destination, topic, lane, payload, state, next_attempt_at, created_at)
             SELECT gen_random_uuid(), 'event', 't', 'l', '{{}}', 'failed', {at}, {at} {rows} ORDER BY n"
        ),
        format!(
            "INSERT INTO inbox_messages (transport, message_key, command, lane, body, state, next_attempt_at, outcome, received_at)
             SELECT 'gateway', 'k' || n, 'c', 'l', 'body', 'dead', {at}, 'reason', {at} {rows} ORDER BY n"
        ),
        format!(
            "INSERT INTO job_runs (job, business_date, slot, state, created_at, started_at)
             SELECT 'job' || n % 4, {on}, 1, 'failed', {at}, CASE WHEN n % 3 > 0 THEN {at} END {rows}"
        ),
        format!(
            "INSERT INTO job_requests (id, job, business_date, dry_run, allow_open_day, requested_by, requested_at, state)
             SELECT gen_random_uuid(), 'job', {on}, false, false, {operator}, {at}, 'done' {rows}"
        ),
        format!(
            "INSERT INTO settlement_runs (id, kind, settle_date, batch_no, rates_version, group_count, slip_count, total, timings, settled_at)
             SELECT gen_random_uuid(), 'ads', {on}, n % 4, 1, 0, 0, n % 3, '{{}}', {at} {rows}"
        ),
        format!(
            "INSERT INTO ad_batches (id, settle_date, batch_no, source, accepted, unknown, received_at)
             SELECT gen_random_uuid(), {on}, n % 4, 'operator', 0, '[]', {at} {rows}"
        ),
        format!(
            "INSERT INTO corrections (id, user_id, account, amount, reason, state, proposed_by, created_at)
             SELECT gen_random_uuid(), {user}, 15, 1 + n % 3, 'why', 'proposed', {operator}, {at} {rows}"
        ),
        format!("SELECT ensure_partitions({on}) {rows}"),
        format!(
            "INSERT INTO ledger_postings (id, booked_on, key, kind, created_at)
             SELECT gen_random_uuid(), {on}, 'key' || n, 'slip', {at} {rows}"
        ),
    ] {
        app.execute(&sql).await?;
    }
    Ok(())
}

/// What was never booked is no ledger to prove.
async fn clear(app: &App) -> Result<()> {
    for table in [
        "ledger_postings",
        "corrections",
        "ad_batches",
        "settlement_runs",
        "withdrawals",
    ] {
        app.execute(&format!("DELETE FROM {table}")).await?;
    }
    Ok(())
}

/// All rows of a list, page by page.
async fn all(operator: &Client, list: &str, query: &str) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for page in 0.. {
        let path = format!("/api/console/{list}?page_size=7&current_page={page}&{query}");
        let reply = operator.get(&path).await?;
        assert_eq!(reply.outcome(), (200, 1200), "{path}: {reply:?}");
        let found: Vec<Value> = reply.data().as_array().cloned().unwrap_or_default();
        let end = found.len() < 7;
        rows.extend(found);
        if end {
            let total = reply.body["page_info"]["total_records"].as_u64();
            assert_eq!(total, Some(rows.len() as u64), "{path}");
            break;
        }
    }
    Ok(rows)
}

/// As a list has them: numbers and amounts by size, text by its signs.
fn compared(one: &Value, other: &Value) -> Ordering {
    let number = |value: &Value| value.to_string().trim_matches('"').parse::<Decimal>().ok();
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => one.as_str().cmp(&other.as_str()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_is_sorted_both_ways_without_gaps_or_doubles() {
    with_app(async |app| {
        fill(app).await?;
        let operator = app.console(Role::Admin).await?;
        for (list, columns, _) in LISTS {
            let dates = "from=2026-11-01&to=2026-11-30";
            for (word, field) in columns {
                for descending in [false, true] {
                    let sort = format!("sort={}{word}", if descending { "-" } else { "" });
                    let rows = all(&operator, list, &format!("{dates}&{sort}")).await?;
                    let different: BTreeSet<String> = rows.iter().map(Value::to_string).collect();
                    assert_eq!((rows.len(), different.len()), (ROWS, ROWS), "{list} {sort}");
                    for pair in rows.windows(2) {
                        let (first, second) = (&pair[0][field], &pair[1][field]);
                        let good = match (first, second) {
                            (Value::Null, Value::Null) => true,
                            (first, second) if first.is_null() || second.is_null() => second.is_null(),
                            _ if descending => compared(first, second).is_ge(),
                            _ => compared(first, second).is_le(),
                        };
                        assert!(good, "{list} {sort}: {first} before {second}");
                    }
                }
            }
            let default = all(&operator, list, dates).await?;
            let named = all(&operator, list, &format!("{dates}&sort=-{}", columns[0].0)).await?;
            assert_eq!(default, named, "{list} without a wish");
        }
        clear(app).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_is_narrowed_down_to_dates() {
    with_app(async |app| {
        fill(app).await?;
        let operator = app.console(Role::Admin).await?;
        for (list, _, field) in LISTS {
            for (query, expected) in [
                ("from=2026-11-02&to=2026-11-02", 4),
                ("from=2026-11-05", 7),
                ("to=2026-11-01", 4),
                ("from=2026-11-07", 0),
                ("from=2000-01-01&to=2199-12-31", ROWS),
            ] {
                // A list of deeds has the making of operators too, and those of others more: all on today's date.
                let query = if query.contains("to=") {
                    query.to_owned()
                } else {
                    format!("{query}&to=2026-11-20")
                };
                let rows = all(&operator, list, &query).await?;
                assert_eq!(rows.len(), expected, "{list} {query}");
            }
            let day = all(&operator, list, "from=2026-11-02&to=2026-11-02").await?;
            for row in day.iter().filter(|_| !field.is_empty()) {
                let shown = row[field].as_str().unwrap_or_default();
                assert!(shown.starts_with("2026-11-02"), "{list}: {row}");
            }
        }
        clear(app).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_list_knows_is_refused_by_name() {
    with_app(async |app| {
        let operator = app.console(Role::Admin).await?;
        for (list, _, _) in LISTS {
            for (query, field) in [
                ("sort=phone", "sort"),
                ("sort=", "sort"),
                ("sort=created_at%20DESC", "sort"),
                ("sort=--created_at", "sort"),
                ("from=2026-11-02&to=2026-11-01", "from"),
                ("from=1999-12-31", "from"),
                ("to=2200-01-01", "to"),
                ("to=yesterday", "to"),
            ] {
                let reply = operator.get(&format!("/api/console/{list}?{query}")).await?;
                assert_eq!(reply.outcome(), (400, 1403), "{list} {query}: {reply:?}");
                assert_eq!(reply.data()["field"], field, "{list} {query}");
            }
        }
        Ok(())
    })
    .await;
}
