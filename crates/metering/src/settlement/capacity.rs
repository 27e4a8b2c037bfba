//! Capacity settlement: the mean of the ten largest hours of a year.
//!
//! What comes in: consumption points with their capacity settlement child, and their readings. What goes out: for each
//! local day of the month one value, the same on all of them, and the hours it was made of. The year ends with the month;
//! who moved in later has only the hours since then.
//!
//! Source: DataHub's published capacity settlement scenarios.

use jiff::{Timestamp, ToSpan, civil::Date};
use tidstro_calendar::{Zone, next_month};
use tidstro_model::{Gsrn, Interval, Resolution};

use super::{DailyQuantity, Readings, SettlementFault, calculation::days, rounding::divide_half_away};

/// How many hours count.
const HOURS: usize = 10;

/// A consumption point with one occupant, and the child its capacity is settled on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapacityPoint {
    /// The consumption point.
    pub point: Gsrn,
    /// From when to when the occupant had it.
    pub valid: Interval,
    /// The child point (D19).
    pub child: Gsrn,
    /// From when to when the child is coupled.
    pub child_valid: Interval,
}

/// One of the ten largest hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LargestHour {
    /// The consumption point.
    pub point: Gsrn,
    /// When the hour began.
    pub at: Timestamp,
    /// Watt-hours.
    pub watt_hours: i64,
}

/// The ten largest hours of each point, and a value for each local day of the month.
///
/// `month` is any day of the month. A point without any value in its year has no result. Of equal hours the
/// earlier one counts. The mean is rounded to whole watt-hours.
///
/// # Errors
/// [`SettlementFault`] for values that cannot be settled, and at the end of the calendar.
pub fn capacity_settlement(
    zone: &Zone,
    month: Date,
    points: &[CapacityPoint],
    readings: &Readings,
) -> Result<(Vec<LargestHour>, Vec<DailyQuantity>), SettlementFault> {
    let (first, end) = (month.first_of_month(), next_month(month));
    let year_before = end.checked_sub(1.year()).map_err(|_| SettlementFault::Calendar { day: month })?;
    let (month, year) = (span(zone, first, end)?, span(zone, year_before, end)?);
    let (mut hours, mut values) = (Vec::new(), Vec::new());
    for point in points.iter().filter(|point| point.valid.intersect(month).is_some()) {
        let Some(selection) = point.valid.intersect(year) else { continue };
        let largest = largest_hours(zone, point.point, selection, readings)?;
        if let Some(watt_hours) = mean(&largest) {
            values.extend(daily_values(zone, point, month, watt_hours));
        }
        hours.extend(largest);
    }
    Ok((hours, values))
}

fn span(zone: &Zone, start: Date, end: Date) -> Result<Interval, SettlementFault> {
    Interval::new(zone.day_start(start), zone.day_start(end))
        .map_err(|_| SettlementFault::Calendar { day: start })
}

fn largest_hours(
    zone: &Zone,
    point: Gsrn,
    selection: Interval,
    readings: &Readings,
) -> Result<Vec<LargestHour>, SettlementFault> {
    let mut hours = Vec::new();
    let end = zone.day_of(selection.end()).tomorrow().unwrap_or(Date::MAX);
    for (day, _) in readings.days(point, zone.day_of(selection.start()), end) {
        let present = readings.hours(point, day)?.into_iter().zip(0..);
        hours.extend(present.filter_map(|(watt_hours, slot)| {
            let at = zone.slot_start(day, Resolution::PT1H, slot).filter(|at| selection.contains(*at))?;
            Some(LargestHour { point, at, watt_hours: watt_hours? })
        }));
    }
    // A stable sort keeps the earlier of equal hours first.
    hours.sort_by_key(|hour| std::cmp::Reverse(hour.watt_hours));
    hours.truncate(HOURS);
    Ok(hours)
}

fn mean(hours: &[LargestHour]) -> Option<i64> {
    let sum: i128 = hours.iter().map(|hour| i128::from(hour.watt_hours)).sum();
    let count = i128::try_from(hours.len()).ok().filter(|count| *count > 0)?;
    i64::try_from(divide_half_away(sum, count)).ok()
}

fn daily_values(zone: &Zone, point: &CapacityPoint, month: Interval, watt_hours: i64) -> Vec<DailyQuantity> {
    let valid = point.valid.intersect(month).and_then(|valid| valid.intersect(point.child_valid));
    let value = |day| DailyQuantity { point: point.child, day, watt_hours, settlement: None };
    valid.map(|valid| days(zone, valid).map(value).collect()).unwrap_or_default()
}
