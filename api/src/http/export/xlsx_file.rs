//! A list as an Excel workbook of one sheet. Rows go to a temporary file as they come, so that a long list needs no more
//! memory than a short one.

use super::table::{Cell, Column, Language, is_formula};
use kernel::error::{Error, Result};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;

/// What Excel takes in a cell, counted in units of UTF-16.
const LONGEST: usize = 32_767;

struct Formats {
    header: Format,
    amount: Format,
    /// Text as if it had been typed after an apostrophe: it stays text when somebody edits the cell.
    quoted: Format,
}

/// The file.
///
/// # Errors
/// When it cannot be put together, which is a defect.
pub fn write(columns: &[Column], language: Language, rows: impl Iterator<Item = Value>) -> Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    let sheet = workbook
        .add_worksheet_with_constant_memory()
        .map_err(Error::internal)?;
    fill(sheet, columns, language, rows).map_err(Error::internal)?;
    workbook.save_to_buffer().map_err(Error::internal)
}

fn fill(
    sheet: &mut Worksheet,
    columns: &[Column],
    language: Language,
    rows: impl Iterator<Item = Value>,
) -> Result<(), XlsxError> {
    let formats = Formats {
        header: Format::new().set_bold(),
        amount: Format::new().set_num_format("0.00####"),
        quoted: Format::new().set_quote_prefix(),
    };
    sheet.set_freeze_panes(1, 0)?;
    for (at, column) in (0..).zip(columns) {
        sheet.write_string_with_format(0, at, column.name(language), &formats.header)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (at, column) in (0..).zip(columns) {
            put(sheet, (line, at), column.cell(&row, language), &formats)?;
        }
    }
    Ok(())
}

fn put(
    sheet: &mut Worksheet,
    (line, at): (u32, u16),
    cell: Cell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) if is_formula(&text) => {
            sheet.write_string_with_format(line, at, cut(text), &formats.quoted)?;
        }
        Cell::Text(text) => {
            sheet.write_string(line, at, cut(text))?;
        }
        // A number that Excel could not show in full stays text.
        Cell::Number(number) => match i32::try_from(number) {
            Ok(number) => {
                sheet.write_number(line, at, number)?;
            }
            Err(_) => {
                sheet.write_string(line, at, number.to_string())?;
            }
        },
        Cell::Amount(amount) => match as_excel_has_it(&amount) {
            Some(number) => {
                sheet.write_number_with_format(line, at, number, &formats.amount)?;
            }
            None => {
                sheet.write_string(line, at, amount)?;
            }
        },
    }
    Ok(())
}

/// An amount as the floating point number that Excel keeps in a cell, which shows at most 15 digits; none where that would
/// be another amount.
fn as_excel_has_it(amount: &str) -> Option<f64> {
    let digits = amount.chars().filter(char::is_ascii_digit);
    let significant = digits.skip_while(|digit| *digit == '0').count();
    (significant <= 15).then(|| amount.parse().ok()).flatten()
}

/// What fits a cell; what is cut ends in an ellipsis.
fn cut(text: String) -> String {
    if text.encode_utf16().count() <= LONGEST {
        return text;
    }
    let mut units = 0;
    let fits = text.chars().take_while(|sign| {
        units += sign.len_utf16();
        units < LONGEST
    });
    fits.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_that_excel_would_change_stays_text() {
        for (amount, number) in [
            ("0.00", Some(0.0)),
            ("-12.34", Some(-12.34)),
            ("0.000001", Some(0.000_001)),
            ("999999999999.99", Some(999_999_999_999.99)),
            ("1234567890.123456", None),
            ("twelve", None),
        ] {
            assert_eq!(as_excel_has_it(amount), number, "{amount}");
        }
    }

    #[test]
    fn a_cell_takes_no_more_than_excel_does() {
        for long in ["a".repeat(40_000), "王".repeat(40_000), "😀".repeat(20_000)] {
            let units = cut(long).encode_utf16().count();
            assert!((LONGEST - 1..=LONGEST).contains(&units), "{units}");
        }
        assert_eq!(cut("a".repeat(LONGEST)), "a".repeat(LONGEST));
    }
}
