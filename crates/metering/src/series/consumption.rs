//! Consumption between the readings of a register, and readings of instants.
//!
//! What comes in: the register blocks of one series, a resolution and a range of local days. What goes
//! out: one [`Span`] per period, in order and without gaps, cut at the ends of the range; or the
//! readings as they are.
//!
//! Conventions, so that nothing is smeared over another time:
//! - The consumption of a local day is its last reading less the last reading of the local day before. A
//!   day without a reading is missing, and so is the day after it. Hours and quarters follow the same
//!   rule.
//! - The consumption of a month or year is its last reading less the last reading before it. If one of
//!   the two was not made on the last local day it stands for, the difference is not exactly the
//!   period's: it is estimated and the span has the finding [`Rule::Completeness`].
//! - Where no earlier reading is given, the first reading inside stands in for it, also estimated and with
//!   that finding. One single reading says nothing about consumption: missing.
//! - If any reading is lower than the one before it, there is no value and the finding is
//!   [`Rule::Falling`]. Where the register's digits are known and validation found no fall there, it began at 0 again:
//!   it has counted on.
//! - A difference means its energy at the point: it is multiplied by factor and multiplier as they were when it was
//!   counted ([`Mounted`]). Where they changed between two readings, the difference is estimated and has the finding
//!   [`Rule::Completeness`].
//! - Readings given before the range count as earlier readings. Whether a caller may give them is the
//!   gate's matter.
//! - Instants (temperature, humidity) are never averaged: a period shows its last reading.

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{DayRange, Decimal, Findings, Mark, Mounting, Quality, Resolution, Rule, Timeline};

use super::{
    Mounted, RegisterBlock, ResolutionFault, Span,
    coarsen::{decimal, finest, in_finer_steps, union},
    period::{Period, closed, periods},
};

/// The readings of a register in the range, in order: instant, value in the series' unit, mark.
///
/// `days` are the series' blocks, each with its local day, in order.
#[must_use]
pub fn register_readings(
    days: &[(Date, RegisterBlock)],
    zone: &Zone,
    range: DayRange,
) -> Vec<(Timestamp, Decimal, Mark)> {
    let inside = days.iter().filter(|(day, _)| range.contains(*day));
    let readings = inside.flat_map(|(day, block)| {
        let midnight = zone.day_start(*day);
        block
            .readings()
            .map(move |(offset, value, mark)| (later(midnight, offset), block.decimal(value), mark))
    });
    readings.collect()
}

/// Consumption of a cumulative register (energy, volume, HCA units) in the periods of `to`.
///
/// `days` are the series' blocks, each with its local day, in order. `expected` and `present` of a span
/// count local days and those with a reading; for hours and quarters 1 and whether there is one. `mounted` is how the device
/// was connected over time, and how many digits its register shows before it begins at 0 again.
///
/// # Errors
/// [`ResolutionFault::NoPeriods`] for raw, [`ResolutionFault::Undivided`], [`ResolutionFault::TooLarge`].
pub fn coarsen_registers(
    days: &[(Date, RegisterBlock)],
    to: Resolution,
    zone: &Zone,
    range: DayRange,
    mounted: &Timeline<Mounting>,
) -> Result<Vec<Span>, ResolutionFault> {
    spans((days, mounted), to, zone, range, |parts| parts.consumption(to, zone))
}

/// The last reading of each period of `to`, for what is not cumulative (temperature, humidity).
///
/// Shape and errors as [`coarsen_registers`].
///
/// # Errors
/// [`ResolutionFault::NoPeriods`] for raw, [`ResolutionFault::Undivided`], [`ResolutionFault::TooLarge`].
pub fn coarsen_instants(
    days: &[(Date, RegisterBlock)],
    to: Resolution,
    zone: &Zone,
    range: DayRange,
) -> Result<Vec<Span>, ResolutionFault> {
    spans((days, &Timeline::default()), to, zone, range, last_reading)
}

fn spans(
    (days, mounted): (&[(Date, RegisterBlock)], &Timeline<Mounting>),
    to: Resolution,
    zone: &Zone,
    range: DayRange,
    span: impl Fn(&Parts<'_>) -> Result<Span, ResolutionFault>,
) -> Result<Vec<Span>, ResolutionFault> {
    if to == Resolution::Raw {
        return Err(ResolutionFault::NoPeriods { asked: to });
    }
    let Some(range) = closed(range, days.iter().map(|(day, _)| *day)) else {
        return Ok(Vec::new());
    };
    let shown = finest(days.iter().map(|(_, block)| block.exponent()));
    let exponent = at_the_point(shown, mounted);
    let points = Counting { zone, mounted, shown, exponent }.points(days)?;
    let mut earlier = 0;
    let mut spans = Vec::new();
    for period in periods(to, zone, range)? {
        let first = earlier + count_before(points.get(earlier..), period.start);
        let end = first + count_before(points.get(first..), period.end);
        let before = first.checked_sub(1).and_then(|index| points.get(index));
        let inside = points.get(first..end).unwrap_or_default();
        spans.push(span(&Parts { period, before, inside, exponent })?);
        earlier = end;
    }
    Ok(spans)
}

/// The exponent in which every difference of readings is whole once it is multiplied.
fn at_the_point(shown: i8, mounted: &Timeline<Mounting>) -> i8 {
    let step = Decimal::new(1, shown);
    let multiplied = mounted.periods().iter().filter_map(|period| period.what.at_the_point(step));
    multiplied.map(Decimal::exponent).fold(shown, i8::min)
}

/// A reading at its instant, and what was counted until then.
struct Point {
    at: Timestamp,
    day: Date,
    /// Energy at the point, in steps of the exponent of all.
    value: i128,
    mark: Mark,
    /// Whether factor and multiplier stayed the same since the reading before.
    is_certain: bool,
}

/// Counting on from reading to reading.
struct Counting<'a> {
    zone: &'a Zone,
    mounted: &'a Timeline<Mounting>,
    /// The finest exponent the register shows.
    shown: i8,
    /// That of what it means at the point.
    exponent: i8,
}

impl Counting<'_> {
    fn points(&self, days: &[(Date, RegisterBlock)]) -> Result<Vec<Point>, ResolutionFault> {
        let mut points: Vec<Point> = Vec::with_capacity(days.iter().map(|(_, block)| block.len()).sum());
        let mut last = 0;
        for (day, block) in days {
            let midnight = self.zone.day_start(*day);
            for (offset, value, mark) in block.readings() {
                let at = later(midnight, offset);
                let value = in_finer_steps(i128::from(value), block.exponent(), self.shown);
                let value = value.ok_or(ResolutionFault::TooLarge { start: midnight })?;
                let before = points.last().map(|before| (before.at, last, before.value));
                let (counted, is_certain) = match before {
                    Some(before) => self.counted(before, (at, value, mark), block.exponent())?,
                    None => (self.means(value, Mounting::default(), at)?, true),
                };
                points.push(Point { at, day: *day, value: counted, mark, is_certain });
                last = value;
            }
        }
        Ok(points)
    }

    /// What is counted at a reading, from the one before it: its instant, what it showed, what was counted then.
    fn counted(
        &self,
        (from, showed, counted): (Timestamp, i128, i128),
        (at, value, mark): (Timestamp, i128, Mark),
        exponent: i8,
    ) -> Result<(i128, bool), ResolutionFault> {
        let Mounted { mounting, is_certain } = Mounted::between(self.mounted, (from, at), self.zone);
        let mut difference = value - showed;
        if difference < 0 && !mark.findings().contains(Rule::Falling) {
            difference += capacity(mounting.digits, exponent, self.shown).unwrap_or(0);
        }
        Ok((counted + self.means(difference, mounting, at)?, is_certain))
    }

    /// What a number of the register means at the point.
    fn means(&self, number: i128, mounting: Mounting, at: Timestamp) -> Result<i128, ResolutionFault> {
        let means = || {
            let number = Decimal::new(i64::try_from(number).ok()?, self.shown);
            let means = mounting.at_the_point(number)?;
            in_finer_steps(i128::from(means.mantissa()), means.exponent(), self.exponent)
        };
        means().ok_or(ResolutionFault::TooLarge { start: at })
    }
}

/// What a register counts up to before it begins at 0 again, in steps of an exponent.
fn capacity(digits: Option<u8>, shown: i8, exponent: i8) -> Option<i128> {
    in_finer_steps(10_i128.checked_pow(u32::from(digits?))?, shown, exponent)
}

fn count_before(points: Option<&[Point]>, instant: Timestamp) -> usize {
    points.unwrap_or_default().partition_point(|point| point.at < instant)
}

fn later(midnight: Timestamp, offset_seconds: u32) -> Timestamp {
    Timestamp::from_second(midnight.as_second() + i64::from(offset_seconds)).unwrap_or(Timestamp::MAX)
}

/// A period, its readings, and the last reading before it.
struct Parts<'a> {
    period: Period,
    before: Option<&'a Point>,
    inside: &'a [Point],
    exponent: i8,
}

impl Parts<'_> {
    fn consumption(&self, to: Resolution, zone: &Zone) -> Result<Span, ResolutionFault> {
        let mut span = self.without_value();
        if self.falls() {
            span.findings = span.findings.with(Rule::Falling);
            return Ok(span);
        }
        let Some(last) = self.inside.last() else { return Ok(span) };
        let Some((first, begins_exactly)) = self.begin(to, zone) else { return Ok(span) };
        let is_certain = self.inside.iter().all(|point| point.at == first.at || point.is_certain);
        let ends_exactly = to <= Resolution::P1D || last.day == self.period.last_day;
        let exact = begins_exactly && ends_exactly && is_certain;
        let too_large = ResolutionFault::TooLarge { start: self.period.start };
        span.value = Some(self.decimal(last.value.checked_sub(first.value).ok_or(too_large)?)?);
        span.quality = worse(first.mark.quality(), last.mark.quality());
        if !exact {
            span.quality = Quality::Estimated;
            span.findings = span.findings.with(Rule::Completeness);
        }
        Ok(span)
    }

    /// The reading consumption counts from, and whether it was made where the period begins.
    fn begin(&self, to: Resolution, zone: &Zone) -> Option<(&Point, bool)> {
        match (self.before, self.inside) {
            (None, [first, _, ..]) => Some((first, false)),
            (None, _) => None,
            (Some(before), _) => {
                let exact = before.at >= self.period.start_before(to, zone);
                (exact || to > Resolution::P1D).then_some((before, exact))
            }
        }
    }

    fn falls(&self) -> bool {
        let chain = || self.before.into_iter().chain(self.inside);
        chain().zip(chain().skip(1)).any(|(a, b)| b.value < a.value)
    }

    fn without_value(&self) -> Span {
        let marks = || self.inside.iter().map(|point| point.mark);
        let days = || self.inside.chunk_by(|a, b| a.day == b.day);
        let is_estimated =
            |day: &&[Point]| day.last().is_some_and(|last| last.mark.quality() == Quality::Estimated);
        Span {
            start: self.period.start,
            end: self.period.end,
            value: None,
            quality: Quality::Missing,
            expected: self.period.days(),
            present: u32::try_from(days().count()).unwrap_or(u32::MAX),
            estimated: u32::try_from(days().filter(is_estimated).count()).unwrap_or(u32::MAX),
            // A difference is no estimate of these methods, however its ends came about.
            method: None,
            findings: marks().fold(Findings::NONE, |all, mark| union(all, mark.findings())),
            corrected: marks().any(Mark::is_correction),
        }
    }

    fn decimal(&self, value: i128) -> Result<Decimal, ResolutionFault> {
        decimal(value, self.exponent).ok_or(ResolutionFault::TooLarge { start: self.period.start })
    }
}

fn last_reading(parts: &Parts<'_>) -> Result<Span, ResolutionFault> {
    let mut span = parts.without_value();
    if let Some(last) = parts.inside.last() {
        span.value = Some(parts.decimal(last.value)?);
        span.quality = last.mark.quality();
    }
    Ok(span)
}

/// The quality of a difference.
fn worse(a: Quality, b: Quality) -> Quality {
    match (a, b) {
        (Quality::Estimated, _) | (_, Quality::Estimated) => Quality::Estimated,
        (Quality::Calculated, _) | (_, Quality::Calculated) => Quality::Calculated,
        _ => Quality::Measured,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tidstro_model::{Dated, Factor};

    use super::*;

    const MEASURED: Mark = Mark::new(Quality::Measured);
    const NOON: u32 = 12 * 3600;

    fn march(day: i8) -> Date {
        date(2025, 3, day)
    }

    /// Days of March with their readings (offset, value).
    fn days(days: &[(i8, &[(u32, i64)])]) -> Vec<(Date, RegisterBlock)> {
        let block = |readings: &[(u32, i64)]| {
            let mut block = RegisterBlock::empty(0);
            for (offset, value) in readings {
                block.push(*offset, *value, MEASURED).unwrap();
            }
            block
        };
        days.iter().map(|(day, readings)| (march(*day), block(readings))).collect()
    }

    fn range(start: i8, end: i8) -> DayRange {
        DayRange::new(march(start), march(end)).unwrap()
    }

    /// Value, quality and whether the completeness finding is there, per period.
    fn consumption(
        days: &[(Date, RegisterBlock)],
        to: Resolution,
        range: DayRange,
    ) -> Vec<(Option<i64>, Quality, bool)> {
        let spans = coarsen_registers(days, to, &Zone::copenhagen(), range, &Timeline::default()).unwrap();
        let shown = |span: &Span| {
            let value = span.value.map(|value| value.in_steps_of(0).unwrap());
            (value, span.quality, span.findings.contains(Rule::Completeness))
        };
        spans.iter().map(shown).collect()
    }

    #[test]
    fn a_day_is_the_difference_to_the_day_before() {
        let days =
            days(&[(1, &[(0, 100), (NOON, 105)]), (2, &[(NOON, 112)]), (3, &[(0, 112), (80_000, 120)])]);
        let expected = [
            // No reading before: the part of the day between its own readings.
            (Some(5), Quality::Estimated, true),
            (Some(7), Quality::Measured, false),
            (Some(8), Quality::Measured, false),
        ];
        assert_eq!(consumption(&days, Resolution::P1D, range(1, 4)), expected);
        // The same days, with the first only as the reading before.
        assert_eq!(consumption(&days, Resolution::P1D, range(2, 4)), expected[1..]);
    }

    #[test]
    fn a_silent_day_is_missing_and_so_is_the_next() {
        let days = days(&[(1, &[(0, 100), (NOON, 105)]), (3, &[(NOON, 120)]), (4, &[(NOON, 125)])]);
        let missing = (None, Quality::Missing, false);
        let expected =
            [(Some(5), Quality::Estimated, true), missing, missing, (Some(5), Quality::Measured, false)];
        assert_eq!(consumption(&days, Resolution::P1D, range(1, 5)), expected);
        let spans =
            coarsen_registers(&days, Resolution::P1D, &Zone::copenhagen(), range(1, 5), &Timeline::default())
                .unwrap();
        let present: Vec<_> = spans.iter().map(|span| (span.expected, span.present)).collect();
        assert_eq!(present, [(1, 1), (1, 0), (1, 1), (1, 1)]);
    }

    #[test]
    fn one_reading_alone_is_no_consumption() {
        let days = days(&[(1, &[(NOON, 105)])]);
        assert_eq!(consumption(&days, Resolution::P1D, range(1, 2)), [(None, Quality::Missing, false)]);
    }

    #[test]
    fn a_month_is_exact_between_its_boundary_days() {
        let february = (date(2025, 2, 28), days(&[(1, &[(NOON, 50)])]).remove(0).1);
        let month = DayRange::new(march(1), date(2025, 4, 1)).unwrap();
        for (march, expected) in [
            // Silent days inside do not matter to a register.
            (days(&[(3, &[(NOON, 60)]), (31, &[(NOON, 90)])]), (Some(40), Quality::Measured, false)),
            // The last day is silent: the difference is not the month's.
            (days(&[(3, &[(NOON, 60)]), (30, &[(NOON, 90)])]), (Some(40), Quality::Estimated, true)),
        ] {
            let mut all = vec![february.clone()];
            all.extend(march);
            assert_eq!(consumption(&all, Resolution::P1M, month), [expected]);
        }
    }

    #[test]
    fn a_month_without_a_reading_before_counts_from_its_first() {
        let days = days(&[(1, &[(NOON, 50)]), (31, &[(NOON, 90)])]);
        let month = DayRange::new(march(1), date(2025, 4, 1)).unwrap();
        assert_eq!(consumption(&days, Resolution::P1M, month), [(Some(40), Quality::Estimated, true)]);
    }

    #[test]
    fn months_are_the_sum_of_their_days() {
        let blocks =
            (1..=31).map(|day| (march(day), days(&[(1, &[(80_000, i64::from(day) * 7)])]).remove(0).1));
        let blocks: Vec<_> = blocks.collect();
        let sum: i64 =
            consumption(&blocks, Resolution::P1D, range(2, 31)).iter().filter_map(|day| day.0).sum();
        assert_eq!(
            consumption(&blocks, Resolution::P1M, range(2, 31)),
            [(Some(sum), Quality::Measured, false)]
        );
    }

    #[test]
    fn a_falling_register_has_no_consumption() {
        // Higher at the end than at the start, but it fell in between.
        let days = days(&[(1, &[(NOON, 100)]), (2, &[(0, 3), (NOON, 150)]), (3, &[(NOON, 160)])]);
        let spans =
            coarsen_registers(&days, Resolution::P1D, &Zone::copenhagen(), range(2, 4), &Timeline::default())
                .unwrap();
        assert_eq!((spans[0].value, spans[0].quality), (None, Quality::Missing));
        assert!(spans[0].findings.contains(Rule::Falling));
        assert_eq!(spans[1].value, Some(Decimal::new(10, 0)));
    }

    #[test]
    fn a_register_that_began_at_zero_again_has_counted_on() {
        let five = |days: &[(Date, RegisterBlock)], digits| {
            let mounted = mounted(&[(1, 31, Mounting { digits, ..Mounting::default() })]);
            let spans = coarsen_registers(days, Resolution::P1D, &Zone::copenhagen(), range(2, 4), &mounted);
            spans.unwrap().iter().map(|span| span.value).collect::<Vec<_>>()
        };
        let mut over = days(&[(1, &[(NOON, 99_990)]), (2, &[(0, 99_998), (NOON, 3)]), (3, &[(NOON, 10)])]);
        let (thirteen, seven) = (Some(Decimal::new(13, 0)), Some(Decimal::new(7, 0)));
        assert_eq!(five(&over, Some(5)), [thirteen, seven]);
        assert_eq!(five(&over, None), [None, seven], "an overflow is a fall while nobody knows the digits");
        // Validation said that it fell: somebody set it to zero.
        over[1].1.add_finding(1, Rule::Falling);
        assert_eq!(five(&over, Some(5)), [None, seven]);
    }

    fn mounted(periods: &[(i8, i8, Mounting)]) -> Timeline<Mounting> {
        let dated = |(from, to, what): &(i8, i8, Mounting)| Dated { days: range(*from, *to), what: *what };
        Timeline::of(periods.iter().map(dated)).unwrap()
    }

    fn by(factor: &str, multiplier: &str, digits: Option<u8>) -> Mounting {
        let read = |text| Factor::parse(text).unwrap();
        Mounting { factor: read(factor), multiplier: read(multiplier), digits }
    }

    /// Worked: value and quality of each day from the second to the fourth.
    fn worked(
        days: &[(Date, RegisterBlock)],
        mounted: &Timeline<Mounting>,
    ) -> Vec<(Option<String>, Quality)> {
        let spans =
            coarsen_registers(days, Resolution::P1D, &Zone::copenhagen(), range(2, 5), mounted).unwrap();
        spans.iter().map(|span| (span.value.map(|value| value.to_string()), span.quality)).collect()
    }

    #[test]
    fn a_difference_counts_by_factor_and_multiplier() {
        let days =
            days(&[(1, &[(NOON, 100)]), (2, &[(NOON, 103)]), (3, &[(NOON, 110)]), (4, &[(NOON, 110)])]);
        let measured = |value: &str| (Some(value.to_owned()), Quality::Measured);
        // 3 counts of 10 behind transformers of 200 : 5 A.
        let found = worked(&days, &mounted(&[(1, 31, by("40", "10", None))]));
        assert_eq!(found, [measured("1200"), measured("2800"), measured("0")]);
        // A difference is multiplied exactly, however many decimals that takes.
        let found = worked(&days, &mounted(&[(1, 31, by("0.985", "0.1", None))]));
        assert_eq!(found, [measured("0.2955"), measured("0.6895"), measured("0.0000")]);
    }

    #[test]
    fn a_factor_changes_at_midnight() {
        let change = mounted(&[(1, 3, by("40", "1", None)), (3, 31, by("60", "1", None))]);
        let measured = |value: &str| (Some(value.to_owned()), Quality::Measured);
        let read_at_noon =
            days(&[(1, &[(NOON, 100)]), (2, &[(NOON, 103)]), (3, &[(NOON, 110)]), (4, &[(NOON, 112)])]);
        // Nobody read it at the change: the difference over it is estimated.
        let found = worked(&read_at_noon, &change);
        assert_eq!(found, [measured("120"), (Some("420".to_owned()), Quality::Estimated), measured("120")]);
        // Read at midnight: 5 count by the old factor, 2 by the new one.
        let read = days(&[
            (1, &[(NOON, 100)]),
            (2, &[(NOON, 103)]),
            (3, &[(0, 108), (NOON, 110)]),
            (4, &[(NOON, 112)]),
        ]);
        assert_eq!(worked(&read, &change), [measured("120"), measured("320"), measured("120")]);
        // The month is the sum, by whichever factor each part counted.
        let month =
            coarsen_registers(&read, Resolution::P1M, &Zone::copenhagen(), range(2, 5), &change).unwrap();
        assert_eq!(month[0].value, Some(Decimal::new(560, 0)));
    }

    #[test]
    fn an_overflow_counts_by_the_digits_of_its_day() {
        let over = days(&[(1, &[(NOON, 9_990)]), (2, &[(NOON, 5)]), (3, &[(NOON, 9)]), (4, &[(NOON, 11)])]);
        let both = mounted(&[(1, 4, by("40", "1", Some(4))), (4, 31, by("40", "1", Some(6)))]);
        let found: Vec<_> = worked(&over, &both).into_iter().map(|(value, _)| value.unwrap()).collect();
        assert_eq!(found, ["600", "160", "80"], "15, 4 and 2 counts");
    }

    #[test]
    fn hours_follow_the_rule_of_days() {
        let days = days(&[(1, &[(0, 100), (3600, 101), (7100, 103), (3 * 3600, 110)])]);
        let hours = consumption(&days, Resolution::PT1H, range(1, 2));
        let missing = (None, Quality::Missing, false);
        assert_eq!(hours[..5], [missing, (Some(3), Quality::Measured, false), missing, missing, missing]);
        assert_eq!(hours.len(), 24);
    }

    #[test]
    fn instants_show_the_last_reading() {
        let mut days = days(&[(1, &[(0, 215), (NOON, 221)]), (3, &[(0, 190)])]);
        days[0].1.exponent = -1;
        let of = |to| coarsen_instants(&days, to, &Zone::copenhagen(), range(1, 4)).unwrap();
        let values: Vec<_> = of(Resolution::P1D).iter().map(|span| span.value).collect();
        assert_eq!(values, [Some(Decimal::new(221, -1)), None, Some(Decimal::new(190, 0))]);
        let month = of(Resolution::P1M)[0];
        assert_eq!((month.value, month.expected, month.present), (Some(Decimal::new(190, 0)), 3, 2));
    }

    #[test]
    fn readings_keep_their_moments() {
        // 30 March begins at 23:00 UTC and skips an hour: noon by the clock is 11 hours later.
        let days = days(&[(29, &[(NOON, 1)]), (30, &[(11 * 3600, 2)])]);
        let readings = register_readings(&days, &Zone::copenhagen(), range(30, 31));
        assert_eq!(readings, [("2025-03-30T10:00:00Z".parse().unwrap(), Decimal::new(2, 0), MEASURED)]);
    }

    #[test]
    fn raw_has_no_periods() {
        let fault = coarsen_registers(
            &[],
            Resolution::Raw,
            &Zone::copenhagen(),
            DayRange::always(),
            &Timeline::default(),
        );
        assert_eq!(fault, Err(ResolutionFault::NoPeriods { asked: Resolution::Raw }));
    }
}
