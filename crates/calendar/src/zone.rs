//! A time zone as a table of local midnights.
//!
//! What comes in: the IANA name of a zone, then instants, local days and resolutions. What goes out:
//! bounds of local days and positions of intervals in them. From 1990-01-01 to 2100-12-31 answers come
//! from a table made once, because ingest asks for every interval it reads; outside it from the zone
//! rules, with the same meaning. It must never round an instant to the nearest slot: an instant that
//! is not a slot boundary has no slot.

use std::{
    fmt,
    sync::{Arc, LazyLock},
};

use jiff::{
    Timestamp,
    civil::{Date, Time, date},
    tz::{TimeZone, TimeZoneDatabase},
};
use tidstro_model::{Interval, Resolution};

use crate::{epoch_day, from_epoch_day};

/// First local day of the table.
const TABLE_FIRST: Date = date(1990, 1, 1);
/// Last local day of the table.
const TABLE_LAST: Date = date(2100, 12, 31);
/// Seconds of a day without clock change.
const USUAL_DAY_SECONDS: i64 = 86_400;

/// Why there is no such zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneFault {
    /// The name is not in the bundled IANA database.
    #[error("zone `{name}` is not in the IANA database; write a name such as `Europe/Copenhagen`")]
    Unknown {
        /// The name as given, cut to 64 characters.
        name: String,
    },
}

/// A time zone that knows its local days. Cheap to clone.
///
/// A local day is the half-open span from its first instant to the first instant of the next local day.
/// Its length is 23, 24 or 25 hours in Denmark and Germany.
///
/// ```
/// use jiff::civil::date;
/// use tidstro_calendar::Zone;
/// use tidstro_model::Resolution;
///
/// let zone = Zone::copenhagen();
/// assert_eq!(zone.slots(date(2025, 3, 30), Resolution::PT1H), Some(23));
/// assert_eq!(zone.slots(date(2025, 10, 26), Resolution::PT15M), Some(100));
/// ```
#[derive(Clone)]
pub struct Zone {
    shared: Arc<Shared>,
}

/// What all clones of a zone have in common.
struct Shared {
    name: Box<str>,
    rules: TimeZone,
    /// Number of [`TABLE_FIRST`] in days since 1970-01-01.
    first_day: i32,
    /// First second of each local day of the table, and of the day after the last one.
    /// INVARIANT: never falls from one entry to the next.
    starts: Box<[i64]>,
}

static COPENHAGEN: LazyLock<Zone> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the zone is bundled with the program; a test names it")]
    Zone::named("Europe/Copenhagen").expect("Europe/Copenhagen is bundled")
});

impl Zone {
    /// The zone with this IANA name, such as `Europe/Copenhagen`. Makes the table of local days, about
    /// 40,000 entries: make a zone once and clone it.
    ///
    /// # Errors
    /// [`ZoneFault::Unknown`] if the bundled database has no such name.
    pub fn named(iana: &str) -> Result<Self, ZoneFault> {
        let unknown = |_| ZoneFault::Unknown { name: iana.chars().take(64).collect() };
        let rules = TimeZoneDatabase::bundled().get(iana).map_err(unknown)?;
        let name = rules.iana_name().unwrap_or(iana).into();
        let first_day = epoch_day(TABLE_FIRST);
        let days = first_day..=epoch_day(TABLE_LAST) + 1;
        let starts =
            days.filter_map(from_epoch_day).map(|day| start_by_rules(&rules, day).as_second()).collect();
        Ok(Self { shared: Arc::new(Shared { name, rules, first_day, starts }) })
    }

    /// The zone of the Danish market, `Europe/Copenhagen`. Its table is made once per process.
    #[must_use]
    pub fn copenhagen() -> Self {
        COPENHAGEN.clone()
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The local day the instant lies in.
    #[must_use]
    pub fn day_of(&self, at: Timestamp) -> Date {
        // `as_second` rounds towards zero, a day begins at a whole second: floor it.
        let second = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
        self.table_day(second)
            .and_then(|(number, _, _)| from_epoch_day(number))
            .unwrap_or_else(|| self.shared.rules.to_datetime(at).date())
    }

    /// The local day and clock time of the instant.
    #[must_use]
    pub fn clock_of(&self, at: Timestamp) -> (Date, Time) {
        let local = self.shared.rules.to_datetime(at);
        (local.date(), local.time())
    }

    /// The first instant of the local day: midnight, or the instant after the gap where the clock
    /// skips midnight. Days whose start no [`Timestamp`] can name give the nearest one that can.
    #[must_use]
    pub fn day_start(&self, day: Date) -> Timestamp {
        self.table_start(epoch_day(day))
            .and_then(|second| Timestamp::from_second(second).ok())
            .unwrap_or_else(|| start_by_rules(&self.shared.rules, day))
    }

    /// The local day as a span of time: 23, 24 or 25 hours in Denmark.
    #[must_use]
    pub fn day(&self, day: Date) -> Interval {
        let start = self.day_start(day);
        let end = day.tomorrow().map_or(Timestamp::MAX, |next| self.day_start(next));
        #[expect(clippy::expect_used, reason = "the end was just made not to lie before the start")]
        Interval::new(start, end.max(start)).expect("the end does not lie before the start")
    }

    /// How many intervals of this resolution the local day has: 23, 24 or 25 hours, 92, 96 or 100
    /// quarters. `None` for resolutions that do not divide a day, and for a local day whose length is
    /// no multiple of the resolution (a zone whose clock moves by half an hour).
    #[must_use]
    pub fn slots(&self, day: Date, resolution: Resolution) -> Option<u32> {
        let (start, end) = self.day_seconds(day);
        slots_between(start, end, resolution)
    }

    /// The instant slot `slot` (from 0) of the local day begins at; `None` if the day has no such slot.
    #[must_use]
    pub fn slot_start(&self, day: Date, resolution: Resolution, slot: u32) -> Option<Timestamp> {
        let (start, end) = self.day_seconds(day);
        let count = slots_between(start, end, resolution)?;
        let length = i64::from(resolution.seconds()?);
        (slot < count).then(|| Timestamp::from_second(start + i64::from(slot) * length).ok())?
    }

    /// The local day and the slot of it (from 0) that begins at this instant; `None` if no interval of
    /// this resolution begins there.
    #[must_use]
    pub fn slot_of(&self, at: Timestamp, resolution: Resolution) -> Option<(Date, u32)> {
        if at.subsec_nanosecond() != 0 {
            return None;
        }
        let (number, slot) = self.slot_of_second(at.as_second(), resolution)?;
        Some((from_epoch_day(number)?, slot))
    }

    /// [`Zone::slot_of`] for the hot path: Unix seconds in, the local day as days since 1970-01-01 out.
    #[must_use]
    #[inline]
    pub fn slot_of_second(&self, unix_second: i64, resolution: Resolution) -> Option<(i32, u32)> {
        let length = i64::from(resolution.seconds()?);
        let (number, start, end) = self.table_day(unix_second).or_else(|| self.day_by_rules(unix_second))?;
        let since_start = unix_second - start;
        let divides = since_start % length == 0 && (end - start) % length == 0;
        let slot = u32::try_from(since_start / length).ok()?;
        divides.then_some((number, slot))
    }

    /// Number, first second and first second after the local day the second lies in, from the table.
    #[inline]
    fn table_day(&self, second: i64) -> Option<(i32, i64, i64)> {
        let starts = &*self.shared.starts;
        let first = *starts.first()?;
        // The offset of the zone moves days by hours only, so the guess is a step or two off at most.
        let mut index = usize::try_from(second.checked_sub(first)?.div_euclid(USUAL_DAY_SECONDS)).ok()?;
        while *starts.get(index)? > second {
            index = index.checked_sub(1)?;
        }
        while *starts.get(index + 1)? <= second {
            index += 1;
        }
        let number = self.shared.first_day + i32::try_from(index).ok()?;
        Some((number, *starts.get(index)?, *starts.get(index + 1)?))
    }

    /// First second of the local day, from the table.
    fn table_start(&self, number: i32) -> Option<i64> {
        let index = usize::try_from(number.checked_sub(self.shared.first_day)?).ok()?;
        self.shared.starts.get(index).copied()
    }

    /// [`Zone::table_day`] from the zone rules, for instants outside the table.
    #[cold]
    fn day_by_rules(&self, second: i64) -> Option<(i32, i64, i64)> {
        let day = self.day_of(Timestamp::from_second(second).ok()?);
        let (start, end) = self.day_seconds(day);
        Some((epoch_day(day), start, end))
    }

    /// First second of the local day and of the next one.
    fn day_seconds(&self, day: Date) -> (i64, i64) {
        let span = self.day(day);
        (span.start().as_second(), span.end().as_second())
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name()).finish()
    }
}

/// The first instant of the local day by the zone rules; the nearest one a [`Timestamp`] can name.
fn start_by_rules(rules: &TimeZone, day: Date) -> Timestamp {
    let nearest = if day.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    rules.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(nearest)
}

fn slots_between(start: i64, end: i64, resolution: Resolution) -> Option<u32> {
    let length = i64::from(resolution.seconds()?);
    let seconds = end - start;
    (seconds % length == 0).then(|| u32::try_from(seconds / length).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVERY_SECOND: std::ops::RangeInclusive<i64> = -377_705_023_201..=253_402_207_200;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn local_days_follow_the_clock_change() {
        let zone = Zone::copenhagen();
        for (day, hours, start) in [
            (date(2025, 1, 1), 24, "2024-12-31T23:00:00Z"),
            (date(2025, 3, 30), 23, "2025-03-29T23:00:00Z"),
            (date(2025, 3, 31), 24, "2025-03-30T22:00:00Z"),
            (date(2025, 10, 26), 25, "2025-10-25T22:00:00Z"),
            (date(2025, 10, 27), 24, "2025-10-26T23:00:00Z"),
        ] {
            assert_eq!(zone.slots(day, Resolution::PT1H), Some(hours), "{day}");
            assert_eq!(zone.slots(day, Resolution::PT15M), Some(4 * hours), "{day}");
            assert_eq!(zone.day_start(day), at(start), "{day}");
        }
        assert_eq!(zone.slots(date(2025, 1, 1), Resolution::P1D), None);
        assert_eq!(zone.slots(date(2025, 1, 1), Resolution::Raw), None);
    }

    #[test]
    fn the_hour_that_comes_twice_has_two_slots() {
        let (zone, day) = (Zone::copenhagen(), date(2025, 10, 26));
        for (instant, slot) in [("2025-10-26T00:00:00Z", 2), ("2025-10-26T01:00:00Z", 3)] {
            assert_eq!(zone.slot_of(at(instant), Resolution::PT1H), Some((day, slot)));
            assert_eq!(zone.slot_start(day, Resolution::PT1H, slot), Some(at(instant)));
        }
        assert_eq!(zone.slot_start(day, Resolution::PT1H, 25), None);
    }

    #[test]
    fn an_instant_between_slots_has_none() {
        let zone = Zone::copenhagen();
        assert_eq!(zone.slot_of(at("2025-06-01T10:30:00Z"), Resolution::PT1H), None);
        assert!(zone.slot_of(at("2025-06-01T10:30:00Z"), Resolution::PT15M).is_some());
        assert_eq!(zone.slot_of(at("2025-06-01T10:00:00.001Z"), Resolution::PT1H), None);
        assert_eq!(zone.slot_of(at("2025-06-01T00:00:00Z"), Resolution::P1D), None);
    }

    #[test]
    fn odd_zones_answer_too() {
        // Lord Howe moves its clock by half an hour: 23.5 hours hold no whole number of hours.
        let lord_howe = Zone::named("Australia/Lord_Howe").unwrap();
        assert_eq!(lord_howe.slots(date(2024, 10, 6), Resolution::PT1H), None);
        assert_eq!(lord_howe.slots(date(2024, 10, 6), Resolution::PT15M), Some(94));
        // Samoa had no 30 December 2011.
        let samoa = Zone::named("Pacific/Apia").unwrap();
        assert_eq!(samoa.slots(date(2011, 12, 30), Resolution::PT1H), Some(0));
        assert_eq!(samoa.day_of(at("2011-12-30T10:00:00Z")), date(2011, 12, 31));
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let fault = Zone::named("Europe/Aarhus").unwrap_err();
        assert!(fault.to_string().contains("`Europe/Aarhus`"), "{fault}");
    }

    #[test]
    fn the_ends_of_time_have_days() {
        let zone = Zone::copenhagen();
        for edge in [Timestamp::MIN, Timestamp::MAX] {
            let day = zone.day_of(edge);
            assert!(zone.day(day).start() <= edge && edge <= zone.day(day).end());
        }
        for day in [Date::MIN, Date::MAX] {
            assert!(zone.day(day).start() <= zone.day(day).end());
        }
        for second in [i64::MIN, i64::MAX] {
            assert_eq!(zone.slot_of_second(second, Resolution::PT1H), None);
        }
    }

    #[test]
    fn the_table_equals_the_rules() {
        let rules = TimeZoneDatabase::bundled();
        for name in ["Europe/Copenhagen", "America/Sao_Paulo", "Atlantic/Azores", "UTC"] {
            let (zone, rules) = (Zone::named(name).unwrap(), rules.get(name).unwrap());
            for day in TABLE_FIRST.series(jiff::ToSpan::day(1)).take_while(|day| *day <= TABLE_LAST) {
                let midnight = rules.to_zoned(day.at(0, 0, 0, 0)).unwrap().timestamp();
                assert_eq!(zone.day_start(day), midnight, "{name} {day}");
                assert_eq!(zone.day_of(midnight), day, "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_instant_lies_in_its_day(second in EVERY_SECOND, nanosecond in 0..1_000_000_000) {
            let (zone, instant) = (Zone::copenhagen(), Timestamp::new(second, nanosecond).unwrap());
            let day = zone.day_of(instant);
            prop_assert!(zone.day(day).contains(instant));
            prop_assert_eq!(zone.shared.rules.to_datetime(instant).date(), day);
        }

        #[test]
        fn slots_fill_the_local_day(second in 0_i64..5_000_000_000, quarters in any::<bool>()) {
            let zone = Zone::copenhagen();
            let resolution = if quarters { Resolution::PT15M } else { Resolution::PT1H };
            let day = zone.day_of(Timestamp::from_second(second).unwrap());
            let (start, end) = zone.day_seconds(day);
            let count = zone.slots(day, resolution).unwrap();
            let length = i64::from(resolution.seconds().unwrap());
            prop_assert_eq!(i64::from(count) * length, end - start);
            for slot in 0..count {
                let instant = zone.slot_start(day, resolution, slot).unwrap();
                prop_assert_eq!(zone.slot_of(instant, resolution), Some((day, slot)));
                let twin = zone.slot_of_second(instant.as_second(), resolution);
                prop_assert_eq!(twin, Some((epoch_day(day), slot)));
            }
        }
    }
}
