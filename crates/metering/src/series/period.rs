//! The periods of a coarser resolution inside a range of local days.
//!
//! What comes in: a resolution, a zone and a range of local days. What goes out: the periods in order,
//! without gaps, cut at the ends of the range. A cut period says its true start and end, so a part of a
//! month never looks like the month.

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use tidstro_calendar::{Zone, epoch_day, next_month};
use tidstro_model::{DayRange, Resolution};

use super::ResolutionFault;

/// A span of time with the local days it lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// First local day.
    pub(super) first_day: Date,
    /// Last local day, inside.
    pub(super) last_day: Date,
}

impl Period {
    /// Number of local days.
    pub(super) fn days(&self) -> u32 {
        u32::try_from(epoch_day(self.last_day) - epoch_day(self.first_day)).unwrap_or(0) + 1
    }

    /// First instant of the period of the same length before a day or a part of one; of the local day
    /// before a longer period.
    pub(super) fn start_before(&self, to: Resolution, zone: &Zone) -> Timestamp {
        match to.seconds() {
            Some(seconds) => {
                let second = self.start.as_second() - i64::from(seconds);
                Timestamp::from_second(second).unwrap_or(Timestamp::MIN)
            }
            None => zone.day_start(self.first_day.yesterday().unwrap_or(Date::MIN)),
        }
    }
}

/// The range with its open ends put where the given days end; `None` if no day is left.
///
/// `given` are local days in order.
pub(super) fn closed(range: DayRange, given: impl DoubleEndedIterator<Item = Date>) -> Option<DayRange> {
    let (mut start, mut end) = (range.start(), range.end());
    if start == Date::MIN || range.is_open() {
        let mut given = given.filter(|day| range.contains(*day));
        let first = given.next()?;
        let last = given.next_back().unwrap_or(first);
        start = if start == Date::MIN { first } else { start };
        end = if range.is_open() { last.tomorrow().unwrap_or(Date::MAX) } else { end };
    }
    DayRange::new(start, end).ok().filter(|range| !range.is_empty())
}

/// The periods of `to` in the range, which has no open end.
pub(super) fn periods(to: Resolution, zone: &Zone, range: DayRange) -> Result<Vec<Period>, ResolutionFault> {
    let mut periods = Vec::new();
    let mut first_day = range.start();
    while first_day < range.end() {
        let next = first_day_after(to, first_day).ok_or(ResolutionFault::NoPeriods { asked: to })?;
        let next = next.min(range.end());
        if to.seconds().is_some() {
            push_slots(&mut periods, to, zone, first_day)?;
        } else {
            let last_day = next.yesterday().unwrap_or(first_day);
            let (start, end) = (zone.day_start(first_day), zone.day_start(next));
            periods.push(Period { start, end, first_day, last_day });
        }
        first_day = next;
    }
    Ok(periods)
}

/// The first day of the period after the one `day` lies in; the next day for parts of a day.
fn first_day_after(to: Resolution, day: Date) -> Option<Date> {
    match to {
        Resolution::Raw => None,
        Resolution::PT15M | Resolution::PT1H | Resolution::P1D => Some(day.tomorrow().unwrap_or(Date::MAX)),
        Resolution::P1M => Some(next_month(day)),
        Resolution::P1Y => Some(next_month(date(day.year(), 12, 1))),
    }
}

fn push_slots(
    periods: &mut Vec<Period>,
    to: Resolution,
    zone: &Zone,
    day: Date,
) -> Result<(), ResolutionFault> {
    let undivided = ResolutionFault::Undivided { day, resolution: to };
    let count = zone.slots(day, to).ok_or(undivided)?;
    let day_end = zone.day(day).end();
    for slot in 0..count {
        let start = zone.slot_start(day, to, slot).ok_or(undivided)?;
        let end = zone.slot_start(day, to, slot + 1).unwrap_or(day_end);
        periods.push(Period { start, end, first_day: day, last_day: day });
    }
    Ok(())
}
