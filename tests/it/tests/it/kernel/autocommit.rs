//! Connections in hand: one statement's answer is never another's.

use futures::future::{join_all, poll_immediate};
use it::with_stores;
use kernel::db::{self, autocommit::Autocommit};
use std::pin::pin;

async fn number(conn: &Autocommit, sql: &str) -> kernel::Result<Option<i32>> {
    db::fetch_scalar(conn, sql, []).await
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_one_after_the_other_share_a_connection_until_one_fails() {
    with_stores(async |stores| {
        let conn = stores.context.db.autocommit();
        let server = "SELECT pg_backend_pid()";
        let first = number(conn, server).await?;
        assert_eq!(number(conn, server).await?, first);
        assert_eq!(number(conn, "SELECT 1 WHERE false").await?, None);
        assert_eq!(number(conn, server).await?, first);
        assert!(number(conn, "SELECT 1 / 0").await.is_err());
        assert_eq!(number(conn, "SELECT 2").await?, Some(2));
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_can_ask_at_once_than_there_are_connections() {
    with_stores(async |stores| {
        let asks = (0..100_i32).map(async |ask| {
            let conn = stores.context.db.autocommit();
            db::fetch_scalar(conn, "SELECT $1::int", [ask.into()]).await
        });
        for (ask, answer) in (0..).zip(join_all(asks).await) {
            assert_eq!(answer?, Some(ask));
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_given_up_half_way_leaves_nothing_to_the_next() {
    with_stores(async |stores| {
        let conn = stores.context.db.autocommit();
        for round in 0..20 {
            {
                let slow = pin!(number(conn, "SELECT 7 FROM pg_sleep(0.01)"));
                // The connection is there and the statement is on its way, unless the pool is still making one.
                assert!(poll_immediate(slow).await.is_none());
            }
            let answer: Option<i32> = db::fetch_scalar(conn, "SELECT $1::int", [round.into()]).await?;
            assert_eq!(answer, Some(round));
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_reads_cannot_write() {
    with_stores(async |stores| {
        let (read, autocommit) = (stores.context.db.read(), stores.context.db.autocommit());
        let write = "UPDATE users SET nickname = nickname";
        for sql in [
            write,
            "CREATE TABLE pets ()",
            "SELECT nextval('ledger_check_numbers')",
        ] {
            let refused = db::execute(read, sql, []).await.unwrap_err().chain();
            assert!(refused.contains("read-only transaction"), "{sql}: {refused}");
        }
        db::execute(autocommit, write, []).await?;
        Ok(())
    })
    .await;
}
