//! The first answer is the only one.

use it::with_stores;
use kernel::idempotency::IdempotencyKey;
use serde_json::{Value, json};

fn key(scope: &str, header: Option<&str>, amount: &str) -> kernel::Result<IdempotencyKey> {
    IdempotencyKey::new(scope.to_owned(), header, &json!({ "amount": amount }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_one_request_of_one_caller() {
    with_stores(async |stores| {
        let context = &stores.context;
        let conn = context.db.autocommit();
        for missing in [None, Some(""), Some("  "), Some("x".repeat(256).as_str())] {
            assert_eq!(key("a", missing, "1.00").unwrap_err().code.number(), 1403);
        }
        let first = key("a", Some("K"), "1.00")?;
        assert_eq!(first.first_answer::<Value>(conn).await?, None);
        first.keep(conn, &json!({"id": 7}), context.clock.now()).await?;
        assert_eq!(
            key("a", Some("K"), "1.00")?.first_answer::<Value>(conn).await?,
            Some(json!({"id": 7}))
        );
        let other_body = key("a", Some("K"), "2.00")?.first_answer::<Value>(conn).await;
        assert_eq!(other_body.unwrap_err().code.number(), 1403);
        assert_eq!(
            key("b", Some("K"), "2.00")?.first_answer::<Value>(conn).await?,
            None,
            "another caller's"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_keeps_its_answer_and_its_work() {
    with_stores(async |stores| {
        let tries = (0..16).map(|number| {
            let context = stores.context.clone();
            tokio::spawn(async move {
                let txn = context.db.begin().await?;
                let now = context.clock.now();
                let work = "INSERT INTO notice_throttles (key, expires_at) VALUES ($1, $2)";
                let value = format!("work {number}");
                kernel::db::execute(&txn, work, [value.clone().into(), now.into()]).await?;
                key("a", Some("K"), "1.00")?
                    .keep(&txn, &json!(value), now)
                    .await?;
                txn.commit().await?;
                anyhow::Ok(value)
            })
        });
        let mut kept = Vec::new();
        for tried in futures::future::join_all(tries).await {
            kept.extend(tried?.ok());
        }
        assert_eq!(kept.len(), 1);
        let answer: Option<String> = key("a", Some("K"), "1.00")?
            .first_answer(stores.context.db.autocommit())
            .await?;
        assert_eq!(answer.as_deref(), Some(kept[0].as_str()));
        let work = it::fixture::rows(&stores.context, "SELECT key FROM notice_throttles").await?;
        assert_eq!(work, [format!("(\"{}\")", kept[0])]);
        Ok(())
    })
    .await;
}
