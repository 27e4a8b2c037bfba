//! Dates and times (EN 13757-3:2018 annex A, types F, G, I and J).
//!
//! What comes in: the bytes, lowest first. What goes out: a local date or time of the meter's own clock,
//! or [`Value::Invalid`] for what no calendar has: FFFF, 31 February, "every month". A time the meter itself marks
//! as invalid comes out with that mark, and one in summer time with that one. The time is not changed: the meter
//! states the clock it shows.

use jiff::civil::{Date, DateTime, Time};
use tidstro_model::{Modifier, Value};

/// Bit IV, in the byte of the minute.
const CLOCK_INVALID: u8 = 0x80;
/// Bit SU of type F, in the byte of the hour.
const SUMMER_F: u8 = 0x80;
/// Time during daylight saving of type I, in the byte of the second.
const SUMMER_I: u8 = 0x40;

/// A date or time, and what the meter says about its clock.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) value: Value,
    pub(super) marks: [Option<Modifier>; 2],
}

/// A value without marks; a time marked as invalid is [`Value::Invalid`].
pub(crate) fn of(bytes: &[u8]) -> Option<Value> {
    let Marked { value, marks } = marked(bytes)?;
    Some(if marks.contains(&Some(Modifier::CLOCK_INVALID)) { Value::Invalid } else { value })
}

/// The type follows from the length; `None` for a length that no date type has.
pub(super) fn marked(bytes: &[u8]) -> Option<Marked> {
    let (value, is_invalid, is_summer) = match *bytes {
        [low, high] => (type_g([low, high]).map(Value::Date), false, false),
        [second, minute, hour] => (type_j([second, minute, hour]).map(Value::TimeOfDay), false, false),
        [minute, hour, low, high] => (
            type_f([minute, hour, low, high]).map(Value::DateTime),
            minute & CLOCK_INVALID != 0,
            hour & SUMMER_F != 0,
        ),
        [second, minute, hour, low, high, week] => (
            type_i([second, minute, hour, low, high, week]).map(Value::DateTime),
            minute & CLOCK_INVALID != 0,
            second & SUMMER_I != 0,
        ),
        _ => return None,
    };
    let Some(value) = value else { return Some(Marked { value: Value::Invalid, marks: [None; 2] }) };
    let marks = [is_invalid.then_some(Modifier::CLOCK_INVALID), is_summer.then_some(Modifier::SUMMER_TIME)];
    Some(Marked { value, marks })
}

/// Whether the bytes are a date or time that neither a calendar has nor the standard gives another meaning: 31 February,
/// month 13, 25 o'clock. A part may say "every" (day 0, month 15, year 127, hour 31, minute and second 63), a date may be
/// absent (all bits zero, or all ones), and a clock that is marked as invalid may show anything.
pub(super) fn is_impossible(bytes: &[u8]) -> bool {
    let sixtieth = |byte: u8| matches!(byte & 0x3f, 60..=62);
    let hour = |byte: u8| matches!(byte & 0x1f, 24..=30);
    let is_marked = |minutes: u8| minutes & CLOCK_INVALID != 0;
    match *bytes {
        [low, high] => is_impossible_date(low, high),
        [seconds, minutes, hours] => sixtieth(seconds) || sixtieth(minutes) || hour(hours),
        [minutes, hours, low, high] if !is_marked(minutes) => {
            sixtieth(minutes) || hour(hours) || is_impossible_date(low, high)
        }
        [seconds, minutes, hours, low, high, _] if !is_marked(minutes) => {
            sixtieth(seconds) || sixtieth(minutes) || hour(hours) || is_impossible_date(low, high)
        }
        _ => false,
    }
}

fn is_impossible_date(low: u8, high: u8) -> bool {
    let (day, month, year) = (low & 0x1f, high & 0x0f, year_bits(low, high));
    let is_absent = matches!([low, high], [0, 0] | [0xff, 0xff]);
    // A leap year, so that 29 February is possible in every year.
    let is_day = day == 0 || month == 15 || calendar_date(2000, month, day).is_some();
    !is_absent && (matches!(month, 0 | 13 | 14) || matches!(year, 100..=126) || !is_day)
}

/// Date: day in bits 0-4, month in 8-11, year in 5-7 and 12-15.
fn type_g([low, high]: [u8; 2]) -> Option<Date> {
    calendar_date(short_year(year_bits(low, high))?, high & 0x0f, low & 0x1f)
}

/// Date and time to the minute: minute 0-5, invalid 7, hour 8-12, hundred years 13-14, summer time 15, then as
/// type G.
fn type_f([minute, hour, low, high]: [u8; 4]) -> Option<DateTime> {
    let year = year_bits(low, high);
    let full = match hour >> 5 & 3 {
        // Old meters leave the hundred years at zero: 00 to 80 mean 2000 to 2080.
        0 => short_year(year)?,
        // 1 is this century. 2 and 3 are the next ones, in which no meter is yet; meters that send 2 state this century
        // in their other dates.
        _ => (year <= 99).then_some(2000 + year)?,
    };
    let date = calendar_date(full, high & 0x0f, low & 0x1f)?;
    Some(date.to_datetime(clock_time(hour & 0x1f, minute & 0x3f, 0)?))
}

/// Date and time to the second: second 0-5, summer time 6, minute 8-13, invalid 15, hour 16-20, weekday, then as
/// type G, then the week and the deviation of summer time.
fn type_i([second, minute, hour, low, high, _week]: [u8; 6]) -> Option<DateTime> {
    let date = calendar_date(short_year(year_bits(low, high))?, high & 0x0f, low & 0x1f)?;
    Some(date.to_datetime(clock_time(hour & 0x1f, minute & 0x3f, second & 0x3f)?))
}

/// Time of day: second, minute, hour. Goes out as seconds since midnight.
fn type_j([second, minute, hour]: [u8; 3]) -> Option<u32> {
    let (second, minute, hour) = (second & 0x3f, minute & 0x3f, hour & 0x1f);
    clock_time(hour, minute, second)?;
    Some(u32::from(hour) * 3600 + u32::from(minute) * 60 + u32::from(second))
}

/// The seven bits of the year: three above the day, four above the month.
fn year_bits(low: u8, high: u8) -> i16 {
    i16::from(low >> 5 | high >> 4 << 3)
}

/// Two digits: 00 to 80 are 2000 to 2080, 81 to 99 are 1981 to 1999; more is no year.
const fn short_year(year: i16) -> Option<i16> {
    match year {
        0..=80 => Some(2000 + year),
        81..=99 => Some(1900 + year),
        _ => None,
    }
}

fn calendar_date(year: i16, month: u8, day: u8) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A second of 60 would be a leap second; no meter clock keeps them.
fn clock_time(hour: u8, minute: u8, second: u8) -> Option<Time> {
    let part = |value: u8| i8::try_from(value).ok();
    Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime};

    use super::*;

    fn check(bytes: &[u8], expected: Value) {
        assert_eq!(of(bytes), Some(expected), "{bytes:02X?}");
    }

    fn check_marks(bytes: &[u8], moment: DateTime, expected: &[Modifier]) {
        let Marked { value, marks } = marked(bytes).unwrap();
        assert_eq!(value, Value::DateTime(moment), "{bytes:02X?}");
        assert_eq!(marks.into_iter().flatten().collect::<Vec<_>>(), expected, "{bytes:02X?}");
    }

    #[test]
    fn what_the_meter_says_of_its_clock_is_kept() {
        let (minute, second) = (datetime(2021, 10, 12, 7, 8, 0, 0), datetime(2021, 10, 12, 7, 8, 30, 0));
        check_marks(&[0x08, 0x07, 0xac, 0x2a], minute, &[]);
        check_marks(&[0x88, 0x07, 0xac, 0x2a], minute, &[Modifier::CLOCK_INVALID]);
        check_marks(&[0x08, 0x87, 0xac, 0x2a], minute, &[Modifier::SUMMER_TIME]);
        check_marks(&[0x88, 0x87, 0xac, 0x2a], minute, &[Modifier::CLOCK_INVALID, Modifier::SUMMER_TIME]);
        check_marks(&[0x1e, 0x08, 0x67, 0xac, 0x2a, 0x29], second, &[]);
        check_marks(&[0x5e, 0x08, 0x67, 0xac, 0x2a, 0x29], second, &[Modifier::SUMMER_TIME]);
        check_marks(&[0x1e, 0x88, 0x67, 0xac, 0x2a, 0x29], second, &[Modifier::CLOCK_INVALID]);
        // No date at all: there is nothing to mark.
        assert_eq!(marked(&[0xff; 4]), Some(Marked { value: Value::Invalid, marks: [None; 2] }));
    }

    #[test]
    fn type_g_dates() {
        check(&[0x9f, 0x2c], Value::Date(date(2020, 12, 31)));
        check(&[0x41, 0x11], Value::Date(date(2010, 1, 1)));
        check(&[0x3f, 0xa1], Value::Date(date(1981, 1, 31)));
        check(&[0x9d, 0x22], Value::Date(date(2020, 2, 29)));
        for never in [[0xff, 0xff], [0x00, 0x00], [0xbd, 0x22], [0x9f, 0x22], [0x81, 0x2f], [0xe1, 0xf1]] {
            check(&never, Value::Invalid);
        }
    }

    #[test]
    fn what_no_calendar_has_is_impossible() {
        // 31 February, month 13, month 0, year 100; 25 o'clock; 60 seconds.
        let never = [&[0x1f, 0x22][..], &[0x9f, 0x2d], &[0x9f, 0x20], &[0x81, 0xc1], &[8, 25, 0xac, 0x2a]];
        assert!(never.iter().chain([&&[60, 8, 7][..]]).all(|bytes| is_impossible(bytes)));
        // Absent, with the time; every year; 29 February; a real one; marked as invalid; a length of no type.
        let may =
            [&[0, 0][..], &[0xff, 0xff], &[0x34, 0x00, 0, 0], &[0xe1, 0xf7], &[0x1d, 0x22], &[0x9f, 0x2c]];
        let marked = [&[0x88, 25, 0xac, 0x2a][..], &[0x1e, 0x88, 25, 0xac, 0x2a, 0x29], &[1, 2, 3, 4, 5]];
        assert!(may.iter().chain(&marked).all(|bytes| !is_impossible(bytes)));
    }

    #[test]
    fn type_f_dates_and_times() {
        check(&[0x08, 0x07, 0xac, 0x2a], Value::DateTime(datetime(2021, 10, 12, 7, 8, 0, 0)));
        check(&[0x3b, 0x37, 0xdf, 0x2c], Value::DateTime(datetime(2022, 12, 31, 23, 59, 0, 0)));
        // Hundred years 1: 2000 to 2099, also beyond 2080.
        check(&[0x00, 0x20, 0x61, 0xb1], Value::DateTime(datetime(2091, 1, 1, 0, 0, 0, 0)));
        // Hundred years 2 and 3 are no century a meter is in.
        check(&[0x08, 0x47, 0xac, 0x2a], Value::DateTime(datetime(2021, 10, 12, 7, 8, 0, 0)));
        check(&[0x08, 0x67, 0xac, 0x2a], Value::DateTime(datetime(2021, 10, 12, 7, 8, 0, 0)));
        // Summer time (bit 15) leaves the clock as it is.
        check(&[0x08, 0x87, 0xac, 0x2a], Value::DateTime(datetime(2021, 10, 12, 7, 8, 0, 0)));
        for never in [[0x88, 0x07, 0xac, 0x2a], [0x3f, 0x07, 0xac, 0x2a], [0x08, 0x1f, 0xac, 0x2a], [0xff; 4]]
        {
            check(&never, Value::Invalid);
        }
    }

    #[test]
    fn type_i_and_j() {
        check(&[0x1e, 0x08, 0x67, 0xac, 0x2a, 0x29], Value::DateTime(datetime(2021, 10, 12, 7, 8, 30, 0)));
        check(&[0x1e, 0x88, 0x67, 0xac, 0x2a, 0x29], Value::Invalid);
        check(&[0x1e, 0x08, 0x17], Value::TimeOfDay(23 * 3600 + 8 * 60 + 30));
        check(&[0x3f, 0x3f, 0x1f], Value::Invalid);
        assert_eq!(of(&[0; 8]), None);
    }
}
