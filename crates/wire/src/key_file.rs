//! Key files: the rows of a table under a header, or the tables of a TOML file.
//!
//! What comes in: the text of the file. What goes out: its rows with their lines, as slices of it, or a fault with its
//! line. Never: the text of a key in a fault.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::{CsvField, csv_fields};

/// What a kind of key file has.
#[derive(Debug, Clone, Copy)]
pub struct KeyColumns<const N: usize> {
    /// The columns of the table, as its header names them.
    pub names: [&'static str; N],
    /// How many of them the short form has; the others may be left out together.
    pub short: usize,
    /// The name of a table in TOML.
    pub table: &'static str,
}

/// Why a key file was refused. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyTableFault {
    /// Neither TOML with tables of keys nor CSV with the header.
    #[error(
        "line {line}: neither a `[[{table}]]` table nor the header `{header}`, which may go on with `{more}`; begin the \
         file with one of them"
    )]
    Form {
        /// The line.
        line: usize,
        /// The name of a table in TOML.
        table: &'static str,
        /// The header of the short form.
        header: String,
        /// The columns that may follow.
        more: String,
    },
    /// The TOML is not well formed, or a field is missing, unknown or of another kind.
    #[error("line {line}: {reason}")]
    Toml {
        /// The line.
        line: usize,
        /// The parser's own words; they name the field and never show a value.
        reason: String,
    },
    /// A CSV line with too few or too many fields.
    #[error("line {line}: has {got} fields, expected {expected}, as many as the header")]
    Fields {
        /// The line.
        line: usize,
        /// Fields of the header.
        expected: usize,
        /// Fields found.
        got: usize,
    },
    /// A quote inside a field, or one that stays open: no meter and no key has one.
    #[error(
        "line {line}: column {column} has a quote inside, or one that is not closed; write the field without it"
    )]
    Quote {
        /// The line.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A day is none.
    #[error("line {line}: {field} `{text}` is not a local day; write it as `2026-01-31`")]
    Day {
        /// The line.
        line: usize,
        /// `from` or `to`.
        field: &'static str,
        /// The text, cut.
        text: String,
    },
    /// A key that ends before it begins.
    #[error("line {line}: `to` does not lie after `from`; a key holds at least one day")]
    Days {
        /// The line.
        line: usize,
    },
}

/// A key file, told apart by the first line that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFile<'t, const N: usize> {
    /// The rows of a table, each with its line; what the short form leaves out is empty.
    Rows(Vec<(usize, [&'t str; N])>),
    /// TOML, to be read by [`key_tables`].
    Tables(&'t str),
}

/// Reads the rows of a key file; lines that are empty or begin with `#` say nothing.
///
/// # Errors
/// [`KeyTableFault::Form`], [`KeyTableFault::Fields`] and [`KeyTableFault::Quote`].
pub fn key_file<'t, const N: usize>(
    text: &'t str,
    columns: &KeyColumns<N>,
) -> Result<KeyFile<'t, N>, KeyTableFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = (1..).zip(text.lines().map(str::trim));
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let Some((line, first)) = lines.next() else { return Ok(KeyFile::Rows(Vec::new())) };
    match header(first, columns) {
        Some((separator, expected)) => lines
            .map(|(line, row)| fields(line, row, separator, expected))
            .collect::<Result<_, _>>()
            .map(KeyFile::Rows),
        None if first.starts_with('[') || first.starts_with(columns.table) => Ok(KeyFile::Tables(text)),
        None => Err(form_fault(line, columns)),
    }
}

/// The separator and how many columns follow it, if the line is a header.
fn header<const N: usize>(line: &str, columns: &KeyColumns<N>) -> Option<(u8, usize)> {
    [b',', b';'].into_iter().find_map(|separator| {
        let names = csv_fields(line, separator).ok()?;
        let names = names.iter().map(|name| name.text.to_ascii_lowercase());
        let is = |count: &usize| names.clone().eq(columns.names.iter().take(*count).map(ToString::to_string));
        Some((separator, [columns.short, N].into_iter().find(is)?))
    })
}

fn form_fault<const N: usize>(line: usize, columns: &KeyColumns<N>) -> KeyTableFault {
    let (short, more) = columns.names.split_at_checked(columns.short).unwrap_or((&columns.names, &[]));
    KeyTableFault::Form { line, table: columns.table, header: short.join(","), more: more.join(",") }
}

fn fields<const N: usize>(
    line: usize,
    row: &str,
    separator: u8,
    expected: usize,
) -> Result<(usize, [&str; N]), KeyTableFault> {
    let fields =
        csv_fields(row, separator).map_err(|quote| KeyTableFault::Quote { line, column: quote.column })?;
    let got = fields.len();
    if got != expected {
        return Err(KeyTableFault::Fields { line, expected, got });
    }
    let texts =
        (1..).zip(&fields).map(|(column, field)| slice(field).ok_or(KeyTableFault::Quote { line, column }));
    let mut texts = texts.collect::<Result<Vec<_>, _>>()?.into_iter();
    Ok((line, [(); N].map(|()| texts.next().unwrap_or_default())))
}

/// The text of a field where it stands: a key is not copied.
const fn slice<'t>(field: &CsvField<'t>) -> Option<&'t str> {
    match field.text {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(_) => None,
    }
}

/// The tables of a TOML file of keys.
pub trait KeyTables: DeserializeOwned {
    /// What one table says.
    type Table;

    /// The tables in their order.
    fn tables(self) -> Vec<Spanned<Self::Table>>;
}

/// Reads the tables of a TOML file, each with the line it begins on.
///
/// # Errors
/// [`KeyTableFault::Toml`].
pub fn key_tables<F: KeyTables>(text: &str) -> Result<Vec<(usize, F::Table)>, KeyTableFault> {
    let line_of = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    let file: F = toml::from_str(text).map_err(|fault: toml::de::Error| {
        let line = fault.span().map_or(1, |span| line_of(span.start));
        // `message` leaves out the excerpt of the source, which may be a key.
        KeyTableFault::Toml { line, reason: fault.message().to_owned() }
    })?;
    let with_line = |table: Spanned<F::Table>| (line_of(table.span().start), table.into_inner());
    Ok(file.tables().into_iter().map(with_line).collect())
}

/// From when to when a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first local day it holds; `None` for ever so long ago.
    pub from: Option<Date>,
    /// The first local day it no longer holds; `None` where no end is known.
    pub to: Option<Date>,
}

impl Validity {
    /// Reads two local days; an empty one is open.
    ///
    /// # Errors
    /// [`KeyTableFault::Day`] and [`KeyTableFault::Days`].
    pub fn parse(from: &str, to: &str, line: usize) -> Result<Self, KeyTableFault> {
        let (from, to) = (day(from, "from", line)?, day(to, "to", line)?);
        if to.is_some_and(|to| from.is_some_and(|from| to <= from)) {
            return Err(KeyTableFault::Days { line });
        }
        Ok(Self { from, to })
    }
}

fn day(text: &str, field: &'static str, line: usize) -> Result<Option<Date>, KeyTableFault> {
    if text.is_empty() {
        return Ok(None);
    }
    // A clock time beside the day would be dropped in silence.
    let read = text.parse().ok().filter(|_| text.len() == "2026-01-31".len());
    read.map(Some).ok_or_else(|| KeyTableFault::Day { line, field, text: cut(text) })
}

/// The first 40 characters: as much as a fault repeats.
#[must_use]
pub fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const COLUMNS: KeyColumns<3> = KeyColumns { names: ["meter", "key", "from"], short: 2, table: "key" };

    #[test]
    fn rows_have_their_lines_and_all_columns() {
        let text = "\u{feff}# spare\n Meter ; key\n\nA1;\"00\"\n";
        assert_eq!(key_file(text, &COLUMNS), Ok(KeyFile::Rows(vec![(4, ["A1", "00", ""])])));
        let long = "meter,key,from\nA1,00,2026-01-31\n";
        assert_eq!(key_file(long, &COLUMNS), Ok(KeyFile::Rows(vec![(2, ["A1", "00", "2026-01-31"])])));
        assert_eq!(key_file("\n# none\n", &COLUMNS), Ok(KeyFile::Rows(Vec::new())));
        assert_eq!(key_file("[[key]]\n", &COLUMNS), Ok(KeyFile::Tables("[[key]]\n")));
    }

    #[test]
    fn faults_say_what_was_expected() {
        let fault = key_file("\nhello", &COLUMNS).unwrap_err().to_string();
        assert!(
            fault.starts_with("line 2: neither a `[[key]]` table nor the header `meter,key`, which"),
            "{fault}"
        );
        assert!(fault.contains("go on with `from`"), "{fault}");
        let fault = key_file("meter,key\nA1,00,7", &COLUMNS).unwrap_err();
        assert_eq!(fault, KeyTableFault::Fields { line: 2, expected: 2, got: 3 });
        for row in ["A1;\"00", "A1;\"0\"\"0\""] {
            let fault = key_file(&format!("meter;key\n{row}"), &COLUMNS).unwrap_err();
            assert_eq!(fault, KeyTableFault::Quote { line: 2, column: 2 });
        }
    }

    #[test]
    fn a_key_holds_at_least_a_day() {
        let open = Validity { from: Some(date(2026, 1, 31)), to: None };
        assert_eq!(Validity::parse("2026-01-31", "", 1), Ok(open));
        assert_eq!(Validity::parse("2026-01-31", "2026-01-31", 7), Err(KeyTableFault::Days { line: 7 }));
        assert!(matches!(
            Validity::parse("", "2026-01-31T00", 1),
            Err(KeyTableFault::Day { field: "to", .. })
        ));
    }
}
