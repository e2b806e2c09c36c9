//! Many tests share the servers, each with databases and virtual hosts of its own.

use anyhow::Result;
use futures::future::try_join_all;
use sqlx::{Connection as _, PgConnection};
use stack::{Endpoints, Options, Stack, provision};

use crate::folder::Folder;

#[tokio::test]
async fn many_tests_get_databases_of_their_own_at_once() -> Result<()> {
    let folder = Folder::new(0o755);
    let servers = provision::provision(&|_| ()).await?;
    let stack = Stack::start(folder.path(), &servers, Options::small()).await?;
    let file = folder.path().join("endpoints.json");
    stack.endpoints().write(&file)?;
    let endpoints = Endpoints::read(&file)?;
    assert_eq!(endpoints, stack.endpoints());

    endpoints.create_database("template_of_tests", None).await?;
    let mut connection = PgConnection::connect(&endpoints.postgres.url("template_of_tests")).await?;
    sqlx::raw_sql("CREATE TABLE migrated (id int)")
        .execute(&mut connection)
        .await?;
    // Copies are asked for while somebody is still connected to the template, who leaves a moment later.
    let names: Vec<String> = (0..8).map(|number| format!("test_{number}")).collect();
    let copies = names
        .iter()
        .map(|name| endpoints.create_database(name, Some("template_of_tests")));
    tokio::try_join!(try_join_all(copies), async { Ok(connection.close().await?) })?;
    endpoints.seal_template("template_of_tests").await?;
    assert!(
        PgConnection::connect(&endpoints.postgres.url("template_of_tests"))
            .await
            .is_err()
    );
    endpoints
        .create_database("test_sealed", Some("template_of_tests"))
        .await?;

    let mut copy = PgConnection::connect(&endpoints.postgres.url("test_7")).await?;
    sqlx::raw_sql("INSERT INTO migrated VALUES (1)")
        .execute(&mut copy)
        .await?;
    endpoints.drop_database("test_7").await?;
    endpoints.drop_database("template_of_tests").await?;
    assert!(!endpoints.database_exists("test_7").await? && endpoints.database_exists("test_sealed").await?);
    assert!(
        endpoints.create_database("x\"; DROP", None).await.is_err(),
        "names are checked"
    );

    let numbers = try_join_all((0..5).map(|_| endpoints.allocate_redis_database())).await?;
    assert_eq!(numbers.iter().collect::<std::collections::HashSet<_>>().len(), 5);
    assert!(!numbers.contains(&0));

    endpoints.create_vhost("群/1").await?;
    let url = endpoints.rabbitmq.url("群/1");
    let open = || lapin::Connection::connect(&url, lapin::ConnectionProperties::default());
    open().await?.create_channel().await?;
    endpoints.delete_vhost("群/1").await?;
    assert!(open().await.is_err());
    endpoints.delete_vhost("群/1").await?;
    stack.stop().await
}
