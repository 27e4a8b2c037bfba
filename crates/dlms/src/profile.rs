//! Profiles (class 7, profile generic, IEC 62056-6-2 § 4.3.6): a buffer → rows → values of intervals.
//!
//! What comes in: the buffer as an array of structures, what its columns are, and the capture period. What goes
//! out: rows with the instant they were captured, and values with the interval they are about. A row is stamped
//! when it is captured, which is the end of its interval. Only time and status may be left out of a row; a value
//! that is left out is missing, never the one before.

use jiff::{SignedDuration, Timestamp};
use tidstro_model::{Decimal, Interval, Obis, Quantity, Resolution};

use crate::{ClockStatus, Data, DateTime, Definition, Scale, list};

/// Class and attribute of a clock's time.
const CLOCK_TIME: (u16, i8) = (8, 2);

/// One column of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The captured object and attribute.
    pub definition: Definition,
    /// Scaler and unit of the object; a column of numbers without them gives no values.
    pub scale: Option<Scale>,
}

/// What a profile captures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its logical name: `1-0:99.1.0` for the first load profile, `0-0:99.98.0` for the standard event log.
    pub obis: Obis,
    /// Its columns, in the order of the buffer.
    pub columns: Vec<Column>,
    /// Seconds from one row to the next; 0 where rows are captured when something happens.
    pub period_seconds: u32,
}

/// One row of the buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When it was captured: the clock of the row, or one period after the row before.
    pub instant: Timestamp,
    /// The clock of the row as the meter wrote it, where it did.
    pub clock: Option<DateTime>,
    /// What the clock said of itself then; of a row without a clock, what it last said.
    pub clock_status: Option<ClockStatus>,
    /// The profile status (0-0:96.10.x); of a row that leaves it out, the one before.
    pub status: Option<u64>,
    /// Every cell as sent, one for each column.
    pub cells: Vec<Data>,
}

/// What a value says about its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileKind {
    /// What a register showed at the end (time integral 1, group D 8).
    Register,
    /// How much it was in the interval (time integral 5, group D 29).
    OfInterval,
    /// An average, extreme or moment: any other group D.
    Sample,
}

/// One value of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileValue {
    /// What was captured.
    pub obis: Obis,
    /// What the number says about the interval.
    pub kind: ProfileKind,
    /// From the capture before to this one; never longer than the period.
    pub interval: Interval,
    /// The number and its unit.
    pub quantity: Quantity,
    /// The profile status of the row.
    pub status: Option<u64>,
    /// What the clock said of itself.
    pub clock_status: Option<ClockStatus>,
}

/// Why a buffer gives no rows, or no values. Rows count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileFault {
    /// No array of structures.
    #[error("the buffer is no array of rows; read attribute 2 of a profile")]
    NoRows,
    /// A row with too few or too many cells.
    #[error("row {row} has {got} cells, the profile {expected} columns; read its capture objects again")]
    Cells {
        /// The row.
        row: usize,
        /// Columns of the profile.
        expected: usize,
        /// Cells of the row.
        got: usize,
    },
    /// No column is a clock.
    #[error("no column is a clock; rows without a time cannot be placed")]
    NoClock,
    /// A row leaves its time out, and nothing before it or no period says when it was.
    #[error("row {row} has no time and none can be counted for it; ask for rows from an earlier one on")]
    NoTime {
        /// The row.
        row: usize,
    },
    /// A clock that does not say how far it is from UTC, and nobody else does.
    #[error("row {row}: the clock does not say its deviation from UTC; give the one the meter is set to")]
    NoDeviation {
        /// The row.
        row: usize,
    },
}

impl Profile {
    /// The resolution of its intervals, where the market has a word for it.
    #[must_use]
    pub fn resolution(&self) -> Option<Resolution> {
        [Resolution::PT15M, Resolution::PT1H]
            .into_iter()
            .find(|resolution| resolution.seconds() == Some(self.period_seconds))
    }

    /// The rows of a buffer (attribute 2), in its order.
    ///
    /// `deviation_minutes` is what the meter's clock is set to (minutes to add for UTC, -60 for Central European
    /// standard time); it is used only where a row does not say its own.
    ///
    /// # Errors
    /// [`ProfileFault`] for the first row that cannot be placed in time or does not have the profile's columns.
    pub fn rows(&self, buffer: &Data, deviation_minutes: Option<i16>) -> Result<Vec<Row>, ProfileFault> {
        let Data::Array(rows) = buffer else { return Err(ProfileFault::NoRows) };
        let clock = self.place(|definition| (definition.class, definition.attribute) == CLOCK_TIME);
        let clock = clock.ok_or(ProfileFault::NoClock)?;
        let status = self.place(|definition| matches!(definition.obis.0, [0, _, 96, 10, ..]));
        let reader = RowReader { profile: self, clock, status, deviation_minutes };
        let mut read: Vec<Row> = Vec::with_capacity(rows.len());
        for (row, number) in rows.iter().zip(1..) {
            let row = reader.row(row, number, read.last())?;
            read.push(row);
        }
        Ok(read)
    }

    /// The values of rows that [`Self::rows`] gave: one for each number of a column with scaler and unit. None for
    /// a profile without a period.
    #[must_use]
    pub fn values(&self, rows: &[Row]) -> Vec<ProfileValue> {
        let before = std::iter::once(None).chain(rows.iter().map(Some));
        let placed = rows.iter().zip(before);
        placed.flat_map(|(row, before)| self.values_of(row, before)).collect()
    }

    fn values_of<'a>(
        &'a self,
        row: &'a Row,
        before: Option<&Row>,
    ) -> impl Iterator<Item = ProfileValue> + 'a {
        let interval = self.interval(row, before);
        let cells = self.columns.iter().zip(&row.cells);
        cells.filter_map(move |(column, cell)| {
            let obis = column.definition.obis;
            Some(ProfileValue {
                obis,
                kind: kind(obis),
                interval: interval?,
                quantity: quantity(cell, column.scale?)?,
                status: row.status,
                clock_status: row.clock_status,
            })
        })
    }

    /// A row after a power failure comes before its period is over; then the interval begins with the row before.
    fn interval(&self, row: &Row, before: Option<&Row>) -> Option<Interval> {
        if self.period_seconds == 0 {
            return None;
        }
        let start = row.instant.checked_sub(self.period()).ok()?;
        let start = before.map_or(start, |before| before.instant.max(start).min(row.instant));
        Interval::new(start, row.instant).ok()
    }

    fn period(&self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.period_seconds))
    }

    fn place(&self, is_it: impl Fn(&Definition) -> bool) -> Option<usize> {
        self.columns.iter().position(|column| is_it(&column.definition))
    }
}

struct RowReader<'a> {
    profile: &'a Profile,
    clock: usize,
    status: Option<usize>,
    deviation_minutes: Option<i16>,
}

impl RowReader<'_> {
    fn row(&self, row: &Data, number: usize, before: Option<&Row>) -> Result<Row, ProfileFault> {
        let Data::Structure(cells) = row else { return Err(ProfileFault::NoRows) };
        let expected = self.profile.columns.len();
        if cells.len() != expected {
            return Err(ProfileFault::Cells { row: number, expected, got: cells.len() });
        }
        let clock = cells.get(self.clock).and_then(Data::date_time);
        let own_status = clock.and_then(|clock| clock.status());
        let status = self.status.and_then(|at| cells.get(at)).and_then(word);
        Ok(Row {
            instant: self.instant(clock, number, before)?,
            clock,
            clock_status: own_status.or_else(|| before.and_then(|before| before.clock_status)),
            status: status.or_else(|| before.and_then(|before| before.status)),
            cells: cells.clone(),
        })
    }

    fn instant(
        &self,
        clock: Option<DateTime>,
        row: usize,
        before: Option<&Row>,
    ) -> Result<Timestamp, ProfileFault> {
        let Some(clock) = clock else {
            let before = before.filter(|_| self.profile.period_seconds > 0);
            let next = before.and_then(|before| before.instant.checked_add(self.profile.period()).ok());
            return next.ok_or(ProfileFault::NoTime { row });
        };
        let deviation = clock.deviation_minutes().or(self.deviation_minutes);
        let deviation = deviation.ok_or(ProfileFault::NoDeviation { row })?;
        clock.instant_with(deviation).ok_or(ProfileFault::NoTime { row })
    }
}

/// Group D of electricity (IEC 62056-6-1 table 14) and, shortened, of other media.
const fn kind(obis: Obis) -> ProfileKind {
    match obis.0 {
        [1, _, _, 8, ..] => ProfileKind::Register,
        [1, _, _, 29, ..] => ProfileKind::OfInterval,
        _ => ProfileKind::Sample,
    }
}

fn quantity(cell: &Data, scale: Scale) -> Option<Quantity> {
    let number = cell.decimal()?;
    let (unit, power) = list::unit(scale.unit)?;
    let exponent = number.exponent().checked_add(power)?.checked_add(scale.scaler)?;
    Some(Quantity { number: Decimal::new(number.mantissa(), exponent), unit })
}

/// Flags as a number: of a bit string the first bit is bit 0.
pub(crate) fn word(data: &Data) -> Option<u64> {
    match data {
        Data::BitString { len, bytes } if *len <= 64 => {
            let bit = |at: usize| bytes.get(at / 8).map(|byte| u64::from(byte >> (7 - at % 8) & 1) << at);
            (0..*len).map(bit).sum()
        }
        Data::Long64Unsigned(word) => Some(*word),
        _ => data.integer().and_then(|word| u64::try_from(word).ok()),
    }
}
