//! Plain text tables.

use std::fmt;

use super::plain;

/// A table with a header; columns are as wide as their widest cell.
pub(crate) struct Table {
    header: Vec<&'static str>,
    /// Whether a column is set to the right: numbers.
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns; a name that begins with `>` is a column of numbers.
    pub(crate) fn new(columns: &[&'static str]) -> Self {
        Self {
            header: columns.iter().map(|name| name.trim_start_matches('>')).collect(),
            right: columns.iter().map(|name| name.starts_with('>')).collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        // A line feed in a cell would break the row in two.
        let shown = |cell: String| plain(&cell).replace('\n', "\\n");
        self.rows.push(cells.into_iter().map(shown).collect());
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.header.iter().map(|name| name.chars().count()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        widths
    }

    fn line<'c>(
        &self,
        f: &mut fmt::Formatter<'_>,
        cells: impl Iterator<Item = &'c str>,
        widths: &[usize],
    ) -> fmt::Result {
        let mut line = String::new();
        for ((cell, width), right) in cells.zip(widths).zip(&self.right) {
            let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
            let (before, after) = if *right { (gap.as_str(), "") } else { ("", gap.as_str()) };
            line.push_str("  ");
            line.push_str(before);
            line.push_str(cell);
            line.push_str(after);
        }
        writeln!(f, "{}", line.trim_end())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        self.line(f, self.header.iter().copied(), &widths)?;
        let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        self.line(f, rules.iter().map(String::as_str), &widths)?;
        for row in &self.rows {
            self.line(f, row.iter().map(String::as_str), &widths)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_needed() {
        let mut table = Table::new(&["what", ">much"]);
        table.row(vec!["ål".to_owned(), "1.5".to_owned()]);
        table.row(vec!["heat".to_owned(), "12345.0".to_owned()]);
        let expected = "  what     much\n  ────  ───────\n  ål        1.5\n  heat  12345.0\n";
        assert_eq!(table.to_string(), expected);
    }

    #[test]
    fn a_cell_stays_in_its_row() {
        let mut table = Table::new(&["what", ">much"]);
        table.row(vec!["a\nb\u{1b}".to_owned(), "1".to_owned()]);
        assert_eq!(table.to_string().lines().last(), Some("  a\\nb\\u{1b}     1"));
    }
}
