//! `{code, data, msg, page_info?}`: the form of every answer, good or bad.

use super::error::Refusal;
use kernel::code::Code;
use kernel::page;
use poem_openapi::Object;
use poem_openapi::payload::Json;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ToJSON, Type};
use serde_json::{Value, json};
use std::borrow::Cow;

/// What a handler returns; `CODES` are those it refuses with, see [`codes`](super::codes::codes).
pub type Answer<T, const CODES: u64 = 0> = Result<Json<Envelope<T>>, Refusal<CODES>>;

/// The same with a page of a list.
pub type PageOf<T, const CODES: u64 = 0> = Result<Json<Envelope<T, true>>, Refusal<CODES>>;

/// A good answer; `PAGED` when rows in it are a page of a list.
#[derive(Debug)]
pub struct Envelope<T, const PAGED: bool = false> {
    data: Option<T>,
    page_info: Option<PageInfo>,
}

impl<T: Type, const PAGED: bool> Type for Envelope<T, PAGED> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        format!("envelope_{}", T::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
        let code = MetaSchema {
            description: Some("Done."),
            enum_items: vec![Code::ServiceSuccess.number().into()],
            ..MetaSchema::new("integer")
        };
        let msg = MetaSchema {
            description: Some("A sentence for people."),
            ..MetaSchema::new("string")
        };
        let mut properties = vec![
            ("code", inline(code)),
            ("data", T::schema_ref()),
            ("msg", inline(msg)),
        ];
        if PAGED {
            properties.push(("page_info", PageInfo::schema_ref()));
        }
        inline(MetaSchema {
            required: properties.iter().map(|(name, _)| *name).collect(),
            properties,
            ..MetaSchema::new("object")
        })
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
        PageInfo::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: ToJSON, const PAGED: bool> ToJSON for Envelope<T, PAGED> {
    fn to_json(&self) -> Option<Value> {
        let mut envelope = json!({
            "code": Code::ServiceSuccess.number(),
            "data": self.data.as_ref().and_then(ToJSON::to_json),
            "msg": "",
        });
        if let Some(info) = &self.page_info {
            envelope["page_info"] = info.to_json().unwrap_or_default();
        }
        Some(envelope)
    }
}

/// An answer that says what went wrong.
#[derive(Debug, Object)]
pub struct Problem {
    /// The business code.
    pub code: u16,
    /// What is known beyond the code. With 1409 it is what the first request was answered with.
    pub data: Option<ProblemData>,
    /// A sentence for people; clients go by code, field and reason.
    pub msg: String,
}

kernel::named! {
    /// Which of several reasons a code was answered for.
    pub enum ProblemReason {
        /// 1600: there are no robots at all.
        NoneRegistered = "none_registered",
        /// 1600: there are robots, but neither of the channel nor general ones.
        NoRobotOfChannel = "no_robot_of_channel",
        /// 1600: robots are blocked or set aside.
        NoneAllocatable = "none_allocatable",
        /// 1600: robots are bound to as many groups as they may be.
        LifetimeUsedUp = "lifetime_used_up",
        /// 1600: robots were taken out for today.
        AllRemoved = "all_removed",
        /// 1600: today's activations are used up.
        ActivationsUsedUp = "activations_used_up",
        /// 1600: today's displays are used up.
        DisplaysUsedUp = "displays_used_up",
        /// 2501: WeChat does not know the code.
        BadCode = "bad_code",
        /// 2501: WeChat tells no union_id.
        NoUnionId = "no_union_id",
        /// 3004: the account is blocked.
        Blocked = "blocked",
        /// 3004: the account has never logged in with WeChat.
        NoWechat = "no_wechat",
    }
}

/// What is known of a problem beyond its code.
#[derive(Debug, Object)]
pub struct ProblemData {
    /// The input at fault.
    #[oai(skip_serializing_if_is_none)]
    pub field: Option<String>,
    /// Which of several reasons it was.
    #[oai(skip_serializing_if_is_none)]
    pub reason: Option<ProblemReason>,
    /// With 2301: wrong tries before the code is void.
    #[oai(skip_serializing_if_is_none)]
    pub tries_left: Option<u32>,
    /// With 2002: what was asked for or paid this month, yuan.
    #[oai(skip_serializing_if_is_none)]
    pub month_used: Option<kernel::money::Money>,
    /// With 2002: what a month may have without an ID card, yuan.
    #[oai(skip_serializing_if_is_none)]
    pub month_limit: Option<kernel::money::Money>,
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
#[derive(Debug)]
pub struct Nothing;

impl Type for Nothing {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "nothing".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            nullable: true,
            enum_items: vec![Value::Null],
            ..MetaSchema::new("object")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ToJSON for Nothing {
    fn to_json(&self) -> Option<Value> {
        Some(Value::Null)
    }
}

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
pub fn answer<T: ToJSON, const CODES: u64>(data: T) -> Answer<T, CODES> {
    Ok(Json(Envelope {
        data: Some(data),
        page_info: None,
    }))
}

/// A good answer with nothing in it.
///
/// # Errors
/// Never; the type is what handlers return.
pub fn done<const CODES: u64>() -> Answer<Nothing, CODES> {
    answer(Nothing)
}

/// One page of a list.
///
/// # Errors
/// Never; the type is what handlers return.
pub fn paged<R, T: From<R> + ToJSON, const CODES: u64>(page: page::Paged<R>) -> PageOf<Vec<T>, CODES> {
    answer_page(page.rows.into_iter().map(T::from).collect(), page.info)
}

/// A good answer of which one part is a page of a list.
///
/// # Errors
/// Never; the type is what handlers return.
pub fn answer_page<T: ToJSON, const CODES: u64>(data: T, info: page::PageInfo) -> PageOf<T, CODES> {
    Ok(Json(Envelope {
        data: Some(data),
        page_info: Some(info.into()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::robot::Shortage;
    use domain::withdrawal::Unpayable;

    #[test]
    fn the_rooms_reasons_are_described() {
        let reasons =
            (Shortage::ALL.map(Shortage::name).into_iter()).chain(Unpayable::ALL.map(Unpayable::name));
        for reason in reasons {
            assert!(ProblemReason::of_name(reason).is_some(), "{reason}");
        }
    }
}
