//! Settlement years: twelve months from the first day of a point's settlement month.
//!
//! What comes in: local days and a settlement month (1 to 12). What goes out: the years they lie in. A year has 365 or
//! 366 days, by whether it holds 29 February.

use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_model::DayRange;

use super::SettlementFault;

/// The settlement year the day lies in, half open.
///
/// # Errors
/// [`SettlementFault::Calendar`] for a month that is none, and at the ends of the calendar.
pub fn settlement_year(day: Date, month: i8) -> Result<DayRange, SettlementFault> {
    let fault = SettlementFault::Calendar { day };
    let in_year = |year: i16| Date::new(year, month, 1).map_err(|_| fault.clone());
    let year = if in_year(day.year())? <= day { day.year() } else { day.year() - 1 };
    DayRange::new(in_year(year)?, in_year(year + 1)?).map_err(|_| fault.clone())
}

/// The range cut at every first day of a settlement year; each part with the year it lies in.
///
/// # Errors
/// As [`settlement_year`].
pub(super) fn by_settlement_year(
    range: DayRange,
    month: i8,
) -> Result<Vec<(DayRange, DayRange)>, SettlementFault> {
    let mut parts = Vec::new();
    let mut start = range.start();
    while start < range.end() {
        let year = settlement_year(start, month)?;
        parts.extend(range.intersect(year).map(|part| (part, year)));
        start = year.end();
    }
    Ok(parts)
}

/// The number of days of a range.
pub(super) fn day_count(range: DayRange) -> i64 {
    i64::from(epoch_day(range.end()) - epoch_day(range.start()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_settlement_year_holds_its_leap_day() {
        for (day, month, start, days) in [
            (date(2024, 1, 31), 2, date(2023, 2, 1), 365),
            (date(2024, 2, 1), 2, date(2024, 2, 1), 366),
            (date(2024, 2, 29), 3, date(2023, 3, 1), 366),
            (date(2023, 12, 31), 1, date(2023, 1, 1), 365),
        ] {
            let year = settlement_year(day, month).unwrap();
            assert_eq!((year.start(), day_count(year)), (start, days), "{day}");
        }
        assert!(settlement_year(date(2024, 1, 1), 13).is_err());
    }

    #[test]
    fn a_range_is_cut_at_its_settlement_month() {
        let range = DayRange::new(date(2023, 11, 1), date(2025, 1, 16)).unwrap();
        let parts = by_settlement_year(range, 2).unwrap();
        let ends: Vec<Date> = parts.iter().map(|(part, _)| part.end()).collect();
        assert_eq!(ends, [date(2024, 2, 1), date(2025, 1, 16)]);
    }
}
