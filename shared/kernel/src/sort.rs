//! What a list is sorted by. A list declares its columns once, with [`sortable!`](crate::sortable): their words in a query, like
//! `sort=-created_at`, and what they are in SQL. Nothing of what a client writes gets into a statement.

use super::openapi::to_json;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromParameter, ParseResult, ToJSON, Type};
use sea_orm::sea_query::{Expr, NullOrdering};
use sea_orm::{Order, QueryOrder};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// The columns a list can be sorted by; declared with [`sortable!`](crate::sortable).
pub trait Sortable: Copy + PartialEq + Send + Sync + 'static {
    /// Every column with its word and its SQL.
    const COLUMNS: &'static [(Self, &'static str, &'static str)];
    /// Unless told otherwise.
    const DEFAULT: Sort<Self>;
    /// SQL of what tells rows apart that are equal in the column.
    const TIES: &'static [&'static str];

    /// Its word and its SQL.
    fn names(self) -> (&'static str, &'static str) {
        let found = Self::COLUMNS.iter().find(|column| column.0 == self);
        found.map_or(("", ""), |(_, word, sql)| (word, sql))
    }
}

/// By which column and in which direction. No two rows are equal in an order, so that pages neither overlap nor leave rows
/// out; what is missing comes last in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<C> {
    /// By what.
    pub by: C,
    /// Largest or newest first.
    pub descending: bool,
}

impl<C: Sortable> Default for Sort<C> {
    fn default() -> Self {
        C::DEFAULT
    }
}

impl<C: Sortable> Sort<C> {
    /// Smallest or oldest first.
    pub const fn ascending(by: C) -> Self {
        Sort {
            by,
            descending: false,
        }
    }

    /// Largest or newest first.
    pub const fn descending(by: C) -> Self {
        Sort { by, descending: true }
    }

    /// What stands after ORDER BY.
    pub fn sql(self) -> String {
        let direction = if self.descending { "DESC" } else { "ASC" };
        let columns = self.columns().map(|(column, nulls)| match nulls {
            Some(_) => format!("{column} {direction} NULLS LAST"),
            None => format!("{column} {direction}"),
        });
        columns.collect::<Vec<_>>().join(", ")
    }

    /// Sorts a query of entities.
    pub fn apply<Q: QueryOrder>(self, query: Q) -> Q {
        let order = if self.descending { Order::Desc } else { Order::Asc };
        self.columns().fold(query, |query, (column, nulls)| match nulls {
            Some(nulls) => query.order_by_with_nulls(Expr::cust(column), order.clone(), nulls),
            None => query.order_by(Expr::cust(column), order.clone()),
        })
    }

    /// Only a column that may be missing says where: an index serves its own order of nulls only, and there are none in others.
    fn columns(self) -> impl Iterator<Item = (&'static str, Option<NullOrdering>)> {
        let sql = self.by.names().1;
        let first = match sql.strip_suffix('?') {
            Some(nullable) => (nullable, Some(NullOrdering::Last)),
            None => (sql, None),
        };
        let ties = C::TIES.iter().filter(move |tie| **tie != first.0);
        std::iter::once(first).chain(ties.map(|tie| (*tie, None)))
    }

    fn all() -> impl Iterator<Item = Self> {
        let columns = C::COLUMNS.iter().map(|column| column.0);
        columns.flat_map(|by| [Sort::ascending(by), Sort::descending(by)])
    }
}

impl<C: Sortable> fmt::Display for Sort<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.descending { "-" } else { "" };
        write!(f, "{sign}{}", self.by.names().0)
    }
}

impl<C: Sortable> Type for Sort<C> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "sort".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            enum_items: Self::all().filter_map(|sort| to_json(&sort)).collect(),
            default: to_json(&C::DEFAULT),
            ..MetaSchema::new("string")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<C: Sortable> ParseFromParameter for Sort<C> {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        let known = Self::all().find(|sort| sort.to_string() == text);
        known.ok_or_else(|| ParseError::custom("not what this list is sorted by"))
    }
}

impl<C: Sortable> ToJSON for Sort<C> {
    fn to_json(&self) -> Option<Value> {
        to_json(self)
    }
}

/// Declares what a list can be sorted by: the order without a wish, what tells equal rows apart, and the columns, each with its
/// word and its SQL. A `?` after the SQL says that it may be null.
///
/// ```
/// use kernel::sort::{Sort, Sortable};
/// kernel::sortable! {
///     /// What shelves are sorted by.
///     pub enum ShelfColumn: descending(BuiltAt), then ["s.id"] {
///         /// When it was built.
///         BuiltAt = "built_at" => "s.built_at",
///         /// When it was painted.
///         PaintedAt = "painted_at" => "s.painted_at?",
///     }
/// }
/// assert_eq!(Sort::<ShelfColumn>::default().to_string(), "-built_at");
/// assert_eq!(Sort::ascending(ShelfColumn::PaintedAt).sql(), "s.painted_at ASC NULLS LAST, s.id ASC");
/// ```
#[macro_export]
macro_rules! sortable {
    (
        $(#[doc = $about:literal])*
        $visibility:vis enum $name:ident: $direction:ident($default:ident), then [$($tie:literal),+] {
            $($(#[doc = $doc:literal])* $variant:ident = $word:literal => $sql:literal),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $visibility enum $name {
            $($(#[doc = $doc])* $variant,)*
        }

        impl $crate::sort::Sortable for $name {
            const COLUMNS: &'static [(Self, &'static str, &'static str)] = &[$(($name::$variant, $word, $sql)),*];
            const DEFAULT: $crate::sort::Sort<Self> = $crate::sort::Sort::$direction($name::$default);
            const TIES: &'static [&'static str] = &[$($tie),+];
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::sortable! {
        /// For tests.
        enum Column: descending(Created), then ["t.id"] {
            /// Never null.
            Created = "created_at" => "t.created_at",
            /// May be null.
            Finished = "finished_at" => "t.finished_at?",
            /// The tie itself.
            Id = "id" => "t.id",
        }
    }

    fn read(text: &str) -> Option<Sort<Column>> {
        Sort::parse_from_parameter(text).ok()
    }

    #[test]
    fn every_order_ends_in_what_tells_rows_apart() {
        let sql = |text: &str| read(text).unwrap().sql();
        assert_eq!(sql("created_at"), "t.created_at ASC, t.id ASC");
        assert_eq!(sql("-finished_at"), "t.finished_at DESC NULLS LAST, t.id DESC");
        assert_eq!(sql("-id"), "t.id DESC");
    }

    #[test]
    fn only_declared_words_are_read() {
        for wrong in [
            "",
            "-",
            "--created_at",
            "Created_at",
            "t.created_at",
            "created_at,id",
            "created_at; DROP TABLE users",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read("-created_at"), Some(Sort::default()));
    }

    #[test]
    fn the_description_names_every_order() {
        let schema = Sort::<Column>::schema_ref();
        let schema = schema.unwrap_inline();
        assert_eq!(schema.enum_items.len(), 6);
        assert_eq!(schema.default, Some("-created_at".into()));
    }
}
