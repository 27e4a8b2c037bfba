//! Columns and fields: from a line to named texts, and from a text to what it means.

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{CheckDigit, DayRange, Factor, Gln, GridArea, Gsrn};
use tidstro_wire::{CsvField, csv_fields};

use super::{FieldFault, MasterFileFault, MasterFileKind, MasterRowFault};

/// Between the fields of a line.
pub(super) const SEPARATOR: u8 = b';';

/// Which column stands where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    columns: Vec<Option<&'static str>>,
}

impl Header {
    /// Finds the kind of file its columns make. A column whose name begins with `#` is a comment.
    pub(super) fn read(line: &str) -> Result<(MasterFileKind, Self), MasterFileFault> {
        let fields = csv_fields(line, SEPARATOR)?;
        let names: Vec<&str> = fields.iter().map(|field| &*field.text).collect();
        let has_all = |kind: &MasterFileKind| kind.columns().iter().all(|column| names.contains(column));
        // A file of points has the columns of supplies too: the kind with most columns is meant.
        let fitting = MasterFileKind::ALL.into_iter().filter(has_all);
        let kind = fitting.max_by_key(|kind| kind.columns().len()).ok_or(MasterFileFault::UnknownHeader)?;
        let mut columns = Vec::with_capacity(names.len());
        for (name, column) in names.iter().zip(1..) {
            let known = kind.columns().iter().chain(kind.more()).find(|known| *name == **known).copied();
            if known.is_none() && !name.starts_with('#') {
                return Err(MasterFileFault::UnknownColumn { column, kind: kind.word() });
            }
            if known.is_some() && columns.contains(&known) {
                return Err(MasterFileFault::ColumnTwice { column });
            }
            columns.push(known);
        }
        Ok((kind, Self { columns }))
    }

    /// The fields of a line with their columns.
    pub(super) fn row<'a>(&'a self, fields: &'a [CsvField<'a>]) -> Result<Row<'a>, MasterRowFault> {
        let (expected, got) = (self.columns.len(), fields.len());
        if expected == got {
            Ok(Row { columns: &self.columns, fields })
        } else {
            Err(MasterRowFault::Fields { expected, got })
        }
    }
}

/// One row: texts by column.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    columns: &'a [Option<&'static str>],
    fields: &'a [CsvField<'a>],
}

type Read<T> = Result<T, MasterRowFault>;

impl<'a> Row<'a> {
    /// The text of a column; empty if the file has no such column.
    pub(super) fn text(&self, column: &'static str) -> &'a str {
        let at = self.columns.iter().position(|known| *known == Some(column));
        at.and_then(|at| self.fields.get(at)).map_or("", |field| &*field.text)
    }

    /// A field that must say something.
    pub(super) fn read<T>(
        &self,
        column: &'static str,
        reader: impl Fn(&'a str) -> Result<T, FieldFault>,
    ) -> Read<T> {
        let text = self.text(column);
        let read = if text.is_empty() { Err(FieldFault::Empty) } else { reader(text) };
        read.map_err(|fault| MasterRowFault::Field { column, fault })
    }

    /// A field that may be empty.
    pub(super) fn read_if<T>(
        &self,
        column: &'static str,
        reader: impl Fn(&'a str) -> Result<T, FieldFault>,
    ) -> Read<Option<T>> {
        if self.text(column).is_empty() { Ok(None) } else { self.read(column, reader).map(Some) }
    }

    /// The local days from `from_date` to `to_date`; an empty end is open.
    pub(super) fn days(&self, zone: &Zone) -> Read<DayRange> {
        let start = self.read("from_date", |text| day(text, zone))?;
        let end = self.read_if("to_date", |text| day(text, zone))?.unwrap_or(Date::MAX);
        let days = DayRange::new(start, end).ok().filter(|days| !days.is_empty());
        days.ok_or(MasterRowFault::Field { column: "to_date", fault: FieldFault::NoDays })
    }
}

pub(super) fn gsrn(text: &str, check: CheckDigit) -> Result<Gsrn, FieldFault> {
    Ok(Gsrn::parse(text.as_bytes(), check)?)
}

pub(super) fn gln(text: &str, check: CheckDigit) -> Result<Gln, FieldFault> {
    Ok(Gln::parse(text.as_bytes(), check)?)
}

pub(super) fn factor(text: &str) -> Result<Factor, FieldFault> {
    Ok(Factor::parse(text)?)
}

pub(super) fn grid_area(text: &str) -> Result<GridArea, FieldFault> {
    GridArea::parse(text).ok_or(FieldFault::Code("three digits, such as `003`"))
}

/// Seconds of a quarter of an hour.
const QUARTER: i64 = 900;

/// An instant at which a quarter of an hour begins.
pub(super) fn quarter(text: &str) -> Result<Timestamp, FieldFault> {
    let at: Option<Timestamp> = text.parse().ok();
    at.filter(|at| at.as_second() % QUARTER == 0 && at.subsec_nanosecond() == 0).ok_or(FieldFault::NotQuarter)
}

/// A local day, written as one or as the instant it begins.
fn day(text: &str, zone: &Zone) -> Result<Date, FieldFault> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    match shape.as_str() {
        "0000-00-00" => text.parse().map_err(|_| FieldFault::NoSuchDay),
        "0000-00-00T00:00:00Z" => {
            let at: Timestamp = text.parse().map_err(|_| FieldFault::NoSuchDay)?;
            let day = zone.day_of(at);
            if zone.day_start(day) == at { Ok(day) } else { Err(FieldFault::NotMidnight) }
        }
        _ => Err(FieldFault::DayForm),
    }
}
