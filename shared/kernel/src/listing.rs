//! Lists for people: one page of the rows, and how many there are.

use super::dates::DateFilter;
use super::db;
use super::error::Result;
use super::page::{Page, Paged};
use sea_orm::{ConnectionTrait, FromQueryResult, PaginatorTrait, SelectorTrait, Value};

/// One page of what a query of entities finds. Its order must tell any two rows apart, or pages overlap.
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

/// What must hold of the rows. Only what is asked for gets into the statement, so that PostgreSQL plans for that; and only
/// text of the program's own, for nothing else is `'static`.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    text: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Holds of every row.
    #[must_use]
    pub fn always(mut self, sql: &'static str) -> Self {
        self.text.push(sql.to_owned());
        self
    }

    /// Where there is a value; `{}` stands for it.
    #[must_use]
    pub fn when(mut self, sql: &'static str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.values.push(value.into());
            self.text
                .push(sql.replace("{}", &format!("${}", self.values.len())));
        }
        self
    }

    /// Where there are dates: `{}` stands for the first instant in them in `since`, and for the first after them in `until`.
    #[must_use]
    pub fn between(self, since: &'static str, until: &'static str, dates: DateFilter) -> Self {
        self.when(since, dates.since()).when(until, dates.until())
    }

    /// What comes after FROM, with the tables.
    pub fn of(&self, tables: &str) -> String {
        match self.text.is_empty() {
            true => tables.to_owned(),
            false => format!("{tables} WHERE {}", self.text.join(" AND ")),
        }
    }
}

/// What is listed where it takes SQL by hand. All three are the program's own text.
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
    /// One page of it; `from` has the conditions, and every one of the values.
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

    /// One page of the rows of which these hold.
    pub async fn page_where<T: FromQueryResult>(
        self,
        conn: &impl ConnectionTrait,
        conditions: Conditions,
        page: Page,
    ) -> Result<Paged<T>> {
        let from = conditions.of(self.from);
        let listing = Listing { from: &from, ..self };
        listing.page(conn, conditions.values, page).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_is_a_condition() {
        let conditions = Conditions::default()
            .when("a = {}", None::<String>)
            .when("b = {}", Some(1))
            .always("c")
            .when("lower({}) = d", Some("x".to_owned()));
        assert_eq!(conditions.of("t"), "t WHERE b = $1 AND c AND lower($2) = d");
        assert_eq!(conditions.values.len(), 2);
        assert_eq!(Conditions::default().of("t"), "t");
    }
}
