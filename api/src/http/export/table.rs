//! What a list looks like as a file: its columns, declared once beside the list's row, and what stands in their cells.

use chrono::{DateTime, Utc};
use kernel::clock::SHANGHAI;
use poem_openapi::Enum;
use poem_openapi::types::ToJSON;
use serde_json::Value;

/// A row of a list that can be taken away as a file.
pub trait Table: ToJSON + Send + 'static {
    /// What the list is called in names of files and in the audit trail.
    const NAME: &'static str;
    /// Its columns, from the left.
    const COLUMNS: &'static [Column];
}

/// A column: a field of the row as it is in JSON.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The field, which is the column's English name too.
    pub field: &'static str,
    /// Its Chinese name.
    pub chinese: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Plain,
    Amount,
    Instant,
}

/// Text, a whole number, or yes or no, as the field is.
pub const fn plain(field: &'static str, chinese: &'static str) -> Column {
    Column {
        field,
        chinese,
        kind: Kind::Plain,
    }
}

/// A decimal string that people reckon with.
pub const fn amount(field: &'static str, chinese: &'static str) -> Column {
    Column {
        field,
        chinese,
        kind: Kind::Amount,
    }
}

/// An instant, shown as a clock in Shanghai shows it.
pub const fn instant(field: &'static str, chinese: &'static str) -> Column {
    Column {
        field,
        chinese,
        kind: Kind::Instant,
    }
}

/// The language of the header and of yes and no.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
#[oai(rename = "ExportLanguage", rename_all = "snake_case")]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English: the fields' names.
    En,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text, whatever it looks like.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A decimal number.
    Amount(String),
}

impl Column {
    /// What it is called.
    pub fn name(&self, language: Language) -> &'static str {
        match language {
            Language::Zh => self.chinese,
            Language::En => self.field,
        }
    }

    /// Its cell in a row.
    pub fn cell(&self, row: &Value, language: Language) -> Cell {
        match &row[self.field] {
            Value::Null => Cell::Empty,
            Value::Bool(yes) => Cell::Text(yes_or_no(*yes, language).to_owned()),
            Value::Number(number) => match number.as_i64() {
                Some(number) => Cell::Number(number),
                None => Cell::Text(number.to_string()),
            },
            Value::String(text) => self.text(text),
            nested => Cell::Text(nested.to_string()),
        }
    }

    fn text(&self, text: &str) -> Cell {
        match self.kind {
            Kind::Amount if is_decimal(text) => Cell::Amount(text.to_owned()),
            Kind::Instant => match DateTime::parse_from_rfc3339(text) {
                Ok(instant) => Cell::Text(in_shanghai(instant.to_utc())),
                Err(_) => Cell::Text(text.to_owned()),
            },
            _ => Cell::Text(text.to_owned()),
        }
    }
}

fn yes_or_no(yes: bool, language: Language) -> &'static str {
    match (language, yes) {
        (Language::Zh, true) => "是",
        (Language::Zh, false) => "否",
        (Language::En, true) => "yes",
        (Language::En, false) => "no",
    }
}

fn in_shanghai(instant: DateTime<Utc>) -> String {
    let local = instant.with_timezone(&SHANGHAI);
    local.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Digits with at most one point and one minus before them: nothing that a spreadsheet could take for a formula.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    number(whole) && number(places)
}

/// Whether a spreadsheet would take the text for a formula: by its first sign, in any of the widths Chinese keyboards have.
pub fn is_formula(text: &str) -> bool {
    let first = text.chars().next();
    first.is_some_and(|first| "=+-@\t\r\n＝＋－＠".contains(first))
}

/// The text so that no spreadsheet takes it for a formula.
pub fn defused(text: &str) -> String {
    match is_formula(text) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn cells_are_what_the_fields_are() {
        let row =
            json!({ "a": "-5.00", "b": true, "c": null, "d": 7, "e": "2026-11-21T18:00:00Z", "f": ["x"] });
        let cell = |column: Column| column.cell(&row, Language::Zh);
        assert_eq!(cell(amount("a", "")), Cell::Amount("-5.00".into()));
        assert_eq!(cell(plain("a", "")), Cell::Text("-5.00".into()));
        assert_eq!(cell(plain("b", "")), Cell::Text("是".into()));
        assert_eq!(cell(plain("c", "")), Cell::Empty);
        assert_eq!(cell(plain("d", "")), Cell::Number(7));
        assert_eq!(cell(instant("e", "")), Cell::Text("2026-11-22 02:00:00".into()));
        assert_eq!(cell(plain("f", "")), Cell::Text("[\"x\"]".into()));
        assert_eq!(cell(plain("missing", "")), Cell::Empty);
    }

    #[test]
    fn only_true_numbers_are_amounts() {
        let row = json!({ "a": "-1+cmd" });
        assert_eq!(
            amount("a", "").cell(&row, Language::En),
            Cell::Text("-1+cmd".into())
        );
        for no in ["", "-", ".", "1.", ".5", "--1", "1e9", "=1", "1.2.3", "１"] {
            assert!(!is_decimal(no), "{no}");
        }
        for yes in ["0.00", "-12.3456", "7"] {
            assert!(is_decimal(yes), "{yes}");
        }
    }

    proptest! {
        #[test]
        fn no_defused_text_is_a_formula(text in "[=+@\t\r\n＝＋－＠a-]{0,4}.{0,20}") {
            let safe = defused(&text);
            prop_assert!(!is_formula(&safe), "{safe:?}");
            prop_assert!(safe == text || safe.strip_prefix('\'') == Some(&text));
        }

        #[test]
        fn harmless_text_stays(text in "[a-z0-9王芳'\" ,;]{1}.{0,20}") {
            prop_assert_eq!(defused(&text), text);
        }
    }
}
