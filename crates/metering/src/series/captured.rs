//! Energy of intervals from what a meter captured: the rows of a load profile.
//!
//! What comes in: values of one register in the order of time, each with the interval it is about. What goes out: the energy
//! of whole intervals of a resolution. A register that was read at both ends of an interval gives the difference; parts
//! of an interval (a row was captured early, after a power failure) give their sum where they fill it. Anything else is
//! missing: an interval between two readings further apart, a register that fell, a part that is not valid. Nothing is
//! spread, rounded or guessed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_model::{Decimal, Interval, Quality, Resolution};

/// One captured value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Captured {
    /// From the capture before to this one.
    pub interval: Interval,
    /// The number, in the unit of the series.
    pub number: Decimal,
    /// [`Quality::Missing`] where the meter says that the value is not valid.
    pub quality: Quality,
}

/// What the numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapturedKind {
    /// What the register showed at the end of the interval.
    Register,
    /// How much it was in the interval.
    OfInterval,
}

/// The energy of one whole interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalEnergy {
    /// When the interval starts.
    pub start: Timestamp,
    /// How much, in the unit of what was captured.
    pub number: Decimal,
    /// [`Quality::Measured`], or [`Quality::Estimated`] where the meter doubts itself.
    pub quality: Quality,
}

/// The energy of each whole interval of `resolution` that the values tell, in the order of time; none for a resolution that
/// is no number of seconds.
///
/// ```
/// use jiff::Timestamp;
/// use tidstro_metering::{Captured, CapturedKind, energy_of_intervals};
/// use tidstro_model::{Decimal, Interval, Quality, Resolution};
///
/// let at = |quarter: i64| Timestamp::from_second(quarter * 900).unwrap();
/// let shown = |quarter, number| Captured {
///     interval: Interval::new(at(quarter - 1), at(quarter)).unwrap(),
///     number: Decimal::new(number, 0),
///     quality: Quality::Measured,
/// };
/// let energy = energy_of_intervals(CapturedKind::Register, &[shown(1, 500), shown(2, 620)], Resolution::PT15M);
/// assert_eq!((energy[0].start, energy[0].number), (at(1), Decimal::new(120, 0)));
/// ```
#[must_use]
pub fn energy_of_intervals(
    kind: CapturedKind,
    captured: &[Captured],
    resolution: Resolution,
) -> Vec<IntervalEnergy> {
    let Some(seconds) = resolution.seconds().map(i64::from).filter(|seconds| *seconds > 0) else {
        return Vec::new();
    };
    match kind {
        CapturedKind::Register => differences(captured, seconds),
        CapturedKind::OfInterval => sums(captured, seconds),
    }
}

/// Whether an instant begins an interval of so many seconds.
fn is_on_grid(at: Timestamp, seconds: i64) -> bool {
    at.subsec_nanosecond() == 0 && at.as_second().rem_euclid(seconds) == 0
}

/// What a register counted between two readings that are one interval apart.
fn differences(captured: &[Captured], seconds: i64) -> Vec<IntervalEnergy> {
    let shown: BTreeMap<Timestamp, &Captured> = captured
        .iter()
        .filter(|value| value.quality != Quality::Missing && is_on_grid(value.interval.end(), seconds))
        .map(|value| (value.interval.end(), value))
        .collect();
    let pairs = shown.iter().zip(shown.iter().skip(1));
    let energy = |((start, before), (end, after)): ((&Timestamp, &&Captured), (&Timestamp, &&Captured))| {
        let number = difference(after.number, before.number)?;
        let is_one = end.as_second() - start.as_second() == seconds;
        let quality = worse(before.quality, after.quality);
        (is_one && number.mantissa() >= 0).then_some(IntervalEnergy { start: *start, number, quality })
    };
    pairs.filter_map(energy).collect()
}

fn difference(after: Decimal, before: Decimal) -> Option<Decimal> {
    let negative = Decimal::new(before.mantissa().checked_neg()?, before.exponent());
    after.checked_add(negative)
}

const fn worse(first: Quality, second: Quality) -> Quality {
    match (first, second) {
        (Quality::Measured, Quality::Measured) => Quality::Measured,
        _ => Quality::Estimated,
    }
}

/// What was gathered of an interval so far.
struct Gathered {
    /// Up to where it is filled.
    filled: Timestamp,
    number: Option<Decimal>,
    quality: Quality,
}

/// The sum of the parts that fill an interval from its start to its end.
fn sums(captured: &[Captured], seconds: i64) -> Vec<IntervalEnergy> {
    let mut gathered: BTreeMap<i64, Gathered> = BTreeMap::new();
    for value in captured {
        let slot = value.interval.start().as_second().div_euclid(seconds);
        let Ok(start) = Timestamp::from_second(slot * seconds) else { continue };
        let empty = Gathered { filled: start, number: Some(Decimal::ZERO), quality: Quality::Measured };
        let gathered = gathered.entry(slot).or_insert(empty);
        let follows = gathered.filled == value.interval.start() && value.quality != Quality::Missing;
        gathered.number = gathered.number.filter(|_| follows).and_then(|sum| sum.checked_add(value.number));
        gathered.filled = value.interval.end();
        gathered.quality = worse(gathered.quality, value.quality);
    }
    let whole = |(slot, gathered): (i64, Gathered)| {
        let start = Timestamp::from_second(slot * seconds).ok()?;
        let is_full =
            gathered.filled.as_second() == (slot + 1) * seconds && is_on_grid(gathered.filled, seconds);
        let number = gathered.number.filter(|_| is_full)?;
        Some(IntervalEnergy { start, number, quality: gathered.quality })
    };
    gathered.into_iter().filter_map(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From and to in seconds, number, quality.
    type Row = (i64, i64, i64, Quality);
    use Quality::{Estimated, Measured, Missing};

    fn check(kind: CapturedKind, rows: &[Row], expected: &[(i64, i64, Quality)]) {
        let at = |second| Timestamp::from_second(second).unwrap();
        let captured = |(start, end, number, quality): &Row| Captured {
            interval: Interval::new(at(*start), at(*end)).unwrap(),
            number: Decimal::new(*number, 0),
            quality: *quality,
        };
        let rows: Vec<_> = rows.iter().map(captured).collect();
        let energy: Vec<_> = energy_of_intervals(kind, &rows, Resolution::PT15M)
            .iter()
            .map(|energy| (energy.start.as_second(), energy.number.in_steps_of(0).unwrap(), energy.quality))
            .collect();
        assert_eq!(energy, expected);
    }

    #[test]
    fn a_register_gives_differences_of_readings_one_interval_apart() {
        let rows = [
            (-900, 0, 100, Measured),
            (0, 900, 130, Measured),
            (900, 1800, 130, Estimated),
            // One row is lost, then one is not valid, then the register falls.
            (2700, 3600, 190, Measured),
            (3600, 4500, 200, Missing),
            (4500, 5400, 210, Measured),
            (5400, 6300, 205, Measured),
        ];
        check(CapturedKind::Register, &rows, &[(0, 30, Measured), (900, 0, Estimated)]);
        check(CapturedKind::Register, &rows[..1], &[]);
    }

    #[test]
    fn a_register_read_between_two_quarters_changes_nothing() {
        let rows = [(-900, 0, 100, Measured), (0, 420, 110, Measured), (420, 900, 130, Measured)];
        check(CapturedKind::Register, &rows, &[(0, 30, Measured)]);
    }

    #[test]
    fn parts_of_an_interval_add_up_where_they_fill_it() {
        let rows = [
            (0, 420, 10, Measured),
            (420, 900, 20, Measured),
            // Begins late: the first minutes are unknown.
            (1000, 1800, 30, Measured),
            (1800, 2400, 5, Measured),
            (2400, 2700, 5, Missing),
            (2700, 3600, 7, Estimated),
            // Ends early.
            (3600, 4000, 9, Measured),
        ];
        check(CapturedKind::OfInterval, &rows, &[(0, 30, Measured), (2700, 7, Estimated)]);
    }

    #[test]
    fn a_longer_value_is_not_spread() {
        check(CapturedKind::OfInterval, &[(0, 3600, 40, Measured)], &[]);
        check(CapturedKind::OfInterval, &[(100, 1000, 40, Measured)], &[]);
    }
}
