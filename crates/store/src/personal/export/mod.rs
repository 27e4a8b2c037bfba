//! Exports: series under pseudonyms, page by page, as they stood when the export began.
//!
//! A permit to export comes in; pages of series go out in which a pseudonym stands where the metering point was.
//! Never: an identifier of a point, a name, the days of an occupancy, or anything finer than the permit.

mod door;
mod page;

use tidstro_metering::Span;
use tidstro_model::{Commodity, QuantityKind, Resolution, SeriesNo, Unit};

pub use crate::seal::Pseudonym;

/// An export that has begun: which pseudonyms it gives, and up to which registration it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportRun {
    key: u64,
    last_seq: i64,
    year: i16,
}

impl ExportRun {
    /// The number of the key its pseudonyms are made with.
    #[must_use]
    pub const fn pseudonym_key(self) -> u64 {
        self.key
    }
}

/// Where an export goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportCursor {
    /// After this series of the target.
    Series(SeriesNo),
    /// With the occupancy at this place of the permit's reach.
    Occupancy(usize),
}

/// One series under a pseudonym. It has no `Debug`: nothing prints a person's values.
#[derive(Clone)]
pub struct ExportedSeries {
    /// Stands for the metering point.
    pub pseudonym: Pseudonym,
    /// What the point delivers or observes.
    pub commodity: Commodity,
    /// What is measured.
    pub quantity: QuantityKind,
    /// Unit of the values.
    pub unit: Unit,
    /// Tariff of the register; 0 total.
    pub tariff: u32,
    /// Subunit of the device; 0 the device itself.
    pub subunit: u16,
    /// Of each value of an interval series the resolution; [`Resolution::Raw`] for readings as they came.
    pub resolution: Resolution,
    /// The values, in order of time.
    pub spans: Vec<Span>,
}

/// Some of the series of an export.
#[derive(Clone)]
pub struct ExportPage {
    /// The series that have values in the days asked for.
    pub series: Vec<ExportedSeries>,
    /// Where to go on; `None` after the last page.
    pub next: Option<ExportCursor>,
}

/// What an export left outside, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportCount {
    /// Files.
    pub files: u64,
    /// Rows of all files together.
    pub rows: u64,
    /// Metering points, each under its pseudonym.
    pub points: u64,
}
