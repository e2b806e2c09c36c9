//! The entities against the migrated schema: a column that only one of them knows is found here, not in production.

use anyhow::{Result, bail};
use it::{sources, with_stores};
use kernel::db::{
    self,
    entity::{self, Table},
};
use sea_orm::{ColumnType, ConnectionTrait, FromQueryResult, TransactionTrait};
use std::collections::BTreeSet;

/// A column: its name, its type in PostgreSQL's words, whether it may be null, whether it is part of the primary key.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, FromQueryResult)]
struct Column {
    name: String,
    data_type: String,
    nullable: bool,
    key: bool,
}

fn tables() -> Vec<Table> {
    [entity::tables(), domain::tables()]
        .into_iter()
        .flatten()
        .collect()
}

fn data_type(of: &ColumnType) -> Result<&'static str> {
    Ok(match of {
        ColumnType::Uuid => "uuid",
        ColumnType::Text | ColumnType::String(_) => "text",
        ColumnType::SmallInteger => "smallint",
        ColumnType::Integer => "integer",
        ColumnType::BigInteger => "bigint",
        ColumnType::Boolean => "boolean",
        ColumnType::Decimal(_) => "numeric",
        ColumnType::Date => "date",
        ColumnType::TimestampWithTimeZone => "timestamp with time zone",
        ColumnType::Json | ColumnType::JsonBinary => "jsonb",
        ColumnType::VarBinary(_) => "bytea",
        other => bail!("no column of the schema is known to be {other:?}"),
    })
}

fn of_entity(table: &Table) -> Result<BTreeSet<Column>> {
    let column = |(name, definition): &(String, sea_orm::ColumnDef)| {
        Ok(Column {
            name: name.clone(),
            data_type: data_type(definition.get_column_type())?.to_owned(),
            nullable: definition.is_null(),
            key: table.key.contains(name),
        })
    };
    table.columns.iter().map(column).collect()
}

const OF_SCHEMA: &str = "
    SELECT found.column_name::text AS name, found.data_type::text, found.is_nullable = 'YES' AS nullable,
           EXISTS (SELECT FROM information_schema.table_constraints AS rule
                   JOIN information_schema.key_column_usage AS part USING (constraint_schema, constraint_name)
                   WHERE rule.table_schema = found.table_schema AND rule.table_name = found.table_name
                     AND rule.constraint_type = 'PRIMARY KEY' AND part.column_name = found.column_name) AS key
    FROM information_schema.columns AS found
    WHERE found.table_schema = 'public' AND found.table_name = $1";

/// The columns that an entity and its table do not have in common.
async fn differences(conn: &impl ConnectionTrait) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for table in tables() {
        let schema: Vec<Column> = db::fetch_all(conn, OF_SCHEMA, [table.name.as_str().into()]).await?;
        let (schema, entity) = (BTreeSet::from_iter(schema), of_entity(&table)?);
        let name = &table.name;
        found.extend(
            schema
                .difference(&entity)
                .map(|column| format!("{name} has {column:?}")),
        );
        found.extend(
            entity
                .difference(&schema)
                .map(|column| format!("{name} has no {column:?}")),
        );
    }
    Ok(found)
}

#[tokio::test]
async fn entities_have_the_columns_of_their_tables() {
    with_stores(async |stores| {
        let found = differences(stores.context.db.autocommit()).await?;
        assert!(found.is_empty(), "{found:#?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_difference_is_found() {
    with_stores(async |stores| {
        let conn = stores.context.db.begin().await?;
        for (change, columns) in [
            ("ALTER TABLE robots ADD COLUMN weight integer", 1),
            ("ALTER TABLE robots DROP COLUMN wechat_no", 1),
            ("ALTER TABLE robots ALTER COLUMN channel SET NOT NULL", 2),
            ("ALTER TABLE robots ALTER COLUMN count_threshold TYPE bigint", 2),
            (
                "ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey",
                4,
            ),
        ] {
            let attempt = conn.begin().await?;
            db::execute(&attempt, change, []).await?;
            let found = differences(&attempt).await?;
            assert_eq!(found.len(), columns, "{change}: {found:#?}");
            attempt.rollback().await?;
        }
        Ok(conn.rollback().await?)
    })
    .await;
}

#[test]
fn every_entity_is_in_the_tables_of_its_crate() {
    let of_crates = ["shared/kernel", "shared/domain"].map(|folder| {
        let sources = sources::read_crate(&stack::checkout().unwrap().join(folder)).unwrap();
        sources.values().filter(|source| source.is_entity).count()
    });
    assert_eq!(of_crates, [entity::tables().len(), domain::tables().len()]);
}
