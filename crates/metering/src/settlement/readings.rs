//! Blocks of many points and local days, as settlement asks for them.
//!
//! What comes in: blocks with the point and local day they are of. What goes out: the block of a day, or its values by
//! true hour. A day without a block is absent; it is the caller's business whether that means missing.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_calendar::Zone;
use tidstro_model::{Decimal, Gsrn, Quality, Resolution};

use super::SettlementFault;
use crate::{IntervalBlock, IntervalDays};

/// Power of ten of a watt-hour, in kWh.
const WATT_HOUR: i8 = -3;

/// What the values of a block count, times the block's power of ten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnergyUnit {
    /// kWh, as market messages and files have it.
    KilowattHour,
    /// Wh, as series are stored.
    WattHour,
}

impl EnergyUnit {
    /// Power of ten of the unit, in kWh.
    const fn power(self) -> i8 {
        match self {
            Self::KilowattHour => 0,
            Self::WattHour => WATT_HOUR,
        }
    }
}

/// The values of one point on one local day.
#[derive(Debug, Clone, Copy)]
pub struct DayValues<'a> {
    /// PT15M or PT1H.
    pub resolution: Resolution,
    /// The unit of the block's values.
    pub unit: EnergyUnit,
    /// One value for each interval of the local day.
    pub block: &'a IntervalBlock,
}

impl DayValues<'_> {
    /// Intervals of an hour: 4 or 1.
    ///
    /// # Errors
    /// [`SettlementFault::Resolution`].
    pub(super) fn per_hour(&self) -> Result<usize, SettlementFault> {
        intervals_per_hour(self.resolution)
    }

    /// Watt-hours of one step of the block's values.
    ///
    /// # Errors
    /// [`SettlementFault::TooFine`].
    pub(super) fn watt_hours_per_step(&self) -> Result<i64, SettlementFault> {
        self.days().watt_hours_per_step()
    }

    /// Energy by true hour of the local day, in watt-hours; `None` where no interval of the hour has a value.
    fn hours(&self) -> Result<Vec<Option<i64>>, SettlementFault> {
        let (per_hour, step) = (self.per_hour()?, self.watt_hours_per_step()?);
        let values: Vec<Option<i64>> = self.block.slots().map(|(value, _)| value).collect();
        Ok(values.chunks(per_hour).map(|hour| sum_of_present(hour).map(|sum| sum * step)).collect())
    }
}

impl<'a> DayValues<'a> {
    /// The same, as several days of which there is one.
    pub(super) fn days(&self) -> MonthValues<'a> {
        let Self { resolution, unit, block } = *self;
        MonthValues { resolution, unit, days: block.days() }
    }
}

/// The values of one point on local days that follow each other.
#[derive(Debug, Clone, Copy)]
pub struct MonthValues<'a> {
    /// PT15M or PT1H.
    pub resolution: Resolution,
    /// The unit of the values.
    pub unit: EnergyUnit,
    /// One value for each interval of each day.
    pub days: IntervalDays<'a>,
}

impl MonthValues<'_> {
    /// Intervals of an hour: 4 or 1.
    ///
    /// # Errors
    /// [`SettlementFault::Resolution`].
    pub(super) fn per_hour(&self) -> Result<usize, SettlementFault> {
        intervals_per_hour(self.resolution)
    }

    /// Watt-hours of one step of the values.
    ///
    /// # Errors
    /// [`SettlementFault::TooFine`].
    pub(super) fn watt_hours_per_step(&self) -> Result<i64, SettlementFault> {
        let exponent = self.days.exponent.saturating_add(self.unit.power());
        Decimal::new(1, exponent).in_steps_of(WATT_HOUR).ok_or(SettlementFault::TooFine { exponent })
    }
}

/// Intervals of an hour: 4 quarters or 1 hour.
pub(super) fn intervals_per_hour(resolution: Resolution) -> Result<usize, SettlementFault> {
    match resolution {
        Resolution::PT15M => Ok(4),
        Resolution::PT1H => Ok(1),
        _ => Err(SettlementFault::Resolution { resolution }),
    }
}

/// The sum of the values there are; `None` if there are none.
pub(super) fn sum_of_present(values: &[Option<i64>]) -> Option<i64> {
    values.iter().flatten().copied().reduce(|sum, value| sum + value)
}

/// A block with what its values count.
#[derive(Debug, Clone)]
struct Kept {
    resolution: Resolution,
    unit: EnergyUnit,
    block: IntervalBlock,
}

impl Kept {
    const fn values(&self) -> DayValues<'_> {
        DayValues { resolution: self.resolution, unit: self.unit, block: &self.block }
    }
}

/// Blocks by point and local day.
#[derive(Debug, Clone, Default)]
pub struct Readings {
    days: BTreeMap<(Gsrn, Date), Kept>,
}

impl Readings {
    /// Takes the block of a point and local day, in kWh; another one of the same day is replaced.
    pub fn insert(&mut self, point: Gsrn, day: Date, resolution: Resolution, block: IntervalBlock) {
        self.insert_in(EnergyUnit::KilowattHour, (point, day), resolution, block);
    }

    /// Takes the block of a point and local day in another unit; another one of the same day is replaced.
    pub fn insert_in(
        &mut self,
        unit: EnergyUnit,
        (point, day): (Gsrn, Date),
        resolution: Resolution,
        block: IntervalBlock,
    ) {
        self.days.insert((point, day), Kept { resolution, unit, block });
    }

    /// The values of a point on a local day.
    #[must_use]
    pub fn day(&self, point: Gsrn, day: Date) -> Option<DayValues<'_>> {
        self.days.get(&(point, day)).map(Kept::values)
    }

    /// Takes the energy of a whole local day of a point, in watt-hours, all of it in the first hour and none in the others: for a value that
    /// the hub computes for a day and not for its hours.
    ///
    /// # Errors
    /// [`SettlementFault::Calendar`] for a day without hours.
    pub fn insert_whole_day(
        &mut self,
        zone: &Zone,
        (point, day): (Gsrn, Date),
        watt_hours: i64,
    ) -> Result<(), SettlementFault> {
        let fault = || SettlementFault::Calendar { day };
        let mut block = IntervalBlock::empty(0);
        for hour in 0..zone.slots(day, Resolution::PT1H).ok_or_else(fault)? {
            let value = if hour == 0 { watt_hours } else { 0 };
            block.push(Some(value), Quality::Calculated).map_err(|_| fault())?;
        }
        self.insert_in(EnergyUnit::WattHour, (point, day), Resolution::PT1H, block);
        Ok(())
    }

    /// The local days of a point from `start` to before `end`, in order.
    pub fn days(&self, point: Gsrn, start: Date, end: Date) -> impl Iterator<Item = (Date, DayValues<'_>)> {
        let end = end.max(start);
        self.days.range((point, start)..(point, end)).map(|((_, day), kept)| (*day, kept.values()))
    }

    /// Energy of a point by true hour of a local day, in watt-hours; empty if there is no block.
    ///
    /// # Errors
    /// [`SettlementFault::TooFine`], [`SettlementFault::Resolution`].
    pub(super) fn hours(&self, point: Gsrn, day: Date) -> Result<Vec<Option<i64>>, SettlementFault> {
        self.day(point, day).map_or_else(|| Ok(Vec::new()), |values| values.hours())
    }

    /// Energy of a point on each local day with a value, in watt-hours.
    ///
    /// # Errors
    /// [`SettlementFault::TooFine`], [`SettlementFault::Resolution`].
    pub(super) fn daily(
        &self,
        point: Gsrn,
        start: Date,
        end: Date,
    ) -> Result<Vec<(Date, i64)>, SettlementFault> {
        let mut daily = Vec::new();
        for (day, values) in self.days(point, start, end) {
            if let Some(sum) = sum_of_present(&values.hours()?) {
                daily.push((day, sum));
            }
        }
        Ok(daily)
    }
}
