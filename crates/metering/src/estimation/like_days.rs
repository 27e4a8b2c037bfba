//! Choosing like days, and laying them over a day of another length.
//!
//! What comes in: a local day, and past or later days of the same series. What goes out: the values of the days of the same
//! kind, nearest first, slot by slot at the clock times of the day asked for. Days with estimates, gaps or refused
//! values are left out whole: a mean over them would be made of what somebody guessed before.

use jiff::civil::{Date, Time};
use tidstro_calendar::{WorkingCalendar, Zone, epoch_day};
use tidstro_model::{Decimal, Findings, Quality, Resolution};

use super::{DayKind, fit::rounded, is_refused};
use crate::IntervalBlock;

/// How local days are divided, and which of them are alike.
#[derive(Debug, Clone, Copy)]
pub struct Grid<'a> {
    /// The zone whose local days they are.
    pub zone: &'a Zone,
    /// Resolution of the intervals: an hour or a quarter.
    pub resolution: Resolution,
    /// Working days and holidays.
    pub calendar: &'a WorkingCalendar,
}

/// The values of like days at the clock times of `day`, nearest first and of two at the same distance the earlier
/// first, as counts of `10^exponent`. `None` where a like day has no such clock time: the hour that is left out in
/// spring. Of an hour that comes twice the first counts.
///
/// Like are days of the same [`DayKind`], other than `day`, on which every interval was measured or calculated and
/// none failed a rule of `refused`.
#[must_use]
pub fn like_days(
    grid: &Grid<'_>,
    day: Date,
    candidates: &[(Date, &IntervalBlock)],
    (refused, exponent): (Findings, i8),
) -> Vec<Vec<Option<i64>>> {
    let kind = DayKind::of(grid.calendar, day);
    let is_like = |candidate: Date| candidate != day && DayKind::of(grid.calendar, candidate) == kind;
    let mut like: Vec<_> = candidates
        .iter()
        .filter(|(candidate, block)| is_like(*candidate) && grid.is_whole(*candidate, block, refused))
        .collect();
    like.sort_by_key(|(candidate, _)| (epoch_day(*candidate).abs_diff(epoch_day(day)), *candidate));
    like.into_iter().map(|(candidate, block)| grid.laid_over(day, *candidate, block, exponent)).collect()
}

impl Grid<'_> {
    /// Whether every interval of the day is there, by measurement, and none was refused.
    fn is_whole(&self, day: Date, block: &IntervalBlock, refused: Findings) -> bool {
        let is_complete =
            self.zone.slots(day, self.resolution).is_some_and(|slots| slots as usize == block.len());
        let counts = |quality| matches!(quality, Quality::Measured | Quality::Calculated);
        is_complete && block.marks().iter().all(|mark| counts(mark.quality()) && !is_refused(*mark, refused))
    }

    /// The values of another day at the clock times of `day`.
    fn laid_over(&self, day: Date, other: Date, block: &IntervalBlock, exponent: i8) -> Vec<Option<i64>> {
        let value = |slot: usize| at_exponent(block.decimal(slot)?, exponent);
        let (own, others) = (self.clock_times(day), self.clock_times(other));
        if own == others {
            return (0..own.len()).map(value).collect();
        }
        let same_time = |time: &Time| value(others.iter().position(|other| other == time)?);
        own.iter().map(same_time).collect()
    }

    /// The local clock time each slot of a day begins at.
    fn clock_times(&self, day: Date) -> Vec<Time> {
        let slots = 0..self.zone.slots(day, self.resolution).unwrap_or(0);
        let starts = slots.filter_map(|slot| self.zone.slot_start(day, self.resolution, slot));
        starts.map(|start| self.zone.clock_of(start).1).collect()
    }
}

/// A number as a count of `10^exponent`, rounded half away from zero; `None` where it does not fit.
pub(super) fn at_exponent(number: Decimal, exponent: i8) -> Option<i64> {
    if let Some(exact) = number.in_steps_of(exponent) {
        return Some(exact);
    }
    let steps = i32::from(exponent) - i32::from(number.exponent());
    let divisor = 10_i128.checked_pow(u32::try_from(steps).ok()?)?;
    i64::try_from(rounded(i128::from(number.mantissa()), divisor)).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tidstro_model::Rule;

    use super::*;

    const REFUSED: Findings = Findings::of(&[Rule::Spike]);

    fn grid(zone: &Zone) -> Grid<'_> {
        Grid { zone, resolution: Resolution::PT1H, calendar: WorkingCalendar::shipped("dk-working").unwrap() }
    }

    /// A measured day whose slots have the values 0, 1, 2, …, each plus `first`.
    fn counting(zone: &Zone, day: Date, first: i64) -> IntervalBlock {
        let mut block = IntervalBlock::empty(0);
        for slot in 0..zone.slots(day, Resolution::PT1H).unwrap() {
            block.push(Some(first + i64::from(slot)), Quality::Measured).unwrap();
        }
        block
    }

    #[test]
    fn the_nearest_days_of_the_same_kind_come_first() {
        let zone = Zone::copenhagen();
        // Wednesday; Tuesday and Thursday are the nearest working days, the two Saturdays are not like it.
        let asked = date(2026, 7, 1);
        let (saturday, monday, tuesday) = (date(2026, 6, 27), date(2026, 6, 29), date(2026, 6, 30));
        let days = [saturday, date(2026, 7, 2), monday, tuesday, asked, date(2026, 7, 4)];
        let blocks: Vec<_> = days.map(|day| counting(&zone, day, i64::from(day.day()) * 100)).into();
        let mut candidates: Vec<_> = days.into_iter().zip(&blocks).collect();
        for _ in 0..2 {
            let like = like_days(&grid(&zone), asked, &candidates, (REFUSED, 0));
            let firsts: Vec<_> = like.iter().map(|day| day[0]).collect();
            assert_eq!(firsts, [Some(3_000), Some(200), Some(2_900)], "the order given tells nothing");
            candidates.reverse();
        }
    }

    #[test]
    fn days_with_estimates_gaps_or_refused_values_are_left_out() {
        let zone = Zone::copenhagen();
        let (asked, other) = (date(2026, 3, 12), date(2026, 3, 11));
        let whole = counting(&zone, other, 0);
        let [mut estimated, mut gap, mut refused, mut flagged] = [(); 4].map(|()| whole.clone());
        estimated.set(3, 7, Quality::Estimated).unwrap();
        gap.set(3, 7, Quality::Missing).unwrap();
        refused.add_finding(Rule::Spike, |slot, _, _| slot == 3);
        flagged.add_finding(Rule::Jump, |slot, _, _| slot == 3);
        let mut short = IntervalBlock::empty(0);
        short.push(Some(1), Quality::Measured).unwrap();
        for (block, count) in [(whole, 1), (estimated, 0), (gap, 0), (refused, 0), (flagged, 1), (short, 0)] {
            let like = like_days(&grid(&zone), asked, &[(other, &block)], (REFUSED, 0));
            assert_eq!(like.len(), count, "{block:?}");
        }
    }

    /// Sundays: 23 hours on 29 March, 24 hours, 25 hours on 25 October 2026.
    #[test]
    fn slots_meet_by_the_clock() {
        let zone = Zone::copenhagen();
        let (spring, usual, autumn) = (date(2026, 3, 29), date(2026, 3, 22), date(2026, 10, 25));
        let laid = |asked, other| {
            let block = counting(&zone, other, 0);
            like_days(&grid(&zone), asked, &[(other, &block)], (REFUSED, 0)).remove(0)
        };
        let numbers = |slots: &[i64]| slots.iter().copied().map(Some).collect::<Vec<_>>();
        let late = |from: i64, to: i64| (from..=to).collect::<Vec<_>>();
        assert_eq!(laid(spring, usual), numbers(&[vec![0, 1], late(3, 23)].concat()), "02:00 is left out");
        assert_eq!(laid(usual, spring)[..4], [Some(0), Some(1), None, Some(2)]);
        assert_eq!(
            laid(autumn, usual),
            numbers(&[vec![0, 1, 2, 2], late(3, 23)].concat()),
            "02:00 comes twice"
        );
        assert_eq!(
            laid(usual, autumn),
            numbers(&[vec![0, 1, 2], late(4, 24)].concat()),
            "the first one counts"
        );
        assert_eq!(laid(autumn, spring)[..5], [Some(0), Some(1), None, None, Some(2)]);
    }

    /// 92 and 100 quarters: four slots have no place, or two.
    #[test]
    fn quarters_meet_by_the_clock_too() {
        let zone = Zone::copenhagen();
        let grid = Grid { resolution: Resolution::PT15M, ..grid(&zone) };
        let quarters = |slots: i64| {
            let mut block = IntervalBlock::empty(0);
            (0..slots).for_each(|slot| block.push(Some(slot), Quality::Measured).unwrap());
            block
        };
        let (spring, usual, autumn) = (date(2026, 3, 29), date(2026, 3, 22), date(2026, 10, 25));
        let block = quarters(96);
        let laid = |asked| like_days(&grid, asked, &[(usual, &block)], (REFUSED, 0)).remove(0);
        let (short, long) = (laid(spring), laid(autumn));
        assert_eq!((short.len(), short[7], short[8]), (92, Some(7), Some(12)));
        assert_eq!(
            (long.len(), long[8], long[12], long[15], long[16]),
            (100, Some(8), Some(8), Some(11), Some(12))
        );
        assert_eq!(
            like_days(&grid, usual, &[(spring, &block)], (REFUSED, 0)).len(),
            0,
            "96 quarters on a day of 92"
        );
    }

    #[test]
    fn coarser_numbers_are_rounded() {
        for (number, exponent, expected) in [
            (Decimal::new(15, -1), 0, Some(2)),
            (Decimal::new(-15, -1), 0, Some(-2)),
            (Decimal::new(14, -1), 0, Some(1)),
            (Decimal::new(7, 2), 0, Some(700)),
            (Decimal::new(i64::MAX, 2), 0, None),
        ] {
            assert_eq!(at_exponent(number, exponent), expected, "{number}");
        }
    }
}
