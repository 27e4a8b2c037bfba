//! A cumulative register over the period.
//!
//! What comes in: consumption per day and a shape of the day. What goes out: the exact register at any
//! minute. A curve never falls, unless a consumption is negative.

/// How a day's consumption spreads over its 24 hours, in thousandths; they add up to 1000.
pub(crate) type HourShape = [i64; 24];

/// Radiators: night setback, warm mornings and evenings.
pub(crate) const HEATING: HourShape =
    [28, 26, 25, 25, 28, 40, 55, 58, 52, 45, 40, 38, 38, 38, 38, 40, 45, 52, 58, 60, 56, 46, 38, 31];

/// Water: mornings and evenings, hardly anything at night.
pub(crate) const WATER: HourShape =
    [8, 4, 3, 3, 6, 28, 85, 110, 80, 48, 38, 36, 40, 36, 32, 34, 48, 76, 90, 74, 52, 36, 22, 11];

/// Minutes of a day of the meter's clock.
const DAY_MINUTES: i64 = 24 * 60;

/// A register in thousandths of the unit its telegram states, over days of the meter's clock.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    /// Register at the start of each day, one entry more than days.
    starts: Vec<i64>,
    shape: &'static HourShape,
}

impl Curve {
    /// The register that begins at `start` and rises by each day's consumption (thousandths).
    pub(crate) fn new(start: i64, days: impl IntoIterator<Item = i64>, shape: &'static HourShape) -> Self {
        let mut starts = vec![start];
        starts.extend(days.into_iter().scan(start, |register, day| {
            *register += day;
            Some(*register)
        }));
        Self { starts, shape }
    }

    /// The register at a minute, counted from the start of the period. After the last day it stands still.
    pub(crate) fn at(&self, minute: i64) -> i64 {
        let (day, rest) = (minute.div_euclid(DAY_MINUTES), minute.rem_euclid(DAY_MINUTES));
        self.start_of(day) + self.consumption_of(day) * self.part_until(rest) / 60_000
    }

    /// Rise within the hour of a minute, in thousandths per hour.
    pub(crate) fn rate(&self, minute: i64) -> i64 {
        let (day, hour) = (minute.div_euclid(DAY_MINUTES), minute.rem_euclid(DAY_MINUTES) / 60);
        self.consumption_of(day) * self.weight(hour) / 1000
    }

    /// Register at the start of a day of the meter's clock; outside the period that of its nearest end.
    fn start_of(&self, day: i64) -> i64 {
        let last = self.starts.len().saturating_sub(1);
        let index = usize::try_from(day).unwrap_or(0).min(last);
        self.starts.get(index).copied().unwrap_or(0)
    }

    fn consumption_of(&self, day: i64) -> i64 {
        self.start_of(day + 1) - self.start_of(day)
    }

    /// Part of a day's consumption before a minute of the day, in sixty-thousandths.
    fn part_until(&self, minute: i64) -> i64 {
        let hour = minute / 60;
        let full: i64 = self.shape.iter().take(usize::try_from(hour).unwrap_or(0)).sum();
        full * 60 + self.weight(hour) * (minute % 60)
    }

    fn weight(&self, hour: i64) -> i64 {
        usize::try_from(hour).ok().and_then(|hour| self.shape.get(hour)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_spread_the_whole_day() {
        for shape in [HEATING, WATER] {
            assert_eq!(shape.iter().sum::<i64>(), 1000);
        }
    }

    #[test]
    fn a_register_passes_its_days_exactly() {
        let curve = Curve::new(500, [24_000, 0, 1_000], &HEATING);
        assert_eq!(curve.at(0), 500);
        assert_eq!(curve.at(60), 500 + 24 * 28);
        assert_eq!(curve.at(90), 500 + 24 * 28 + 24 * 13);
        assert_eq!(curve.at(DAY_MINUTES), 24_500);
        assert_eq!(curve.at(2 * DAY_MINUTES - 1), 24_500);
        assert_eq!(curve.at(3 * DAY_MINUTES), 25_500);
        assert_eq!(curve.at(9 * DAY_MINUTES), 25_500);
        assert_eq!(curve.rate(30), 24 * 28);
    }

    #[test]
    fn a_register_never_falls() {
        let curve = Curve::new(0, [777, 12_345, 3], &WATER);
        assert!((0..4 * DAY_MINUTES).is_sorted_by_key(|minute| curve.at(minute)));
    }
}
