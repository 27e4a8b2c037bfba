//! The months an export is divided into.

use jiff::civil::Date;
use tidstro_calendar::{first_of_month, next_month};
use tidstro_model::{DayRange, Resolution};

use super::ExportFault;

/// The months of some days, each cut to them; for sums of a year, the years, because a year cut into months would be no sum.
///
/// # Errors
/// [`ExportFault::OpenDays`] if a side is open, or no day lies between.
pub(super) fn months_of(days: DayRange, resolution: Resolution) -> Result<Vec<DayRange>, ExportFault> {
    if days.start() == Date::MIN || days.is_open() || days.is_empty() {
        return Err(ExportFault::OpenDays);
    }
    let next = if resolution == Resolution::P1Y { next_year } else { next_month };
    let starts = std::iter::successors(Some(days.start()), |start| {
        let following = next(*start);
        (following < days.end()).then_some(following)
    });
    let month = |start: Date| DayRange::new(start, next(start).min(days.end()));
    starts.map(month).collect::<Result<_, _>>().map_err(|_| ExportFault::OpenDays)
}

fn next_year(day: Date) -> Date {
    day.last_of_year().tomorrow().unwrap_or(Date::MAX)
}

/// The name of a month's folder: `month=2025-03`.
pub(super) fn month_name(day: Date) -> String {
    let month = first_of_month(day);
    format!("month={:04}-{:02}", month.year(), month.month())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn check(from: Date, to: Date, resolution: Resolution, expected: &[&str]) {
        let months = months_of(DayRange::new(from, to).unwrap(), resolution).unwrap();
        let shown: Vec<String> = months.iter().map(ToString::to_string).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn days_are_divided_at_months_and_cut_at_both_ends() {
        check(
            date(2024, 12, 30),
            date(2025, 2, 2),
            Resolution::PT1H,
            &["2024-12-30..2025-01-01", "2025-01-01..2025-02-01", "2025-02-01..2025-02-02"],
        );
        check(date(2025, 3, 1), date(2025, 4, 1), Resolution::P1M, &["2025-03-01..2025-04-01"]);
    }

    #[test]
    fn sums_of_a_year_stay_whole() {
        let years = ["2024-07-01..2025-01-01", "2025-01-01..2026-01-01"];
        check(date(2024, 7, 1), date(2026, 1, 1), Resolution::P1Y, &years);
    }

    #[test]
    fn open_and_empty_days_are_refused() {
        let day = date(2025, 3, 1);
        for days in [DayRange::always(), DayRange::from(day), DayRange::new(day, day).unwrap()] {
            assert!(matches!(months_of(days, Resolution::P1D), Err(ExportFault::OpenDays)));
        }
    }

    #[test]
    fn a_month_has_two_digits() {
        assert_eq!(month_name(date(2025, 3, 31)), "month=2025-03");
    }
}
