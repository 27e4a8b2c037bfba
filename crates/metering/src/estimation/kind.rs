//! Kinds of local days: those people live alike on.

use jiff::civil::{Date, Weekday};
use tidstro_calendar::{DayOff, WorkingCalendar};

/// What kind of day a local day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DayKind {
    /// A working day.
    Working,
    /// A Saturday that is no holiday.
    Saturday,
    /// A Sunday or a holiday, whatever its weekday.
    Holiday,
}

impl DayKind {
    /// The kind of a local day by a working calendar.
    #[must_use]
    pub fn of(calendar: &WorkingCalendar, day: Date) -> Self {
        match calendar.day_off(day) {
            None => Self::Working,
            Some(DayOff::Weekend(Weekday::Saturday)) => Self::Saturday,
            Some(DayOff::Weekend(_) | DayOff::Holiday(_)) => Self::Holiday,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn holidays_are_sundays() {
        let calendar = WorkingCalendar::shipped("dk-working").unwrap();
        for (day, kind) in [
            (date(2026, 4, 1), DayKind::Working),
            // Maundy Thursday, Good Friday, Easter Saturday, Sunday and Monday.
            (date(2026, 4, 2), DayKind::Holiday),
            (date(2026, 4, 3), DayKind::Holiday),
            (date(2026, 4, 4), DayKind::Saturday),
            (date(2026, 4, 5), DayKind::Holiday),
            (date(2026, 4, 6), DayKind::Holiday),
            (date(2026, 4, 7), DayKind::Working),
            // Boxing day of 2026 is a Saturday.
            (date(2026, 12, 26), DayKind::Holiday),
        ] {
            assert_eq!(DayKind::of(calendar, day), kind, "{day}");
        }
    }
}
