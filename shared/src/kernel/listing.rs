//! Lists for people: one page of the rows, and how many there are.

use super::db;
use super::error::Result;
use super::page::{Page, Paged};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// What is listed. `from` holds the conditions and every one of the values; all three are the program's own text.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    /// After SELECT.
    pub columns: &'a str,
    /// After FROM.
    pub from: &'a str,
    /// After ORDER BY; must tell any two rows apart, or pages overlap.
    pub order: &'a str,
}

impl Listing<'_> {
    /// One page of it.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub async fn page<T: FromQueryResult>(
        self,
        conn: &impl ConnectionTrait,
        mut values: Vec<Value>,
        page: Page,
    ) -> Result<Paged<T>> {
        let Listing { columns, from, order } = self;
        let count = format!("SELECT count(*) FROM {from}");
        let total: i64 = db::fetch_scalar(conn, &count, values.clone()).await?.unwrap_or(0);
        let (limit, offset) = (values.len() + 1, values.len() + 2);
        let sql = format!("SELECT {columns} FROM {from} ORDER BY {order} LIMIT ${limit} OFFSET ${offset}");
        values.extend([page.limit().into(), page.offset().into()]);
        Ok(Paged {
            rows: db::fetch_all(conn, &sql, values).await?,
            info: page.info(u64::try_from(total).unwrap_or(0)),
        })
    }
}
