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
mod write;

pub use fault::{FieldFault, MasterFileFault, MasterRowFault};
pub use kind::MasterFileKind;
pub use write::{
    charge_lines, charge_link_lines, charge_price_lines, installation_lines, occupancy_lines, people_lines,
    place_lines, point_lines, profile_share_lines,
};

use tidstro_calendar::Zone;
use tidstro_model::{CheckDigit, MasterRow};
use tidstro_wire::csv_fields;

use field::{Header, SEPARATOR};

/// A file of master data, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterFile {
    /// What its rows are about.
    pub kind: MasterFileKind,
    /// Each row with the number of its line, counted from 1, and what it says or why it says nothing.
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
        let mut lines =
            (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let (_, header) = lines.next().ok_or(MasterFileFault::Empty)?;
        let reader = MasterRowReader::of_header(header)?;
        let rows = lines.map(|(number, line)| (number, reader.read(line, zone, check))).collect();
        Ok(Self { kind: reader.kind, rows })
    }
}

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

    /// Reads a row, a line without its end.
    ///
    /// # Errors
    /// [`MasterRowFault`] with the column, if it says nothing.
    pub fn read(&self, line: &str, zone: &Zone, check: CheckDigit) -> Result<MasterRow, MasterRowFault> {
        let fields = csv_fields(line, SEPARATOR)?;
        rows::read(self.kind, &self.header.row(&fields)?, zone, check)
    }
}

#[cfg(test)]
mod tests;
