//! An area and local days of one calendar month: what is settled at a time.
//!
//! What comes in: days. What goes out: the same days cut by months, because values lie by month. Never: a part without a day.

use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_metering::settlement::GridArea;
use tidstro_model::DayRange;

use crate::StoreFault;
use crate::gate::Terms;
use crate::personal::{month_after, months_of};

/// What is settled at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) area: GridArea,
    /// The first local day of the month, counted from 1970-01-01.
    pub(super) month: i32,
    /// Local days of the month, half open; at least one.
    pub(super) days: (i32, i32),
}

impl Part {
    /// The same days as dates.
    pub(super) fn dates(&self) -> Result<DayRange, StoreFault> {
        DayRange::new(date(self.days.0)?, date(self.days.1)?).map_err(|_| StoreFault::NoDays)
    }

    /// The place of a local day in the part, from 0; `None` for one outside.
    pub(super) fn place_of(&self, day: i32) -> Option<usize> {
        let (start, end) = self.days;
        (start..end).contains(&day).then(|| usize::try_from(day - start).ok()).flatten()
    }
}

/// A part of no area yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct MonthPart {
    pub(super) month: i32,
    pub(super) days: (i32, i32),
}

impl MonthPart {
    pub(super) const fn of(self, area: GridArea) -> Part {
        Part { area, month: self.month, days: self.days }
    }
}

/// Local days, half open, cut by months.
pub(super) fn parts_of(days: (i32, i32)) -> Result<Vec<MonthPart>, StoreFault> {
    let part = |month| Ok(MonthPart { month, days: (days.0.max(month), days.1.min(month_after(month)?)) });
    months_of(days)?.into_iter().map(part).collect()
}

/// The days asked for that a permit reaches, cut by months; none if it reaches none of them.
pub(super) fn parts_in_reach(terms: &Terms, days: DayRange) -> Result<Vec<MonthPart>, StoreFault> {
    let days = terms.scope().days.intersect(days).filter(|days| !days.is_empty());
    days.map_or(Ok(Vec::new()), |days| parts_of((epoch_day(days.start()), epoch_day(days.end()))))
}

/// The bit of the so many-th day of a part, from 0.
pub(super) fn day_bit(place: usize) -> u32 {
    u32::try_from(place).ok().and_then(|place| 1_u32.checked_shl(place)).unwrap_or(0)
}

/// A local day counted from 1970-01-01 as a date.
pub(super) fn date(day: i32) -> Result<Date, StoreFault> {
    from_epoch_day(day).ok_or(StoreFault::Row { what: "local day of a settlement" })
}
