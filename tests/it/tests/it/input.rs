//! Bad input is refused with 1403 naming the field, and changes nothing.

use anyhow::Result;
use domain::identity::Role;
use it::{Client, with_app};
use kernel::id::new_uuid;
use reqwest::Method;
use serde_json::{Value, json};

/// Asks with an `Idempotency-Key`; the field at fault.
async fn fault(operator: &Client, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
    let mut request = operator
        .request(method, &format!("/api/console/{path}"))
        .header("idempotency-key", "input");
    if let Some(body) = &body {
        request = request.json(body);
    }
    let response = request.send().await?;
    let status = response.status().as_u16();
    let said: Value = response.json().await?;
    assert_eq!(
        (status, &said["code"]),
        (400, &json!(1403)),
        "{path} {body:?}: {said}"
    );
    Ok(said["data"]["field"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_part_of_a_path_or_query_is_named_as_described() {
    with_app(async |app| {
        let operator = app.console(Role::Admin).await?;
        let id = new_uuid();
        for (path, field) in [
            ("cleanup/plans/2026-2-1".to_owned(), "date"),
            (format!("settlement/slips/{id}/first"), "slip_id"),
            (format!("settlement/slips/ann/{id}"), "user_id"),
            ("users/ann".to_owned(), "id"),
            ("audit?current_page=1000001".to_owned(), "current_page"),
            ("audit?page_size=201".to_owned(), "page_size"),
            (format!("groups?code={}", "G".repeat(256)), "code"),
        ] {
            assert_eq!(fault(&operator, Method::GET, &path, None).await?, field, "{path}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_in_any_path_or_query_is_refused_by_name() {
    with_app(async |app| {
        let description: Value = serde_json::from_str(&api::description()?)?;
        let operator = app.console(Role::Admin).await?;
        let (user, _) = super::identity::wechat(app, "union-ann", "open-ann").await?;
        let mut asked = 0;
        for (path, operations) in description["paths"].as_object().into_iter().flatten() {
            let caller = match path.split('/').nth(2) {
                Some("console") => &operator,
                Some("h5") => &user,
                _ => continue,
            };
            for parameter in operations["get"]["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap_or_default();
                let with_nul = if parameter["in"] == "path" {
                    path.replace(&format!("{{{name}}}"), "a%00b")
                } else {
                    format!("{path}?{name}=a%00b")
                };
                let refused = caller.get(&with_nul).await?;
                assert_eq!(
                    (refused.outcome(), &refused.data()["field"]),
                    ((400, 1403), &json!(name)),
                    "{with_nul}"
                );
                let sentence = format!("`{name}` must not have a NUL character");
                assert_eq!(refused.body["msg"], sentence, "{with_nul}");
                asked += 1;
            }
        }
        assert!(asked > 100, "{asked}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_beyond_its_limits_is_named() {
    with_app(async |app| {
        let operator = app.console(Role::Admin).await?;
        let (id, long) = (new_uuid(), "字".repeat(501));
        let order = |amount: &str, reason: &str| json!({"user_id": id, "account": "payouts", "amount": amount, "reason": reason});
        let batch = |amount: &str| json!({"settle_date": "2026-11-20", "reason": "late", "data": [{"group_code": "G-1", "amount": amount}]});
        let rates = |father: &str| json!({"father": father, "grand_father": "0", "father_ad": "0", "grand_father_ad": "0"});
        for (path, body, field) in [
            ("dead-letters/replay", json!({"ids": []}), "ids"),
            ("outbox/retry", json!({"ids": []}), "ids"),
            ("payouts/pause", json!({"reason": " \n"}), "reason"),
            ("payouts/pause", json!({"reason": long}), "reason"),
            (&*format!("ledger/postings/{id}/reverse"), json!({"reason": long}), "reason"),
            ("groups/cancel", json!({"group_ids": [id], "reason": 40_000}), "reason"),
            ("groups/cancel", json!({"group_ids": [], "reason": 4}), "group_ids"),
            ("groups/traits", json!([{"code": "G-1", "old_group": true, "repeat_rate": "1.1"}]), "repeat_rate"),
            ("ledger/corrections", order("0.00", "a gift"), "amount"),
            ("ledger/corrections", order("1.00", &long), "reason"),
            ("settlement/ads", batch("1000000.01"), "data.amount"),
            ("settlement/ads", json!({"settle_date": "2026-11-20", "reason": "late", "data": []}), "data"),
            ("settlement/rates", rates("1.000001"), "father"),
            ("jobs/nothing/runs", json!({"date": "2026-11-20"}), "name"),
        ] {
            assert_eq!(fault(&operator, Method::POST, path, Some(body)).await?, field, "{path}");
        }
        Ok(())
    })
    .await;
}
