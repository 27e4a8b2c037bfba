//! Files of master data: one line in, one statement out; and back.
//!
//! What comes in: the bytes of a CSV file whose header says what its rows are about (`docs/MASTER-DATA.md`), the zone of
//! local days, and whether check digits count. What goes out: each row as a [`MasterRow`] with its line, or a fault that names
//! line, column and reason; a bad row does not spoil its neighbours. And the same rows as text again. It must never guess: an
//! unknown column, a day that does not exist or a fourth decimal are faults. A fault never repeats what may be about a person.

mod charges;
mod fault;
mod field;
mod kind;
mod profiles;
mod rows;
mod weather;
mod write;

pub use fault::{FieldFault, MasterFileFault, MasterRowFault};
pub use kind::MasterFileKind;
pub use write::{
    charge_lines, charge_link_lines, charge_price_lines, degree_day_lines, installation_lines,
    occupancy_lines, people_lines, place_lines, point_lines, profile_share_lines,
};

use tidstro_calendar::Zone;
use tidstro_model::{CheckDigit, MasterRow};
use tidstro_wire::{CsvField, csv_fields};

use field::{Header, SEPARATOR};

/// A file of master data, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterFile {
    /// What its rows are about.
    pub kind: MasterFileKind,
    /// Each row with the number of its first line, counted from 1, and what it says or why it says nothing.
    pub rows: Vec<(u64, Result<MasterRow, MasterRowFault>)>,
}

impl MasterFile {
    /// Reads a file. Empty lines and those that begin with `#` are left out.
    ///
    /// # Errors
    /// [`MasterFileFault`] if it is no text, or its header is not one of master data; then no row is read.
    pub fn parse(bytes: &[u8], zone: &Zone, check: CheckDigit) -> Result<Self, MasterFileFault> {
        let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
            .map_err(|fault| MasterFileFault::NoText { byte: fault.valid_up_to() })?;
        let (mut reader, mut rows) = (None::<MasterRowReader>, Vec::new());
        let (mut rest, mut number) = (text, 1);
        while !rest.is_empty() {
            let (mut length, mut lines) = (rest.find('\n').map_or(rest.len(), |at| at + 1), 1);
            let line = without_end(rest.get(..length).unwrap_or(rest));
            match &reader {
                _ if line.is_empty() || line.starts_with('#') => {}
                None => reader = Some(MasterRowReader::of_header(line)?),
                Some(reader) => {
                    (length, lines) = reader.extent(rest);
                    let row = reader.read(rest.get(..length).unwrap_or(rest), zone, check);
                    rows.push((number, row));
                }
            }
            rest = rest.get(length..).unwrap_or_default();
            number += lines;
        }
        Ok(Self { kind: reader.ok_or(MasterFileFault::Empty)?.kind, rows })
    }
}

/// Lines that a row may have. A quote that nobody closes costs no more than its own row.
pub const ROW_LINES: usize = 32;

/// How the rows of one file are read: what its header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterRowReader {
    kind: MasterFileKind,
    header: Header,
}

impl MasterRowReader {
    /// Reads a header, a line without its end.
    ///
    /// # Errors
    /// [`MasterFileFault`] if it is not the header of a kind of master data.
    pub fn of_header(line: &str) -> Result<Self, MasterFileFault> {
        let (kind, header) = Header::read(line)?;
        Ok(Self { kind, header })
    }

    /// What the rows are about.
    #[must_use]
    pub const fn kind(&self) -> MasterFileKind {
        self.kind
    }

    /// Whether a line ends inside quotes, so that its row may go on in the next one.
    #[must_use]
    pub fn may_go_on(&self, line: &str) -> bool {
        !line.starts_with('#') && line.contains('"') && csv_fields(line, SEPARATOR).is_err()
    }

    /// Whether lines with what is between them are one row: as many fields as the header, and where one has a line break it stands
    /// wholly in quotes. What is none is read line by line, so that a forgotten quote swallows no other row.
    #[must_use]
    pub fn is_row(&self, lines: &str) -> bool {
        let lines = without_end(lines);
        csv_fields(lines, SEPARATOR).is_ok_and(|fields| {
            let is_whole = |field: &CsvField<'_>| {
                let written = lines.get(field.place.clone()).unwrap_or_default();
                !field.text.contains('\n') || is_quoted(written)
            };
            self.header.row(&fields).is_ok() && fields.iter().all(is_whole)
        })
    }

    /// Bytes and lines of the row that a text begins with.
    fn extent(&self, text: &str) -> (usize, u64) {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let mut ends = breaks.chain(std::iter::once(text.len())).take(ROW_LINES);
        let first = ends.next().unwrap_or(text.len());
        let upto = |end: usize| text.get(..end).unwrap_or(text);
        if !self.may_go_on(without_end(upto(first))) {
            return (first, 1);
        }
        ends.zip(2..).find(|(end, _)| self.is_row(upto(*end))).unwrap_or((first, 1))
    }

    /// Reads a row: a line, or several with what is between them.
    ///
    /// # Errors
    /// [`MasterRowFault`] with the column, if it says nothing.
    pub fn read(&self, line: &str, zone: &Zone, check: CheckDigit) -> Result<MasterRow, MasterRowFault> {
        let fields = csv_fields(without_end(line), SEPARATOR)?;
        rows::read(self.kind, &self.header.row(&fields)?, zone, check)
    }
}

/// Whether a field as written stands wholly in quotes: those inside are doubled.
fn is_quoted(written: &str) -> bool {
    let inner = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|inner| !inner.replace("\"\"", "").contains('"'))
}

/// A line without its end.
fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

#[cfg(test)]
mod tests;
