//! Dates as makers write them.
//!
//! What comes in: two or three bytes. What goes out: the date, or `None` where they are no day of a calendar.

use jiff::civil::Date;

/// Day in bits 0-4, month in 5-8, year since 2000 in 9-15.
pub(super) fn packed(bytes: &[u8]) -> Option<Date> {
    let field = word(bytes)?;
    calendar(field >> 9, field >> 5 & 0x0f, field & 0x1f)
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
    let number = |byte: u8| {
        let is_decimal = byte >> 4 <= 9 && byte & 0x0f <= 9;
        is_decimal.then_some(u16::from(byte >> 4) * 10 + u16::from(byte & 0x0f))
    };
    calendar(number(year)?, number(month)?, number(day)?)
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
}
