//! Working-day calendars as dated data.
//!
//! What comes in: the text of a calendar file (the shipped ones lie in the folder `calendars`), then local
//! days. What goes out: whether a day is a working day, why not, and the n-th working day after or before it.
//! It must never know a zone: a calendar speaks of local days.

mod file;

use std::{fmt, sync::LazyLock};

use jiff::{
    Span,
    civil::{Date, Weekday},
};

pub use file::CalendarFault;
use file::{Holiday, Rule};

/// First year with a Gregorian Easter.
const FIRST_EASTER: i16 = 1583;

static SHIPPED: LazyLock<[WorkingCalendar; 3]> = LazyLock::new(|| {
    [
        include_str!("../../../calendars/dk-working.toml"),
        include_str!("../../../calendars/dk-market.toml"),
        include_str!("../../../calendars/de-working.toml"),
    ]
    .map(|text| {
        #[expect(clippy::expect_used, reason = "the files are part of the program; a test reads them")]
        WorkingCalendar::parse(text).expect("a shipped calendar is well formed")
    })
});

/// Working days of a country or market: a weekend, and holidays with the years they are valid in.
///
/// ```
/// use jiff::civil::date;
/// use tidstro_calendar::WorkingCalendar;
///
/// let market = WorkingCalendar::shipped("dk-market").unwrap();
/// assert_eq!(market.nth_after(date(2024, 3, 25), 5), Some(date(2024, 4, 4)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingCalendar {
    name: String,
    version: String,
    source: String,
    /// INVARIANT: at least one weekday is not in it, and dated holidays are finite, so that counting ends.
    weekend: Vec<Weekday>,
    holidays: Vec<Holiday>,
}

/// Why a day is no working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOff<'a> {
    /// A day of the weekend.
    Weekend(Weekday),
    /// A holiday, by its name in the calendar's language. Also where it falls on a weekend.
    Holiday(&'a str),
}

impl WorkingCalendar {
    /// Reads a calendar file (TOML).
    ///
    /// # Errors
    /// [`CalendarFault`] with the line, or the name of the holiday, and what to write.
    pub fn parse(text: &str) -> Result<Self, CalendarFault> {
        file::parse(text)
    }

    /// A calendar shipped with the program: `dk-working`, `dk-market` or `de-working`.
    #[must_use]
    pub fn shipped(name: &str) -> Option<&'static Self> {
        SHIPPED.iter().find(|calendar| calendar.name == name)
    }

    /// Name, such as `dk-market`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The date of the data, `YYYY-MM-DD`. A clock that rolled keeps it beside the name.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where the data come from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether work is done on the day.
    #[must_use]
    pub fn is_working(&self, day: Date) -> bool {
        self.day_off(day).is_none()
    }

    /// Why the day is no working day; `None` for a working day.
    #[must_use]
    pub fn day_off(&self, day: Date) -> Option<DayOff<'_>> {
        let easter = easter_sunday(day.year());
        let holiday = self.holidays.iter().find(|holiday| holiday.day_in(day.year(), easter) == Some(day));
        let weekend = || self.weekend.contains(&day.weekday()).then(|| DayOff::Weekend(day.weekday()));
        holiday.map(|holiday| DayOff::Holiday(&holiday.name)).or_else(weekend)
    }

    /// The holidays of a year with their names, in order of date, each day once. Some fall on a weekend. A day
    /// that is two holidays has the name that comes first in the file.
    #[must_use]
    pub fn holidays(&self, year: i16) -> Vec<(Date, &str)> {
        let easter = easter_sunday(year);
        let named = |holiday: &'_ Holiday| holiday.day_in(year, easter);
        let mut days: Vec<_> =
            self.holidays.iter().filter_map(|holiday| Some((named(holiday)?, &*holiday.name))).collect();
        days.sort_by_key(|(day, _)| *day);
        days.dedup_by_key(|(day, _)| *day);
        days
    }

    /// The day itself if it is a working day, else the next working day (Reg. 1182/71 art. 3(4)). `None`
    /// past the year 9999.
    #[must_use]
    pub fn roll(&self, day: Date) -> Option<Date> {
        if self.is_working(day) { Some(day) } else { self.nth_after(day, 1) }
    }

    /// The n-th working day strictly after the day, which may be any day; the day itself for 0. `None` past
    /// the year 9999.
    #[must_use]
    pub fn nth_after(&self, day: Date, n: u32) -> Option<Date> {
        self.nth(day, n, |day| day.tomorrow().ok())
    }

    /// The n-th working day strictly before the day; the day itself for 0. The hub counts back so from the
    /// local date of now. `None` before the year -9999.
    #[must_use]
    pub fn nth_before(&self, day: Date, n: u32) -> Option<Date> {
        self.nth(day, n, |day| day.yesterday().ok())
    }

    fn nth(&self, day: Date, n: u32, step: fn(Date) -> Option<Date>) -> Option<Date> {
        let (mut day, mut left) = (day, n);
        while left > 0 {
            day = step(day)?;
            left -= u32::from(self.is_working(day));
        }
        Some(day)
    }
}

impl fmt::Display for WorkingCalendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

impl Holiday {
    /// The day it falls on in a year, if it is valid and exists in it.
    fn day_in(&self, year: i16, easter: Option<Date>) -> Option<Date> {
        if !self.years.contains(&year) {
            return None;
        }
        match self.rule {
            Rule::Fixed { month, day } => Date::new(year, month, day).ok(),
            Rule::Easter { days } => easter?.checked_add(Span::new().days(days)).ok(),
        }
    }
}

/// Easter Sunday of the Gregorian calendar; `None` before 1583 and after 9999.
///
/// The epact and the Sunday are computed by the anonymous rule of 1876 (Meeus, Astronomical Algorithms, ch. 8).
#[must_use]
pub fn easter_sunday(year: i16) -> Option<Date> {
    if !(FIRST_EASTER..=9999).contains(&year) {
        return None;
    }
    let y = i32::from(year);
    let (golden, century, of_century) = (y % 19, y / 100, y % 100);
    let moon_correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon_correction + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let days = epact + to_sunday - 7 * late + 114;
    Date::new(year, i8::try_from(days / 31).ok()?, i8::try_from(days % 31 + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn shipped(name: &str) -> &'static WorkingCalendar {
        WorkingCalendar::shipped(name).unwrap()
    }

    #[test]
    fn easter_falls_where_almanacs_say() {
        for day in [
            date(1583, 4, 10),
            date(1818, 3, 22),
            date(1943, 4, 25),
            date(1954, 4, 18),
            date(1981, 4, 19),
            date(2000, 4, 23),
            date(2038, 4, 25),
            date(2285, 3, 22),
        ] {
            assert_eq!(easter_sunday(day.year()), Some(day));
        }
        assert_eq!(easter_sunday(1582), None);
    }

    #[test]
    fn holidays_have_their_years() {
        let off = |name: &str, day| shipped(name).day_off(day);
        assert_eq!(off("dk-working", date(2023, 5, 5)), Some(DayOff::Holiday("Store bededag")));
        assert_eq!(off("dk-working", date(2024, 4, 26)), None);
        assert_eq!(off("dk-working", date(2025, 6, 5)), Some(DayOff::Holiday("Grundlovsdag")));
        assert_eq!(off("dk-market", date(2025, 6, 5)), None);
        assert!(matches!(off("dk-market", date(2025, 5, 30)), Some(DayOff::Holiday(_))));
        assert_eq!(off("de-working", date(2017, 10, 31)), Some(DayOff::Holiday("Reformationstag")));
        assert_eq!(off("de-working", date(2018, 10, 31)), None);
        assert_eq!(off("de-working", date(2026, 11, 22)), Some(DayOff::Weekend(Weekday::Sunday)));
        assert_eq!(WorkingCalendar::shipped("dk"), None);
        assert_eq!(shipped("dk-market").to_string(), "dk-market 2026-11-22");
    }

    #[test]
    fn a_day_of_two_holidays_is_one_day() {
        // 5 June 2028 is Whit Monday too.
        let days = shipped("dk-working").holidays(2028);
        assert_eq!(days.len(), 12);
        assert!(days.contains(&(date(2028, 6, 5), "2. pinsedag")));
    }

    #[test]
    fn counting_skips_christmas_both_ways() {
        let market = shipped("dk-market");
        assert_eq!(market.nth_after(date(2024, 12, 20), 5), Some(date(2025, 1, 3)));
        assert_eq!(market.nth_before(date(2025, 1, 3), 5), Some(date(2024, 12, 20)));
        assert_eq!(market.nth_before(date(2025, 4, 21), 3), Some(date(2025, 4, 14)));
        assert_eq!(market.nth_after(date(2025, 4, 21), 0), Some(date(2025, 4, 21)));
        assert_eq!(market.roll(date(2024, 12, 24)), Some(date(2024, 12, 27)));
        assert_eq!(market.nth_after(Date::MAX, 1), None);
        assert_eq!(market.nth_before(Date::MIN, 1), None);
    }

    proptest! {
        #[test]
        fn forward_and_backward_undo_each_other(number in 0_i32..50_000, n in 0_u32..30, which in 0_usize..3) {
            let calendar = &SHIPPED[which];
            let day = calendar.roll(crate::from_epoch_day(number).unwrap()).unwrap();
            let later = calendar.nth_after(day, n).unwrap();
            prop_assert!(calendar.is_working(later));
            prop_assert_eq!(calendar.nth_before(later, n), Some(day));
        }

        #[test]
        fn a_later_day_never_counts_to_an_earlier_one(number in 0_i32..50_000, n in 0_u32..30) {
            let [day, next] = [number, number + 1].map(|number| crate::from_epoch_day(number).unwrap());
            let market = shipped("dk-market");
            prop_assert!(market.nth_after(day, n) <= market.nth_after(next, n));
            prop_assert!(market.roll(day) <= market.roll(next));
        }

        #[test]
        fn easter_is_a_sunday_in_its_five_weeks(year in 1583_i16..=9999) {
            let easter = easter_sunday(year).unwrap();
            prop_assert_eq!(easter.weekday(), Weekday::Sunday);
            prop_assert!(date(year, 3, 22) <= easter && easter <= date(year, 4, 25));
        }
    }
}
