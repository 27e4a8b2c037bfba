//! Numbers, days and spans of time as people of a language write them.
//!
//! What comes in: exact decimals and local days. What goes out: text. Rounding is for the eye alone: what is kept, settled and
//! exported has every digit.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use tidstro_calendar::Zone;
use tidstro_govern::Language;
use tidstro_model::{Decimal, Unit};

use crate::words::Words;

/// A number with so many decimals, half away from zero, with the language's point and groups.
#[must_use]
pub(crate) fn number(value: Decimal, decimals: u8, language: Language) -> String {
    let steps = rounded(value, decimals);
    let digits = format!("{:0>width$}", steps.unsigned_abs(), width = usize::from(decimals) + 1);
    let (whole, part) = digits.split_at(digits.len() - usize::from(decimals));
    let (group, point) = match language {
        Language::Danish | Language::German => ('.', ','),
        Language::English => (',', '.'),
    };
    // A true minus, which is as wide as a digit, and none before a zero.
    let sign = if steps < 0 { "−" } else { "" };
    let grouped = in_groups(whole, group);
    if decimals == 0 { format!("{sign}{grouped}") } else { format!("{sign}{grouped}{point}{part}") }
}

/// The number in steps of the last decimal.
pub(crate) fn rounded(value: Decimal, decimals: u8) -> i128 {
    let mantissa = i128::from(value.mantissa());
    let shift = i32::from(value.exponent()) + i32::from(decimals);
    // Beyond 38 digits nothing is left to show, or more than any meter counts.
    let factor = 10_i128.checked_pow(shift.unsigned_abs());
    match (shift >= 0, factor) {
        (true, factor) => factor.and_then(|factor| mantissa.checked_mul(factor)).unwrap_or(i128::MAX),
        (false, Some(factor)) => (mantissa + mantissa.signum() * (factor / 2)) / factor,
        (false, None) => 0,
    }
}

fn in_groups(digits: &str, separator: char) -> String {
    let first = digits.len() % 3;
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && position % 3 == first {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// How a unit is shown: its sign, the power of ten its values are moved by, and the decimals that tell something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    /// What stands behind a number.
    pub(crate) sign: &'static str,
    /// Watt hours are shown as kilowatt hours: −3.
    pub(crate) power: i8,
    /// Decimals of a number on a page.
    pub(crate) decimals: u8,
}

/// How a unit is shown.
#[must_use]
pub(crate) const fn shown(unit: Unit) -> Shown {
    match unit {
        Unit::WattHour => Shown { sign: "kWh", power: -3, decimals: 1 },
        Unit::CubicMetre => Shown { sign: "m³", power: 0, decimals: 2 },
        // Allocators count whole units.
        Unit::Hca => Shown { sign: "HCA", power: 0, decimals: 0 },
        Unit::One => Shown { sign: "", power: 0, decimals: 0 },
        other => Shown { sign: other.code(), power: 0, decimals: 1 },
    }
}

impl Shown {
    /// A value in this unit's shown size.
    #[must_use]
    pub(crate) const fn sized(self, value: Decimal) -> Decimal {
        Decimal::new(value.mantissa(), value.exponent().saturating_add(self.power))
    }

    /// A value with its sign: `1.234,5 kWh`.
    #[must_use]
    pub(crate) fn text(self, value: Decimal, language: Language) -> String {
        let number = number(self.sized(value), self.decimals, language);
        // A narrow no-break space: number and unit stay together.
        if self.sign.is_empty() { number } else { format!("{number}\u{202f}{}", self.sign) }
    }
}

/// A day in words: `22 November 2026`.
#[must_use]
pub(crate) fn day(date: Date, words: &Words) -> String {
    let month = month_name(date, words);
    match words.language() {
        Language::English => format!("{} {month} {}", date.day(), date.year()),
        Language::Danish | Language::German => format!("{}. {month} {}", date.day(), date.year()),
    }
}

/// A day in a list: `Sat 22 Nov`, as short as it can be told.
#[must_use]
pub(crate) fn day_short(date: Date, words: &Words) -> String {
    let weekday = words.say(&format!("weekday-{}", date.weekday().to_monday_one_offset()));
    let month = month_short(date, words);
    match words.language() {
        Language::English => format!("{weekday} {} {month}", date.day()),
        Language::Danish | Language::German => format!("{weekday} {}. {month}", date.day()),
    }
}

/// The last moment of something that ends at an instant, outside: the day before where that is midnight, otherwise day and time.
#[must_use]
pub(crate) fn until(end: Timestamp, zone: &Zone, words: &Words) -> String {
    let (date, clock) = zone.clock_of(end);
    if clock == Time::midnight() {
        return day(date.yesterday().unwrap_or(date), words);
    }
    moment(end, zone, words)
}

/// An instant outside: day and time.
#[must_use]
pub(crate) fn moment(at: Timestamp, zone: &Zone, words: &Words) -> String {
    let (date, clock) = zone.clock_of(at);
    format!("{}, {:02}:{:02}", day(date, words), clock.hour(), clock.minute())
}

/// A month in words: `November 2026`.
#[must_use]
pub(crate) fn month(date: Date, words: &Words) -> String {
    format!("{} {}", month_name(date, words), date.year())
}

/// The name of a day's month.
#[must_use]
pub(crate) fn month_name(date: Date, words: &Words) -> String {
    words.say(&format!("month-{}", date.month()))
}

/// The first letters of a day's month.
#[must_use]
pub(crate) fn month_short(date: Date, words: &Words) -> String {
    month_name(date, words).chars().take(3).collect()
}

/// A change in whole percent, from an earlier value to a later one; `None` where there was nothing to compare with.
#[must_use]
pub(crate) fn change_percent(earlier: Decimal, later: Decimal) -> Option<i64> {
    let exponent = earlier.exponent().min(later.exponent());
    let (from, to) = (earlier.in_steps_of(exponent)?, later.in_steps_of(exponent)?);
    if from <= 0 {
        return None;
    }
    let change = (i128::from(to) - i128::from(from)) * 100;
    i64::try_from((change + change.signum() * i128::from(from) / 2) / i128::from(from)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: Decimal, decimals: u8, danish: &str, english: &str) {
        assert_eq!(number(value, decimals, Language::Danish), danish);
        assert_eq!(number(value, decimals, Language::English), english);
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        check(Decimal::new(1_234_567, -3), 1, "1.234,6", "1,234.6");
        check(Decimal::new(5, -1), 0, "1", "1");
        check(Decimal::new(-5, -1), 0, "−1", "−1");
        check(Decimal::new(-4, -1), 0, "0", "0");
        check(Decimal::new(12, 3), 0, "12.000", "12,000");
        check(Decimal::new(7, -2), 2, "0,07", "0.07");
        check(Decimal::new(i64::MAX, 0), 0, "9.223.372.036.854.775.807", "9,223,372,036,854,775,807");
        check(Decimal::new(1, -40), 2, "0,00", "0.00");
    }

    #[test]
    fn changes_are_whole_percents() {
        let of = |from, to| change_percent(Decimal::new(from, -3), Decimal::new(to, -3));
        assert_eq!(of(1000, 1100), Some(10));
        assert_eq!(of(1000, 995), Some(-1));
        assert_eq!(of(1000, 1004), Some(0));
        assert_eq!(of(0, 10), None);
    }
}
