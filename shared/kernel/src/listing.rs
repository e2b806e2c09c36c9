//! Lists for people: one page of the rows, and how many there are.

use super::db;
use super::error::Result;
use super::page::{Page, Paged};
use sea_orm::{ConnectionTrait, FromQueryResult, PaginatorTrait, SelectorTrait, Value};

/// One page of what a query of entities finds. Its order must tell any two rows apart, or pages overlap.
///
/// # Errors
/// What PostgreSQL says.
pub async fn page<'db, C, Q>(
    conn: &'db C,
    query: Q,
    page: Page,
) -> Result<Paged<<Q::Selector as SelectorTrait>::Item>>
where
    C: ConnectionTrait,
    Q: PaginatorTrait<'db, C>,
{
    let pages = query.paginate(conn, page.size.into());
    let info = page.info(pages.num_items().await?);
    let rows = pages.fetch_page(page.current.into()).await?;
    Ok(Paged { rows, info })
}

/// What is listed where it takes SQL by hand. `from` holds the conditions and every one of the values; all three are the
/// program's own text.
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
