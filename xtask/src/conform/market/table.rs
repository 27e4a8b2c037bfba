//! Tables of the scenarios: text with `;` between columns.
//!
//! What comes in: a file. What goes out: rows by column. A byte order mark and columns that begin with `#comment` are not
//! part of the data. Nothing here knows what a column means, except for how two ways of writing it are told to be equal.

use std::{collections::BTreeMap, fs, path::Path};

use jiff::Timestamp;
use tidstro_model::{CheckDigit, Decimal, Gln, Gsrn, Interval};

/// A row: its value by column.
pub(super) type Row = BTreeMap<String, String>;

/// Why a scenario cannot be read: file, row and column.
pub(super) type Fault = String;

/// Rows of a file with their columns.
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

impl Table {
    /// The table of a file; an empty one if there is no such file.
    pub(super) fn read(path: &Path) -> Result<Self, Fault> {
        if !path.exists() {
            return Ok(Self { columns: Vec::new(), rows: Vec::new() });
        }
        let text = fs::read_to_string(path).map_err(|fault| format!("`{}`: {fault}", path.display()))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
        let header: Vec<String> = lines.next().unwrap_or_default().split(';').map(str::to_owned).collect();
        let named = |line: &str| {
            let columns = header.iter().zip(line.split(';')).filter(|(column, _)| !column.starts_with('#'));
            columns.map(|(column, value)| (column.clone(), value.trim().to_owned())).collect()
        };
        let rows = lines.map(named).collect();
        let columns = header.iter().filter(|column| !column.starts_with('#')).cloned().collect();
        Self { columns, rows }
    }
}

/// The text of a column; empty if the row has none.
pub(super) fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).map_or("", String::as_str)
}

/// What a column says, read by `read`.
pub(super) fn read<T>(row: &Row, column: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
    let value = text(row, column);
    read(value).ok_or_else(|| format!("column `{column}` has `{value}`"))
}

/// The same, or none where the column is empty.
pub(super) fn read_if<T>(
    row: &Row,
    column: &str,
    reader: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Fault> {
    if text(row, column).is_empty() { Ok(None) } else { read(row, column, reader).map(Some) }
}

/// An instant; calculation arguments write it without zone letter.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let text = text.replace(' ', "T");
    let text = if text.ends_with('Z') { text } else { format!("{text}Z") };
    text.parse().ok()
}

/// The time from one column to another; an empty end is open.
pub(super) fn span(row: &Row, from: &str, to: &str) -> Result<Interval, Fault> {
    let start = read(row, from, instant)?;
    let end = read_if(row, to, instant)?.unwrap_or(Timestamp::MAX);
    Interval::new(start, end).map_err(|fault| format!("column `{to}`: {fault}"))
}

/// An id of a point. Scenario ids have 18 digits and mostly no right check digit.
pub(super) fn gsrn(text: &str) -> Option<Gsrn> {
    Gsrn::parse(text.as_bytes(), CheckDigit::Ignored).ok()
}

/// An id of a party.
pub(super) fn gln(text: &str) -> Option<Gln> {
    Gln::parse(text.as_bytes(), CheckDigit::Ignored).ok()
}

/// A number as a count of `10^exponent`.
pub(super) fn steps(exponent: i8) -> impl Fn(&str) -> Option<i64> {
    move |text| Decimal::parse(text.as_bytes()).ok()?.in_steps_of(exponent)
}

/// `true` or `false`, in any case.
pub(super) fn flag(text: &str) -> Option<bool> {
    text.to_lowercase().parse().ok()
}

/// A row of these columns.
pub(super) fn row<const N: usize>(columns: [(&str, String); N]) -> Row {
    columns.into_iter().map(|(column, value)| (column.to_owned(), value)).collect()
}

/// The text of a value that may be absent.
pub(super) fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A count of `10^exponent` as a number.
pub(super) fn number(count: i64, exponent: i8) -> String {
    Decimal::new(count, exponent).to_string()
}

/// A value in the one form in which equal values are equal text.
pub(super) fn canonical(column: &str, value: &str) -> String {
    match column {
        "quantity" | "price" | "charge_price" | "amount" => Decimal::parse(value.as_bytes())
            .map_or_else(|_| value.to_owned(), |number| number.normalised().to_string()),
        "calculation_version" => value.parse::<u64>().map_or_else(|_| value.to_owned(), |no| no.to_string()),
        "is_tax" => value.to_lowercase(),
        _ if column.ends_with("qualities") => {
            let mut qualities: Vec<&str> = value.split(|c: char| !c.is_alphabetic()).collect();
            qualities.retain(|quality| !quality.is_empty());
            qualities.sort_unstable();
            qualities.join("+")
        }
        _ => value.to_owned(),
    }
}
