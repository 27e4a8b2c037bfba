//! Rows of a file of corrections.
//!
//! What comes in: text with the header `metering_point;at;value;quality;reason`. What goes out: values, and a fault with its
//! line for every row that is none; the others go through. Never: a comma read as a decimal point, or a reason left out.

use jiff::Timestamp;
use tidstro_model::{Decimal, DecimalFault, Quality};
use tidstro_wire::{OpenQuote, csv_fields};

use crate::ValueGiven;

/// The first line of a file of corrections.
pub const CORRECTIONS_HEADER: &str = "metering_point;at;value;quality;reason";

/// Why a row is no correction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionFault {
    /// The first line is another.
    #[error("the first line is not `{CORRECTIONS_HEADER}`; write it")]
    Header,
    /// Too few or too many fields.
    #[error(
        "the row has {got} columns, expected 5; separate them by `;`, and put a reason that has one in quotes"
    )]
    Columns {
        /// Fields found.
        got: usize,
    },
    /// A quote stays open.
    #[error(transparent)]
    Quote(#[from] OpenQuote),
    /// No instant.
    #[error("field `at` is `{got}`; write an instant such as 2026-03-31T12:00:00Z")]
    At {
        /// The text as written.
        got: String,
    },
    /// No number.
    #[error("field `value`: {0}")]
    Value(#[from] DecimalFault),
    /// No quality.
    #[error(
        "field `quality` is not known; write `measured`, `estimated`, `calculated`, or `missing` to cancel"
    )]
    Quality,
    /// A quality without a value, or a value that is to be missing.
    #[error(
        "field `value` is empty for a quality other than `missing`, or the other way round; correct one of them"
    )]
    ValueOrMissing,
    /// No reason.
    #[error("field `reason` is empty; say why, others will ask")]
    Reason,
}

/// The corrections of a file, and the rows that are none, by line from 1. Empty lines and those that begin with `#` are
/// left out.
#[must_use]
pub fn parse_corrections(text: &str) -> (Vec<ValueGiven>, Vec<(u64, CorrectionFault)>) {
    let (mut values, mut faults) = (Vec::new(), Vec::new());
    let mut lines = (1..).zip(text.lines().map(str::trim));
    if lines.next().is_none_or(|(_, header)| header.trim_start_matches('\u{feff}') != CORRECTIONS_HEADER) {
        return (values, vec![(1, CorrectionFault::Header)]);
    }
    for (line, row) in lines.filter(|(_, row)| !row.is_empty() && !row.starts_with('#')) {
        match parse_row(line, row) {
            Ok(value) => values.push(value),
            Err(fault) => faults.push((line, fault)),
        }
    }
    (values, faults)
}

fn parse_row(line: u64, row: &str) -> Result<ValueGiven, CorrectionFault> {
    let fields = csv_fields(row, b';')?;
    let texts: Vec<&str> = fields.iter().map(|field| &*field.text).collect();
    let [point, at, value, quality, reason] = *texts.as_slice() else {
        return Err(CorrectionFault::Columns { got: fields.len() });
    };
    let at: Timestamp = at.parse().map_err(|_| CorrectionFault::At { got: at.to_owned() })?;
    let quality = Quality::from_word(quality).ok_or(CorrectionFault::Quality)?;
    let value = match (value.is_empty(), quality) {
        (true, Quality::Missing) => None,
        (false, Quality::Measured | Quality::Estimated | Quality::Calculated) => {
            Some((Decimal::parse(value.as_bytes())?, quality))
        }
        _ => return Err(CorrectionFault::ValueOrMissing),
    };
    if reason.is_empty() {
        return Err(CorrectionFault::Reason);
    }
    Ok(ValueGiven { line, point: point.to_owned(), series: None, at, value, reason: reason.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What one row becomes: its fault, if it has one.
    fn fault(row: &str) -> Option<String> {
        let (values, faults) = parse_corrections(&format!("{CORRECTIONS_HEADER}\n# note\n\n{row}\n"));
        assert_eq!(values.len() + faults.len(), 1);
        faults.into_iter().next().map(|(line, fault)| format!("{line}: {fault}"))
    }

    #[test]
    fn rows_are_values_or_faults_with_their_line() {
        assert_eq!(fault("5713;2026-03-10T08:00:00Z;0.250;measured;read by hand"), None);
        assert_eq!(fault("5713;2026-03-10T08:00:00Z;;missing;withdrawn"), None);
        assert_eq!(fault("5713;2026-03-10T08:00:00Z;0.250;measured;\"read; \"\"by hand\"\"\""), None);
        for (row, says) in [
            (
                "5713;2026-03-10T08:00:00Z;0.250;measured;\"x",
                "4: the quote that opens column 5 is not closed",
            ),
            ("5713;2026-03-10T08:00:00Z;0.250;measured;x;y", "4: the row has 6 columns, expected 5"),
            ("5713;2026-03-10T08:00:00Z;0.250;measured", "4: the row has 4 columns, expected 5"),
            ("5713;10 March;0.250;measured;x", "4: field `at` is `10 March`"),
            ("5713;2026-03-10T08:00:00Z;0,250;measured;x", "4: field `value`: "),
            ("5713;2026-03-10T08:00:00Z;NaN;measured;x", "4: field `value`: "),
            ("5713;2026-03-10T08:00:00Z;0.250;guessed;x", "4: field `quality` is not known"),
            ("5713;2026-03-10T08:00:00Z;;measured;x", "4: field `value` is empty"),
            ("5713;2026-03-10T08:00:00Z;0.250;missing;x", "4: field `value` is empty"),
            ("5713;2026-03-10T08:00:00Z;0.250;measured; ", "4: field `reason` is empty"),
        ] {
            let told = fault(row).unwrap();
            assert!(told.starts_with(says), "{told}");
        }
        let quoted = "5713;2026-03-10T08:00:00Z;;missing;\"gone; see note\"";
        let (values, _) = parse_corrections(&format!("{CORRECTIONS_HEADER}\n{quoted}\n"));
        assert_eq!(values[0].reason, "gone; see note");
        assert_eq!(parse_corrections("at;value\n").1, [(1, CorrectionFault::Header)]);
    }
}
