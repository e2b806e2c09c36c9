//! `{code, data, msg, page_info?}`: the form of every answer, good or bad.

use super::error::Failure;
use kernel::code::Code;
use kernel::page;
use poem_openapi::Object;
use poem_openapi::payload::Json;
use poem_openapi::types::{Any, ParseFromJSON, ToJSON, Type};

/// What a handler returns.
pub type Answer<T> = Result<Json<Envelope<T>>, Failure>;

/// An answer.
#[derive(Debug, Object)]
pub struct Envelope<T: Type + ParseFromJSON + ToJSON> {
    /// 1200 when all went well; see the list of codes.
    pub code: u16,
    /// What was asked for; null when there is nothing.
    pub data: Option<T>,
    /// A sentence for people.
    pub msg: String,
    /// Where the rows stand in the whole list.
    #[oai(skip_serializing_if_is_none)]
    pub page_info: Option<PageInfo>,
}

/// An answer that says what went wrong.
#[derive(Debug, Object)]
pub struct Problem {
    /// The business code.
    pub code: u16,
    /// `field` names the input at fault; some codes carry more.
    pub data: Option<Any<serde_json::Value>>,
    /// A sentence for people.
    pub msg: String,
}

/// Where the rows stand in the whole list.
#[derive(Debug, Object)]
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

/// The `data` of an answer that has none: always null.
#[derive(Debug, Object)]
pub struct Nothing {}

impl From<page::PageInfo> for PageInfo {
    fn from(info: page::PageInfo) -> Self {
        PageInfo {
            current_page: info.current_page,
            page_size: info.page_size,
            total_page: info.total_page,
            total_records: info.total_records,
        }
    }
}

/// A good answer with something in it.
///
/// # Errors
/// Never; the type is what handlers return.
pub fn answer<T: Type + ParseFromJSON + ToJSON>(data: T) -> Answer<T> {
    Ok(Json(Envelope {
        data: Some(data),
        ..empty()
    }))
}

/// A good answer with nothing in it.
///
/// # Errors
/// Never; the type is what handlers return.
pub fn done() -> Answer<Nothing> {
    Ok(Json(empty()))
}

/// One page of a list.
///
/// # Errors
/// Never; the type is what handlers return.
pub fn paged<R, T: From<R> + Type + ParseFromJSON + ToJSON>(page: page::Paged<R>) -> Answer<Vec<T>> {
    Ok(Json(Envelope {
        data: Some(page.rows.into_iter().map(T::from).collect()),
        page_info: Some(page.info.into()),
        ..empty()
    }))
}

/// A good answer of which one part is a page of a list.
///
/// # Errors
/// Never; the type is what handlers return.
pub fn answer_page<T: Type + ParseFromJSON + ToJSON>(data: T, info: page::PageInfo) -> Answer<T> {
    Ok(Json(Envelope {
        data: Some(data),
        page_info: Some(info.into()),
        ..empty()
    }))
}

fn empty<T: Type + ParseFromJSON + ToJSON>() -> Envelope<T> {
    Envelope {
        code: Code::ServiceSuccess.number(),
        data: None,
        msg: String::new(),
        page_info: None,
    }
}
