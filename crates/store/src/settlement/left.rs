//! Blocks that are in no sum, and why.
//!
//! What comes in: a block that settlement cannot count. What goes out: a list for whoever settles, by point and local day.
//! It holds no value.

use std::fmt;

use crate::db::{Connection, params};
use jiff::civil::Date;
use tidstro_calendar::from_epoch_day;
use tidstro_metering::settlement::SettlementFault;
use tidstro_model::SeriesNo;

use crate::StoreFault;

/// Why a block is in no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Left {
    /// Master data have no period of the point for the day, or not in a grid area.
    NoPeriod,
    /// Nobody supplies the point on that day.
    NoSupply,
    /// The series has another resolution than the point on that day.
    Resolution,
    /// The series is not of energy in watt-hours.
    Unit,
    /// A value is finer than a watt-hour (regulation D.1 § 6(3)).
    TooFine,
    /// A value is larger than any interval's.
    TooLarge,
    /// The block has another number of intervals than its local day.
    Slots,
}

impl Left {
    const ALL: [Self; 7] = [
        Self::NoPeriod,
        Self::NoSupply,
        Self::Resolution,
        Self::Unit,
        Self::TooFine,
        Self::TooLarge,
        Self::Slots,
    ];

    /// The word in the database and in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoPeriod => "no-period",
            Self::NoSupply => "no-supply",
            Self::Resolution => "resolution",
            Self::Unit => "unit",
            Self::TooFine => "too-fine",
            Self::TooLarge => "too-large",
            Self::Slots => "slots",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::NoPeriod => "give the point a period in the master data",
            Self::NoSupply => "give the point a supplier in the master data",
            Self::Resolution => "correct the resolution in the master data, or send the other series",
            Self::Unit => "send energy in kWh",
            Self::TooFine => "round values at their source to 3 decimals of a kWh",
            Self::TooLarge => "look at the values; one is over 100 GWh",
            Self::Slots => "send the whole local day",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|left| left.word() == word)
    }

    /// What a fault of the sum says of the block.
    pub(super) const fn of(fault: &SettlementFault) -> Self {
        match fault {
            SettlementFault::TooFine { .. } => Self::TooFine,
            SettlementFault::TooLarge { .. } => Self::TooLarge,
            SettlementFault::Resolution { .. } => Self::Resolution,
            _ => Self::Slots,
        }
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A block that is in no sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBlock {
    /// The local day.
    pub day: Date,
    /// Identifier of the metering point.
    pub point: String,
    /// Why.
    pub why: Left,
}

/// Notes that the newest block of a local day is in no sum, or that it is.
pub(super) fn put(
    db: &Connection,
    (period, series): (i32, SeriesNo),
    why: Option<Left>,
) -> Result<(), StoreFault> {
    let Some(why) = why else {
        db.prepare_cached(
            "-- settle_after_all
             DELETE FROM settlement_left WHERE period = ?1 AND series_no = ?2",
        )?
        .execute(params![period, series.as_u32()])?;
        return Ok(());
    };
    db.prepare_cached(
        "-- leave_out
         INSERT INTO settlement_left (period, series_no, reason) VALUES (?1, ?2, ?3)
         ON CONFLICT (period, series_no) DO UPDATE SET reason = excluded.reason",
    )?
    .execute(params![period, series.as_u32(), why.word()])?;
    Ok(())
}

/// What is left out in an area on some local days, half open, by day and point.
pub(super) fn list(db: &Connection, area: &str, days: (i32, i32)) -> Result<Vec<LeftBlock>, StoreFault> {
    db.prepare_cached(
        "-- settlement_left
         SELECT l.period, p.own_id, l.reason
         FROM settlement_left l JOIN series s ON s.series_no = l.series_no
              JOIN point p ON p.point_no = s.point_no JOIN area a ON a.area_no = p.area_no
         WHERE l.period >= ?1 AND l.period < ?2 AND a.name = ?3 ORDER BY l.period, p.own_id",
    )?
    .query_and_then(params![days.0, days.1, area], |row| {
        let (day, reason): (i32, String) = (row.get(0)?, row.get(2)?);
        let day = from_epoch_day(day).ok_or(StoreFault::Row { what: "settlement_left.period" })?;
        let why = Left::from_word(&reason).ok_or(StoreFault::Row { what: "settlement_left.reason" })?;
        Ok(LeftBlock { day, point: row.get(1)?, why })
    })?
    .collect()
}

/// What is left out of some series on a local day, for comparing; the numbers are the first and the last of them.
pub(super) fn on_day(
    db: &Connection,
    period: i32,
    (first, last): (SeriesNo, SeriesNo),
) -> Result<Vec<(SeriesNo, Left)>, StoreFault> {
    db.prepare_cached(
        "-- settlement_left_on
         SELECT series_no, reason FROM settlement_left
         WHERE period = ?1 AND series_no >= ?2 AND series_no <= ?3 ORDER BY series_no",
    )?
    .query_and_then(params![period, first.as_u32(), last.as_u32()], |row| {
        let (series, reason): (u32, String) = (row.get(0)?, row.get(1)?);
        let why = Left::from_word(&reason).ok_or(StoreFault::Row { what: "settlement_left.reason" })?;
        Ok((SeriesNo::new(series), why))
    })?
    .collect()
}
