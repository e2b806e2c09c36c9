//! What a server acknowledged is there after it was killed with -9.

use anyhow::{Context, Result};
use lapin::options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Connection, ConnectionProperties};
use sqlx::{Connection as _, PgConnection};
use stack::{Options, Stack, provision};

use crate::folder::Folder;

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9_and_a_second_start() -> Result<()> {
    let folder = Folder::new(0o755);
    let servers = provision::provision(&|_| ()).await?;
    let mut stack = Stack::start(folder.path(), &servers, Options::small()).await?;
    let first = stack.endpoints();
    insert(&stack, 1).await?;
    publish(&stack, b"before the kill").await?;

    stack.postgres.kill9();
    stack.redis.kill9();
    stack.rabbitmq.kill9();
    assert!(
        PgConnection::connect(&stack.postgres.url("postgres"))
            .await
            .is_err(),
        "it still answers"
    );
    tokio::try_join!(
        stack.postgres.start(),
        stack.redis.start(),
        stack.rabbitmq.start()
    )?;
    assert_eq!(stack.endpoints(), first);
    insert(&stack, 2).await?;
    assert_eq!(rows(&stack).await?, [1, 2]);

    let second_in_the_same_folder = Stack::start(folder.path(), &servers, Options::small()).await;
    assert!(
        second_in_the_same_folder
            .unwrap_err()
            .to_string()
            .contains("run already")
    );

    stack.stop().await?;
    let stack = Stack::start(folder.path(), &servers, Options::small()).await?;
    assert_eq!(stack.endpoints(), first, "ports and passwords are remembered");
    assert_eq!(rows(&stack).await?, [1, 2]);
    assert_eq!(get(&stack).await?.as_deref(), Some(&b"before the kill"[..]));
    stack.stop().await
}

#[tokio::test]
async fn postgres_runs_below_a_folder_that_only_we_can_enter() -> Result<()> {
    let folder = Folder::new(0o700);
    let servers = provision::provision(&|_| ()).await?;
    let mut stack = Stack::start(&folder.path().join("below"), &servers, Options::small()).await?;
    insert(&stack, 1).await?;
    stack.postgres.kill9();
    stack.postgres.start().await?;
    stack.postgres.restart().await?;
    assert_eq!(rows(&stack).await?, [1]);
    let mut connection = PgConnection::connect(&stack.postgres.url("postgres")).await?;
    for (setting, expected) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
        ("listen_addresses", "127.0.0.1"),
    ] {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut connection)
            .await?;
        assert_eq!(value, expected, "{setting}");
    }
    stack.stop().await
}

async fn insert(stack: &Stack, number: i32) -> Result<()> {
    let mut connection = PgConnection::connect(&stack.postgres.url("postgres")).await?;
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS survivor (number int)")
        .execute(&mut connection)
        .await?;
    sqlx::query("INSERT INTO survivor VALUES ($1)")
        .bind(number)
        .execute(&mut connection)
        .await?;
    Ok(())
}

async fn rows(stack: &Stack) -> Result<Vec<i32>> {
    let mut connection = PgConnection::connect(&stack.postgres.url("postgres")).await?;
    Ok(sqlx::query_scalar("SELECT number FROM survivor ORDER BY 1")
        .fetch_all(&mut connection)
        .await?)
}

const QUEUE: &str = "survivors";

async fn publish(stack: &Stack, body: &[u8]) -> Result<()> {
    let connection = Connection::connect(&stack.rabbitmq.url("/"), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let durable = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(QUEUE.into(), durable, FieldTable::default())
        .await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let persistent = BasicProperties::default().with_delivery_mode(2);
    let options = BasicPublishOptions::default();
    let confirmation = channel
        .basic_publish("".into(), QUEUE.into(), options, body, persistent)
        .await?
        .await?;
    assert!(confirmation.is_ack());
    Ok(connection.close(200, "done".into()).await?)
}

async fn get(stack: &Stack) -> Result<Option<Vec<u8>>> {
    let connection = Connection::connect(&stack.rabbitmq.url("/"), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let message = channel
        .basic_get(QUEUE.into(), BasicGetOptions::default())
        .await
        .context("basic.get")?;
    Ok(message.map(|message| message.delivery.data))
}
