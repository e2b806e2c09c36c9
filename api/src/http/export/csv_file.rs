//! A list as CSV, so that Excel reads it: UTF-8 with a mark at its head, lines that end in CR LF.

use super::table::{Cell, Column, Language, defused};
use csv::{QuoteStyle, Terminator, WriterBuilder};
use kernel::error::{Error, Result};
use serde_json::Value;

/// Without it Excel takes UTF-8 for the system's own encoding.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The file.
///
/// # Errors
/// When it cannot be put together, which is a defect.
pub fn write(columns: &[Column], language: Language, rows: impl Iterator<Item = Value>) -> Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        // Whatever a program takes for a separator, a text stays one cell.
        .quote_style(QuoteStyle::NonNumeric)
        .from_writer(BYTE_ORDER_MARK.to_vec());
    let names = columns.iter().map(|column| column.name(language));
    writer.write_record(names).map_err(Error::internal)?;
    for row in rows {
        let cells = columns.iter().map(|column| text(column.cell(&row, language)));
        writer.write_record(cells).map_err(Error::internal)?;
    }
    writer
        .into_inner()
        .map_err(|error| Error::internal(error.to_string()))
}

fn text(cell: Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => defused(&text),
        Cell::Number(number) => number.to_string(),
        Cell::Amount(amount) => amount,
    }
}
