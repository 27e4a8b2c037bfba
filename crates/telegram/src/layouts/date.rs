//! Dates as makers write them.
//!
//! What comes in: two to six bytes. What goes out: the date or time, or `None` where they are none of a calendar.

use jiff::{
    ToSpan,
    civil::{Date, DateTime, Time, date},
};

/// Day in bits 0-4, month in 5-8, year since 2000 in 9-15.
pub(super) fn packed(bytes: &[u8]) -> Option<Date> {
    let field = word(bytes)?;
    calendar(field >> 9, field >> 5 & 0x0f, field & 0x1f)
}

/// As [`packed`], highest byte first; the year has six bits and the highest bit is the maker's.
pub(super) fn packed_big(bytes: &[u8]) -> Option<Date> {
    let field = u16::from_be_bytes(bytes.try_into().ok()?);
    calendar(field >> 9 & 0x3f, field >> 5 & 0x0f, field & 0x1f)
}

/// Day in bits 4-8, month in 9-12; the first such day after `start`. 29 February may be years ahead.
pub(super) fn day_after(bytes: &[u8], start: Date) -> Option<Date> {
    let field = word(bytes)?;
    let first_year = u16::try_from(start.year().checked_sub(2000)?).ok()?;
    let in_year = |year: u16| calendar(year, field >> 9 & 0x0f, field >> 4 & 0x1f);
    (first_year..=first_year + 1).filter_map(in_year).find(|date| *date > start)
}

/// Day, month and year since 2000, two digits each.
pub(super) fn digits(bytes: &[u8]) -> Option<Date> {
    let [day, month, year] = *bytes else { return None };
    calendar(two_digits(year)?, two_digits(month)?, two_digits(day)?)
}

/// As [`digits`], the year first.
pub(super) fn digits_year_first(bytes: &[u8]) -> Option<Date> {
    let [year, month, day] = *bytes else { return None };
    digits(&[day, month, year])
}

/// Second, minute, hour, day, month and year since 2000, two digits each.
pub(super) fn digits_time(bytes: &[u8]) -> Option<DateTime> {
    let ([second, minute, hour], day) = bytes.split_first_chunk()?;
    let number = |byte: &u8| i8::try_from(two_digits(*byte)?).ok();
    let time = Time::new(number(hour)?, number(minute)?, number(second)?, 0).ok()?;
    Some(digits(day)?.to_datetime(time))
}

/// Seconds since the begin of 2000.
pub(super) fn seconds(bytes: &[u8]) -> Option<DateTime> {
    let seconds = u32::from_le_bytes(bytes.try_into().ok()?);
    date(2000, 1, 1).at(0, 0, 0, 0).checked_add(i64::from(seconds).seconds()).ok()
}

/// The last time the month ended before `moment`, and how many month ends ago that was, from 1. A month ends when its
/// last day does (day 0), or at the begin of the day in two digits.
pub(super) fn month_end(month: i8, day: u8, moment: DateTime) -> Option<(u64, Date)> {
    let day = i8::try_from(two_digits(day)?).ok()?;
    let end_in = |year: i16, month: i8| {
        if day == 0 {
            Some(Date::new(year, month, 1).ok()?.last_of_month())
        } else {
            Date::new(year, month, day).ok()
        }
    };
    let is_over = |end: &Date| if day == 0 { *end < moment.date() } else { *end <= moment.date() };
    let (this_year, this_month) = (moment.year(), moment.month());
    let years = [this_year, this_year.checked_sub(1)?];
    let end = years.into_iter().filter_map(|year| end_in(year, month)).find(is_over)?;
    let is_this_over = end_in(this_year, this_month).is_some_and(|end| is_over(&end));
    let months =
        12 * (i64::from(this_year) - i64::from(end.year())) + i64::from(this_month) - i64::from(month);
    Some((u64::try_from(months + i64::from(is_this_over)).ok()?, end))
}

fn two_digits(byte: u8) -> Option<u16> {
    let is_decimal = byte >> 4 <= 9 && byte & 0x0f <= 9;
    is_decimal.then_some(u16::from(byte >> 4) * 10 + u16::from(byte & 0x0f))
}

fn word(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

/// Two-digit years only: a year above 99 is no year these meters have.
fn calendar(year: u16, month: u16, day: u16) -> Option<Date> {
    if year > 99 {
        return None;
    }
    let year = 2000 + i16::try_from(year).ok()?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn packed_dates() {
        assert_eq!(packed(&[0x9f, 0x27]), Some(date(2019, 12, 31)));
        assert_eq!(packed(&[0x5e, 0x28]), None, "30 February");
        assert_eq!(packed(&[0x00, 0x00]), None);
        assert_eq!(packed(&[0xff, 0xff]), None);
    }

    #[test]
    fn a_day_without_year_is_the_first_after_the_due_date() {
        let due = date(2018, 3, 31);
        assert_eq!(day_after(&[0x10, 0x08], due), Some(date(2018, 4, 1)));
        assert_eq!(day_after(&[0xf0, 0x07], due), Some(date(2019, 3, 31)));
        // Bits above the month are the maker's.
        assert_eq!(day_after(&[0xb0, 0x29], due), Some(date(2018, 4, 27)));
        assert_eq!(day_after(&[0xd0, 0x05], due), None, "29 February 2019");
        assert_eq!(day_after(&[0xd0, 0x05], date(2019, 12, 31)), Some(date(2020, 2, 29)));
        assert_eq!(day_after(&[0x00, 0x00], due), None);
    }

    #[test]
    fn dates_in_digits() {
        assert_eq!(digits(&[0x26, 0x02, 0x21]), Some(date(2021, 2, 26)));
        for never in [[0x1a, 0x02, 0x21], [0x30, 0x02, 0x21], [0x00, 0x01, 0x21]] {
            assert_eq!(digits(&never), None);
        }
    }

    #[test]
    fn the_maker_may_use_the_highest_bit() {
        assert_eq!(packed_big(&[0xa0, 0xa1]), Some(date(2016, 5, 1)));
        assert_eq!(packed_big(&[0x00, 0x00]), None);
    }

    #[test]
    fn the_year_may_come_first() {
        assert_eq!(digits_year_first(&[0x24, 0x04, 0x25]), Some(date(2024, 4, 25)));
        assert_eq!(digits_year_first(&[0x24, 0x04]), None);
    }

    #[test]
    fn times_in_digits_and_in_seconds() {
        let time = date(2020, 3, 31).at(10, 4, 59, 0);
        assert_eq!(digits_time(&[0x59, 0x04, 0x10, 0x31, 0x03, 0x20]), Some(time));
        assert_eq!(digits_time(&[0x60, 0x04, 0x10, 0x31, 0x03, 0x20]), None);
        assert_eq!(seconds(&[0x80, 0x51, 0x01, 0x00]), Some(date(2000, 1, 2).at(0, 0, 0, 0)));
    }

    #[test]
    fn month_ends_count_back_from_the_moment() {
        let moment = date(2024, 5, 22).at(15, 33, 0, 0);
        assert_eq!(month_end(4, 0x00, moment), Some((1, date(2024, 4, 30))));
        assert_eq!(month_end(1, 0x00, moment), Some((4, date(2024, 1, 31))));
        assert_eq!(month_end(5, 0x00, moment), Some((12, date(2023, 5, 31))));
        assert_eq!(month_end(12, 0x00, moment), Some((5, date(2023, 12, 31))));
        // Taken on a day that this month has seen already.
        assert_eq!(month_end(5, 0x22, moment), Some((1, date(2024, 5, 22))));
        assert_eq!(month_end(6, 0x22, moment), Some((12, date(2023, 6, 22))));
        assert_eq!(month_end(5, 0x23, moment), Some((12, date(2023, 5, 23))));
        assert_eq!(month_end(4, 0x1a, moment), None);
    }
}
