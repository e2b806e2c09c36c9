//! Names of jobs and workers in paths.

use domain::operations::job_catalogue::names;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseFromParameter, ParseResult, Type};
use std::borrow::Cow;

/// What is meant to be the name of a job or a worker; whether it is one, the catalogue says.
pub struct JobName(pub String);

impl Type for JobName {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "job_name".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            enum_items: names().map(Into::into).collect(),
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

impl ParseFromParameter for JobName {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        Ok(JobName(text.to_owned()))
    }
}
