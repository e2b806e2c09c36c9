//! A list taken away as a file: the rows that its filters find, in its order, with what the list itself shows.

mod csv_file;
mod order;
mod table;
mod xlsx_file;

pub use order::ExportOrder;
pub use table::{Column, Table, amount, instant, plain};

use super::codes::codes;
use super::error::Refusal;
use crate::app_state::AppState;
use domain::identity::Operator;
use domain::identity::Permission;
use domain::operations;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::page::{Page, Paged};
use order::Format;
use poem::http::header;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use std::future::Future;
use tokio::sync::{Semaphore, SemaphorePermit};

/// What a handler of an export returns; `CODES` are those it refuses with beyond those of any export.
pub type Export<const CODES: u64 = { codes(&[Code::TooManyRequests]) }> =
    std::result::Result<File, Refusal<CODES>>;

/// Rows of a file.
const MOST: u32 = 50_000;

/// The part of a list that an export asks for: one row more than there may be tells that there are too many.
pub const WHOLE: Page = Page {
    current: 0,
    size: MOST + 1,
};

/// Files a process makes at once; a file's rows are in memory until it is made.
const AT_ONCE: usize = 2;

/// Where files are made.
pub struct ExportSlots(Semaphore);

impl Default for ExportSlots {
    fn default() -> Self {
        ExportSlots(Semaphore::new(AT_ONCE))
    }
}

impl ExportSlots {
    fn take(&self) -> Result<SemaphorePermit<'_>> {
        self.0.try_acquire().map_err(|_| Error {
            status: Some(503),
            retry_after: Some(5),
            ..Error::new(
                Code::ServiceUnavailable,
                "too many files are being made, try again later",
            )
        })
    }
}

/// Makes a file of the rows and writes down who took it. Reads outside a transaction.
///
/// # Errors
/// 1401 with HTTP 403 for operators who may not; 1403 when there are too many rows, 1429 when the operator takes too many
/// files, 503 when too many are being made.
pub async fn export<R, T, const CODES: u64>(
    app: &AppState,
    operator: &Operator,
    order: ExportOrder,
    rows: impl Future<Output = Result<Paged<R>>>,
) -> Export<CODES>
where
    R: Send + 'static,
    T: Table + From<R>,
{
    operator.must(Permission::Export)?;
    let _slot = app.export_slots().take()?;
    operations::count_export(app.context(), operator.id).await?;
    let rows = rows.await?.rows;
    let count = rows.len();
    if count > MOST as usize {
        let message = format!("the list has more than {MOST} rows; narrow it down");
        return Err(Error::new(Code::ParamsError, message).into());
    }
    let (format, language) = (order.format, order.language);
    let write = move || {
        let rows = rows.into_iter().filter_map(|row| T::from(row).to_json());
        match format {
            Format::Csv => csv_file::write(T::COLUMNS, language, rows),
            Format::Xlsx => xlsx_file::write(T::COLUMNS, language, rows),
        }
    };
    let content = tokio::task::spawn_blocking(write)
        .await
        .map_err(Error::internal)??;
    operations::record_export(app.context(), operator.id, T::NAME, order.told(count)).await?;
    Ok(File {
        name: format!("{}-{}.{}", T::NAME, app.clock.today(), format.extension()),
        format,
        content,
    })
}

/// A file to keep.
#[derive(Debug)]
pub struct File {
    name: String,
    format: Format,
    content: Vec<u8>,
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(self.format.content_type())
            .header(
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{}\"", self.name),
            )
            .header(header::CACHE_CONTROL, "no-store")
            .body(self.content)
    }
}

impl ApiResponse for File {
    fn meta() -> MetaResponses {
        let media = |format: Format| MetaMediaType {
            content_type: format.content_type(),
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
                example: Some(format.example().into()),
                ..MetaSchema::new_with_format("string", "binary")
            })),
        };
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The file.",
                status: Some(200),
                status_range: None,
                content: Format::ALL.map(media).into(),
                headers: vec![MetaHeader {
                    name: header::CONTENT_DISPOSITION.to_string(),
                    description: Some("What to call the file: the list and the date.".to_owned()),
                    required: true,
                    deprecated: false,
                    schema: String::schema_ref(),
                }],
            }],
        }
    }

    fn register(_: &mut Registry) {}
}
