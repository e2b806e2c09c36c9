//! Paging: zero-based `current_page`, `page_size` 20 unless told.

use super::error::{Error, Result};

/// The furthest page; with the largest pages there are, its rows are still counted in 32 bits.
pub const FURTHEST: u32 = 1_000_000;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Zero-based.
    pub current: u32,
    /// Rows a page, 1 to the list's largest.
    pub size: u32,
}

/// What the client is told about the whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct PageInfo {
    /// Zero-based.
    pub current_page: u32,
    /// Rows a page.
    pub page_size: u32,
    /// Number of pages, rounded up.
    pub total_page: u64,
    /// Number of rows.
    pub total_records: u64,
}

impl Page {
    /// Checks what the client asked for.
    ///
    /// # Errors
    /// 1403 naming `page_size` or `current_page`.
    pub fn new(current: Option<u32>, size: Option<u32>, largest: u32) -> Result<Self> {
        let (current, size) = (current.unwrap_or(0), size.unwrap_or(20));
        if size == 0 || size > largest {
            return Err(Error::params("page_size", format!("must be from 1 to {largest}")));
        }
        if current > FURTHEST {
            return Err(Error::params(
                "current_page",
                format!("must be from 0 to {FURTHEST}"),
            ));
        }
        Ok(Page { current, size })
    }

    /// Rows to skip.
    pub fn offset(self) -> i64 {
        i64::from(self.current) * i64::from(self.size)
    }

    /// Rows to take.
    pub fn limit(self) -> i64 {
        i64::from(self.size)
    }

    /// The page's place in a list of so many rows.
    pub fn info(self, total_records: u64) -> PageInfo {
        PageInfo {
            current_page: self.current,
            page_size: self.size,
            total_page: total_records.div_ceil(u64::from(self.size)),
            total_records,
        }
    }
}

/// One page of a list and the list's size.
#[derive(Debug)]
pub struct Paged<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where they stand.
    pub info: PageInfo,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_round_up() {
        let page = Page::new(None, None, 100).unwrap();
        assert_eq!(page.info(0).total_page, 0);
        assert_eq!(page.info(20).total_page, 1);
        assert_eq!(page.info(21).total_page, 2);
    }

    #[test]
    fn sizes_out_of_range_name_their_field() {
        assert_eq!(
            Page::new(None, Some(0), 100).unwrap_err().field.as_deref(),
            Some("page_size")
        );
        assert_eq!(
            Page::new(None, Some(101), 100).unwrap_err().field.as_deref(),
            Some("page_size")
        );
        assert_eq!(
            Page::new(Some(u32::MAX), Some(2), 100)
                .unwrap_err()
                .field
                .as_deref(),
            Some("current_page")
        );
    }
}
