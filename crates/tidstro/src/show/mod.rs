//! How answers look: tables for people, JSON for programs. Nothing here decides or computes.

pub(crate) mod alarms;
pub(crate) mod amounts;
pub(crate) mod capacity;
pub(crate) mod chart;
pub(crate) mod clock;
pub(crate) mod coverage;
pub(crate) mod cycle;
pub(crate) mod duration;
pub(crate) mod event;
pub(crate) mod heating;
pub(crate) mod master;
pub(crate) mod net_consumption;
pub(crate) mod push;
pub(crate) mod register;
pub(crate) mod report;
pub(crate) mod series;
pub(crate) mod settle;
mod table;
pub(crate) mod telegram;
pub(crate) mod why;

use std::borrow::Cow;
use std::io::Write as _;

use tidstro_model::{Decimal, Quantity, Unit};

pub(crate) use table::Table;

/// Says something on standard error. Whoever closed it does not want to know.
pub(crate) fn note(what: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

/// A text with every control character but the line feed written out: a meter, a file or a name must not
/// steer the terminal it is shown on.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let steers = |letter: char| letter.is_control() && letter != '\n';
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let written =
        |letter: char| if steers(letter) { letter.escape_default().to_string() } else { letter.to_string() };
    Cow::Owned(text.chars().map(written).collect())
}

/// A number as JSON, with exactly its own digits.
pub(crate) fn exact(number: Decimal) -> Result<Box<serde_json::value::RawValue>, serde_json::Error> {
    serde_json::value::RawValue::from_string(number.to_string())
}

/// A quantity as people read it: energy in kWh or MJ, power in kW, the rest in its own unit.
pub(crate) fn shown(number: Decimal, unit: Unit) -> String {
    let (shift, unit_text) = match unit {
        Unit::WattHour => (-3, "kWh"),
        Unit::Watt => (-3, "kW"),
        Unit::Joule => (-6, "MJ"),
        _ => return Quantity { number, unit }.to_string(),
    };
    let exponent = number.exponent().saturating_add(shift);
    format!("{} {unit_text}", Decimal::new(number.mantissa(), exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(plain("Kornmarken 12, 1. tv · m³\n"), "Kornmarken 12, 1. tv · m³\n");
        assert_eq!(plain("a\u{1b}[2Jb\u{7f}\r\u{9b}"), "a\\u{1b}[2Jb\\u{7f}\\r\\u{9b}");
    }
}
