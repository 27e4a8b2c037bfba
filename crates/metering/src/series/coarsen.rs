//! Sums of interval values over coarser periods, exact.
//!
//! What comes in: the interval blocks of one series, a coarser resolution and a range of local days.
//! What goes out: one [`Span`] per period, in order and without gaps, cut at the ends of the range.
//!
//! Conventions. A sum with a missing part has no value: no partial sum passes as the sum, and `present`
//! of `expected` says how much is there. A local day without a block is a day of missing intervals;
//! values past the end of a local day belong to no instant of it and are in no sum (validation has a
//! finding for them). A sum with an estimated part is estimated, else with a calculated part calculated,
//! else measured. Nothing is rounded: the value has the finest exponent of the given blocks. An open end
//! of the range ends with the given days.

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{DayRange, Decimal, Findings, Mark, Method, Quality, Resolution};

use super::{
    IntervalBlock,
    methods::Methods,
    period::{Period, closed, periods},
};

/// A value for a period, with how it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First instant of the period, inside.
    pub start: Timestamp,
    /// First instant after the period.
    pub end: Timestamp,
    /// The value in the series' unit; `None` if it cannot be given.
    pub value: Option<Decimal>,
    /// Quality of the value; missing exactly where there is no value.
    pub quality: Quality,
    /// Parts the period has: intervals of the series, or local days for registers (1 for a part of a day).
    pub expected: u32,
    /// Parts that are there: intervals with a value, or local days with a reading.
    pub present: u32,
    /// Parts that are there and estimated. A difference of readings may be estimated as a whole though none of its parts is.
    pub estimated: u32,
    /// How the estimated parts were made, where all were made here and in one way.
    pub method: Option<Method>,
    /// Rules that any part failed.
    pub findings: Findings,
    /// Whether any part is a correction.
    pub corrected: bool,
}

/// Why a series cannot be shown at a resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResolutionFault {
    /// Finer than the series is kept.
    #[error("`{asked}` is finer than the series, which is kept at `{series}`; ask for `{series}` or coarser")]
    Finer {
        /// Resolution of the series.
        series: Resolution,
        /// Resolution asked for.
        asked: Resolution,
    },
    /// Not a resolution interval series of a local day have.
    #[error("`{series}` is not a resolution of interval blocks; give `PT15M` or `PT1H`")]
    NotIntervals {
        /// Resolution given for the series.
        series: Resolution,
    },
    /// Raw readings are instants and have no periods.
    #[error("`{asked}` has no periods; ask for the readings themselves or for `PT15M` or coarser")]
    NoPeriods {
        /// Resolution asked for.
        asked: Resolution,
    },
    /// The length of the local day is no multiple of the resolution.
    #[error("local day {day} has no whole number of `{resolution}` intervals; ask for `P1D` or coarser")]
    Undivided {
        /// The local day.
        day: Date,
        /// The resolution.
        resolution: Resolution,
    },
    /// The value of a period does not fit in 64 bits.
    #[error("value of the period from {start} does not fit in 64 bits; check the scale of the series")]
    TooLarge {
        /// First instant of the period.
        start: Timestamp,
    },
}

/// Sums of an interval series (energy or volume per interval) over the periods of `to`.
///
/// `days` are the series' blocks, each with its local day, in order; days outside the range are left
/// out. `series` is the resolution of the blocks. With `to` = `series` each interval is a period.
///
/// # Errors
/// [`ResolutionFault`], first of all [`ResolutionFault::Finer`].
pub fn coarsen_intervals(
    days: &[(Date, IntervalBlock)],
    series: Resolution,
    to: Resolution,
    zone: &Zone,
    range: DayRange,
) -> Result<Vec<Span>, ResolutionFault> {
    let series_seconds = series.seconds().ok_or(ResolutionFault::NotIntervals { series })?;
    if to < series {
        return Err(ResolutionFault::Finer { series, asked: to });
    }
    let Some(range) = closed(range, days.iter().map(|(day, _)| *day)) else {
        return Ok(Vec::new());
    };
    let source =
        Source { days, series, zone, exponent: finest(days.iter().map(|(_, block)| block.exponent())) };
    let per_period = to.seconds().map(|seconds| (seconds / series_seconds) as usize);
    let spans = periods(to, zone, range)?.into_iter();
    match per_period {
        Some(slots) => source.parts_of_days(spans, slots),
        None => spans.map(|period| source.whole_days(period)).collect(),
    }
}

/// The finest power of ten of some blocks; 0 if there are none.
pub(super) fn finest(exponents: impl Iterator<Item = i8>) -> i8 {
    exponents.min().unwrap_or(0)
}

/// What sums are made from.
struct Source<'a> {
    days: &'a [(Date, IntervalBlock)],
    series: Resolution,
    zone: &'a Zone,
    exponent: i8,
}

impl Source<'_> {
    fn block(&self, day: Date) -> Option<&IntervalBlock> {
        let index = self.days.binary_search_by_key(&day, |(day, _)| *day).ok()?;
        self.days.get(index).map(|(_, block)| block)
    }

    fn slots(&self, day: Date) -> Result<usize, ResolutionFault> {
        let slots = self.zone.slots(day, self.series);
        slots.map(|slots| slots as usize).ok_or(ResolutionFault::Undivided { day, resolution: self.series })
    }

    fn whole_days(&self, period: Period) -> Result<Span, ResolutionFault> {
        let mut sum = Sum::new(period);
        let mut day = period.first_day;
        loop {
            sum.add(self.block(day), 0, self.slots(day)?, self.exponent)?;
            match day.tomorrow() {
                Ok(next) if next <= period.last_day => day = next,
                _ => return sum.finish(self.exponent),
            }
        }
    }

    /// `periods` are parts of days, each `slots` intervals long.
    fn parts_of_days(
        &self,
        periods: impl Iterator<Item = Period>,
        slots: usize,
    ) -> Result<Vec<Span>, ResolutionFault> {
        let (mut day, mut first) = (Date::MIN, 0);
        let span = |period: Period| {
            first = if period.first_day == day { first + slots } else { 0 };
            day = period.first_day;
            let mut sum = Sum::new(period);
            sum.add(self.block(day), first, slots, self.exponent)?;
            sum.finish(self.exponent)
        };
        periods.map(span).collect()
    }
}

/// A sum while it is made.
struct Sum {
    period: Period,
    total: i128,
    expected: usize,
    present: usize,
    estimated: usize,
    calculated: bool,
    methods: Methods,
    findings: Findings,
    corrected: bool,
}

impl Sum {
    const fn new(period: Period) -> Self {
        Self {
            period,
            total: 0,
            expected: 0,
            present: 0,
            estimated: 0,
            calculated: false,
            methods: Methods::None,
            findings: Findings::NONE,
            corrected: false,
        }
    }

    /// Adds `count` slots of a local day from slot `first` on.
    fn add(
        &mut self,
        block: Option<&IntervalBlock>,
        first: usize,
        count: usize,
        exponent: i8,
    ) -> Result<(), ResolutionFault> {
        self.expected += count;
        let Some(block) = block else { return Ok(()) };
        let mut total = 0_i128;
        for (value, mark) in block.slots().skip(first).take(count) {
            self.note(mark);
            if let Some(value) = value {
                self.present += 1;
                total += i128::from(value);
            }
        }
        let total = in_finer_steps(total, block.exponent(), exponent);
        let sum = total.and_then(|total| self.total.checked_add(total));
        self.total = sum.ok_or(ResolutionFault::TooLarge { start: self.period.start })?;
        Ok(())
    }

    fn note(&mut self, mark: Mark) {
        self.estimated += usize::from(mark.quality() == Quality::Estimated);
        self.calculated |= mark.quality() == Quality::Calculated;
        self.methods = self.methods.with(mark);
        self.corrected |= mark.is_correction();
        self.findings = union(self.findings, mark.findings());
    }

    fn finish(self, exponent: i8) -> Result<Span, ResolutionFault> {
        let too_large = ResolutionFault::TooLarge { start: self.period.start };
        let complete = self.present == self.expected && self.expected > 0;
        let value = if complete { Some(decimal(self.total, exponent).ok_or(too_large)?) } else { None };
        let count = |parts: usize| u32::try_from(parts).unwrap_or(u32::MAX);
        Ok(Span {
            start: self.period.start,
            end: self.period.end,
            value,
            quality: if complete { self.quality() } else { Quality::Missing },
            expected: count(self.expected),
            present: count(self.present),
            estimated: count(self.estimated),
            method: if complete { self.methods.shared() } else { None },
            findings: self.findings,
            corrected: self.corrected,
        })
    }

    const fn quality(&self) -> Quality {
        match (self.estimated, self.calculated) {
            (1.., _) => Quality::Estimated,
            (0, true) => Quality::Calculated,
            (0, false) => Quality::Measured,
        }
    }
}

/// The rules of both sets.
pub(super) fn union(a: Findings, b: Findings) -> Findings {
    if b.is_empty() { a } else { b.rules().fold(a, Findings::with) }
}

/// A count of `10^from` as a count of `10^to`, which is finer or the same.
pub(super) fn in_finer_steps(number: i128, from: i8, to: i8) -> Option<i128> {
    if number == 0 {
        return Some(0);
    }
    let steps = u32::try_from(i32::from(from) - i32::from(to)).ok()?;
    10_i128.checked_pow(steps)?.checked_mul(number)
}

pub(super) fn decimal(mantissa: i128, exponent: i8) -> Option<Decimal> {
    i64::try_from(mantissa).ok().map(|mantissa| Decimal::new(mantissa, exponent))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tidstro_model::Rule;

    use super::*;

    const MARCH_29: Date = date(2025, 3, 29);
    /// The clock goes forward: 23 hours.
    const MARCH_30: Date = date(2025, 3, 30);

    fn range(start: Date, end: Date) -> DayRange {
        DayRange::new(start, end).unwrap()
    }

    fn full(day: Date, series: Resolution, value: i64) -> (Date, IntervalBlock) {
        let mut block = IntervalBlock::empty(0);
        for _ in 0..Zone::copenhagen().slots(day, series).unwrap() {
            block.push(Some(value), Quality::Measured).unwrap();
        }
        (day, block)
    }

    fn sums(days: &[(Date, IntervalBlock)], to: Resolution, range: DayRange) -> Vec<Span> {
        coarsen_intervals(days, Resolution::PT1H, to, &Zone::copenhagen(), range).unwrap()
    }

    fn whole(value: i64) -> Option<Decimal> {
        Some(Decimal::new(value, 0))
    }

    #[test]
    fn days_sum_over_the_clock_change() {
        let days = [full(MARCH_29, Resolution::PT1H, 10), full(MARCH_30, Resolution::PT1H, 10)];
        let spans = sums(&days, Resolution::P1D, range(MARCH_29, date(2025, 3, 31)));
        let values: Vec<_> = spans.iter().map(|span| (span.value, span.expected, span.present)).collect();
        assert_eq!(values, [(whole(240), 24, 24), (whole(230), 23, 23)]);
        assert_eq!(spans[1].start, "2025-03-29T23:00:00Z".parse().unwrap());
        assert_eq!(spans[1].end, "2025-03-30T22:00:00Z".parse().unwrap());
        assert!(spans.iter().all(|span| span.quality == Quality::Measured && !span.corrected));
    }

    #[test]
    fn a_missing_part_leaves_no_sum() {
        let mut days = [full(MARCH_29, Resolution::PT1H, 10), full(MARCH_30, Resolution::PT1H, 10)];
        days[1].1.set(5, 0, Quality::Missing).unwrap();
        let spans = sums(&days, Resolution::P1M, range(MARCH_29, date(2025, 4, 2)));
        let month = spans[0];
        assert_eq!((month.value, month.quality), (None, Quality::Missing));
        assert_eq!((month.expected, month.present), (24 + 23 + 24, 24 + 22));
        // The first of April has no block at all.
        assert_eq!((spans[1].value, spans[1].expected, spans[1].present), (None, 24, 0));
        assert_eq!(spans.len(), 2);
    }

    #[test]
    fn qualities_and_findings_reach_the_sum() {
        let mut day = full(MARCH_29, Resolution::PT1H, 10);
        let quality = |day: &(Date, IntervalBlock)| {
            sums(std::slice::from_ref(day), Resolution::P1D, DayRange::always())[0].quality
        };
        day.1.set(0, 10, Quality::Calculated).unwrap();
        assert_eq!(quality(&day), Quality::Calculated);
        day.1.set(1, 10, Quality::Estimated).unwrap();
        assert_eq!(quality(&day), Quality::Estimated);
        day.1.add_finding(Rule::Spike, |index, _, _| index == 3);
        day.1.marks[4] = day.1.marks[4].corrected();
        let span = sums(&[day], Resolution::P1Y, DayRange::always())[0];
        assert!(span.corrected && span.findings.contains(Rule::Spike));
        assert_eq!((span.estimated, span.present), (1, 24), "one hour of the day is");
    }

    #[test]
    fn quarters_sum_to_hours() {
        let mut day = full(MARCH_30, Resolution::PT15M, 3);
        day.1.set(91, 0, Quality::Missing).unwrap();
        let zone = Zone::copenhagen();
        let of =
            |to| coarsen_intervals(&[day.clone()], Resolution::PT15M, to, &zone, DayRange::always()).unwrap();
        let hours = of(Resolution::PT1H);
        assert_eq!(hours.len(), 23);
        assert_eq!((hours[0].value, hours[0].expected), (whole(12), 4));
        assert_eq!((hours[22].value, hours[22].present), (None, 3));
        assert!(hours.windows(2).all(|pair| pair[0].end == pair[1].start));
        let quarters = of(Resolution::PT15M);
        assert_eq!((quarters.len(), quarters[90].value, quarters[91].value), (92, whole(3), None));
    }

    #[test]
    fn values_past_the_end_of_the_day_are_in_no_sum() {
        let mut day = full(MARCH_29, Resolution::PT1H, 10);
        day.0 = MARCH_30;
        let span = sums(&[day], Resolution::P1D, DayRange::always())[0];
        assert_eq!((span.value, span.expected, span.present), (whole(230), 23, 23));
    }

    #[test]
    fn exponents_meet_at_the_finest() {
        let mut fine = full(MARCH_30, Resolution::PT1H, 0);
        fine.1.exponent = -3;
        fine.1.set(0, 5, Quality::Measured).unwrap();
        let days = [full(MARCH_29, Resolution::PT1H, 10), fine];
        let spans = sums(&days, Resolution::P1Y, DayRange::always());
        assert_eq!(spans[0].value, Some(Decimal::new(240_005, -3)));
    }

    #[test]
    fn what_cannot_be_shown_is_a_fault() {
        let day = full(MARCH_29, Resolution::PT1H, i64::MAX);
        let zone = Zone::copenhagen();
        let of =
            |series, to| coarsen_intervals(std::slice::from_ref(&day), series, to, &zone, DayRange::always());
        let (hour, quarter) = (Resolution::PT1H, Resolution::PT15M);
        assert_eq!(of(hour, quarter), Err(ResolutionFault::Finer { series: hour, asked: quarter }));
        let days = of(Resolution::P1D, Resolution::P1D);
        assert_eq!(days, Err(ResolutionFault::NotIntervals { series: Resolution::P1D }));
        let start = zone.day_start(MARCH_29);
        assert_eq!(of(hour, Resolution::P1D), Err(ResolutionFault::TooLarge { start }));
        let lord_howe = Zone::named("Australia/Lord_Howe").unwrap();
        let odd = range(date(2024, 10, 6), date(2024, 10, 7));
        let undivided = ResolutionFault::Undivided { day: date(2024, 10, 6), resolution: hour };
        assert_eq!(coarsen_intervals(&[], hour, hour, &lord_howe, odd), Err(undivided));
    }

    #[test]
    fn an_open_range_ends_with_the_days() {
        assert_eq!(sums(&[], Resolution::P1D, DayRange::always()), []);
        let days = [full(MARCH_29, Resolution::PT1H, 10)];
        assert_eq!(sums(&days, Resolution::P1D, DayRange::from(date(2025, 3, 28))).len(), 2);
        assert_eq!(sums(&days, Resolution::P1D, DayRange::from(MARCH_30)), []);
    }
}
