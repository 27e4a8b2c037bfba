//! Tables of a scenario: text with semicolons, the first line names the columns, `#` begins a remark.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

/// One row, by column.
pub(crate) type Row = BTreeMap<String, String>;

/// The rows of a file; none if it is not there.
pub(crate) fn table(path: &Path) -> Vec<Row> {
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let header: Vec<&str> = lines.next().unwrap().split(';').collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(';').collect();
        assert_eq!(cells.len(), header.len(), "{}: `{line}` has another number of columns", path.display());
        header.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), cell.trim().to_owned())).collect()
    };
    lines.map(row).collect()
}

/// A cell; empty if there is no such column.
pub(crate) fn cell<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).map_or("", String::as_str)
}

/// A local time with its offset.
pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|fault| panic!("`{text}` is no local time with its offset: {fault}"))
}

/// A local day.
pub(crate) fn day(text: &str) -> jiff::civil::Date {
    text.parse().unwrap_or_else(|fault| panic!("`{text}` is no day: {fault}"))
}
