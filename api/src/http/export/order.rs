//! What kind of file is wanted.

use super::table::Language;
use crate::http::parameters;
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, Enum, ExtractParamOptions};
use serde_json::{Map, Value, json};

/// The kind of file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
#[oai(rename = "ExportFormat", rename_all = "snake_case")]
pub(super) enum Format {
    /// Comma-separated values.
    #[default]
    Csv,
    /// An Excel workbook.
    Xlsx,
}

impl Format {
    pub const ALL: [Format; 2] = [Format::Csv, Format::Xlsx];

    pub fn extension(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// How such a file begins.
    pub fn example(self) -> &'static str {
        match self {
            Format::Csv => "\u{feff}编号,昵称\r\n019a9d2e-7c1f-7a43-9f0e-5d0c3b8a6f10,王芳\r\n",
            Format::Xlsx => "PK",
        }
    }
}

/// `format` and `lang`, and what the file was asked for with.
pub struct ExportOrder {
    pub(super) format: Format,
    pub(super) language: Language,
    path: String,
    filters: Map<String, Value>,
}

/// How much of a filter is written down.
const TOLD: usize = 200;

impl ExportOrder {
    /// For the audit trail.
    pub(super) fn told(self, rows: usize) -> Value {
        json!({ "path": self.path, "format": self.format.extension(), "filters": self.filters, "rows": rows })
    }
}

impl<'a> ApiExtractor<'a> for ExportOrder {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        Format::register(registry);
        Language::register(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let or = |schema: MetaSchemaRef, default: &str| {
            schema.merge(MetaSchema {
                default: Some(default.into()),
                ..MetaSchema::ANY
            })
        };
        Some(parameters::group([
            ("format", "The kind of file.", or(Format::schema_ref(), "csv")),
            (
                "lang",
                "The language of the header, and of yes and no.",
                or(Language::schema_ref(), "zh"),
            ),
        ]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let format = parameters::read(request, body, "format").await?;
        let language = parameters::read(request, body, "lang").await?;
        let query: Vec<(String, String)> = request.params()?;
        let filters = query
            .into_iter()
            .filter(|(name, _)| !matches!(name.as_str(), "format" | "lang"))
            .map(|(name, value)| (cut(&name), cut(&value).into()));
        Ok(ExportOrder {
            format: format.unwrap_or_default(),
            language: language.unwrap_or_default(),
            path: cut(request.original_uri().path()),
            filters: filters.take(32).collect(),
        })
    }
}

fn cut(text: &str) -> String {
    text.chars().take(TOLD).collect()
}
