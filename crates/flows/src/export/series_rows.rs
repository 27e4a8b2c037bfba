//! Rows of exported series, until there are enough for a row group.

use jiff::Timestamp;
use parquet::data_type::ByteArray;
use tidstro_model::{Decimal, Findings, Quality, Rule};
use tidstro_store::ExportedSeries;

use super::ExportFault;
use super::columns::{Column, Nullable, Rows, text};

/// The table, as `docs/EXPORT.md` tells it. `value` is exact: 15 digits before the point and three after it.
const TABLE: &str = "message series {
    required binary pseudonym (STRING);
    required binary commodity (STRING);
    required binary quantity (STRING);
    required binary unit (STRING);
    required int32 tariff;
    required int32 subunit;
    required binary resolution (STRING);
    required int64 start (TIMESTAMP(MICROS,true));
    optional int64 value (DECIMAL(18,3));
    required binary quality (STRING);
    required boolean is_correction;
    optional binary method (STRING);
    optional binary rules (STRING);
}";

/// Rows of the table, column by column.
pub(super) struct SeriesRows {
    pseudonym: Vec<ByteArray>,
    commodity: Vec<ByteArray>,
    quantity: Vec<ByteArray>,
    unit: Vec<ByteArray>,
    tariff: Vec<i32>,
    subunit: Vec<i32>,
    resolution: Vec<ByteArray>,
    start: Vec<i64>,
    value: Nullable<i64>,
    quality: Vec<ByteArray>,
    is_correction: Vec<bool>,
    method: Nullable<ByteArray>,
    rules: Nullable<ByteArray>,
    qualities: Qualities,
}

impl Rows for SeriesRows {
    const TABLE: &'static str = TABLE;

    fn new() -> Self {
        Self {
            qualities: Qualities::new(),
            pseudonym: Vec::new(),
            commodity: Vec::new(),
            quantity: Vec::new(),
            unit: Vec::new(),
            tariff: Vec::new(),
            subunit: Vec::new(),
            resolution: Vec::new(),
            start: Vec::new(),
            value: Nullable::new(),
            quality: Vec::new(),
            is_correction: Vec::new(),
            method: Nullable::new(),
            rules: Nullable::new(),
        }
    }

    fn len(&self) -> usize {
        self.start.len()
    }

    fn columns(&self) -> Vec<Column<'_>> {
        vec![
            Column::Text(&self.pseudonym),
            Column::Text(&self.commodity),
            Column::Text(&self.quantity),
            Column::Text(&self.unit),
            Column::Int(&self.tariff),
            Column::Int(&self.subunit),
            Column::Text(&self.resolution),
            Column::Long(&self.start),
            Column::NullableLong(&self.value),
            Column::Text(&self.quality),
            Column::Flag(&self.is_correction),
            Column::NullableText(&self.method),
            Column::NullableText(&self.rules),
        ]
    }
}

impl SeriesRows {
    /// Adds every value of a series.
    ///
    /// # Errors
    /// [`ExportFault::DoesNotFit`] for a value with too many digits: nothing is rounded.
    pub(super) fn push(&mut self, series: &ExportedSeries) -> Result<(), ExportFault> {
        let count = series.spans.len();
        let repeat = |column: &mut Vec<ByteArray>, word: &str| {
            column.extend(std::iter::repeat_n(text(word), count));
        };
        repeat(&mut self.pseudonym, &series.pseudonym.to_string());
        repeat(&mut self.commodity, series.commodity.code());
        repeat(&mut self.quantity, series.quantity.code());
        repeat(&mut self.unit, series.unit.code());
        repeat(&mut self.resolution, series.resolution.code());
        self.tariff.extend(std::iter::repeat_n(series.tariff.cast_signed(), count));
        self.subunit.extend(std::iter::repeat_n(i32::from(series.subunit), count));
        for span in &series.spans {
            let fitting = |value| {
                let fault = || ExportFault::does_not_fit(series.quantity, series.unit, value);
                thousandths(value).ok_or_else(fault)
            };
            self.start.push(microseconds(span.start));
            self.value.push(span.value.map(fitting).transpose()?);
            self.quality.push(self.qualities.of(span.quality));
            self.is_correction.push(span.corrected);
            self.method.push(span.method.map(|method| text(method.code())));
            self.rules.push(words(span.findings));
        }
        Ok(())
    }
}

/// The words of qualities, made once: each row shares their bytes.
struct Qualities {
    measured: ByteArray,
    estimated: ByteArray,
    missing: ByteArray,
    calculated: ByteArray,
}

impl Qualities {
    fn new() -> Self {
        let word = |quality: Quality| text(quality.word());
        Self {
            measured: word(Quality::Measured),
            estimated: word(Quality::Estimated),
            missing: word(Quality::Missing),
            calculated: word(Quality::Calculated),
        }
    }

    fn of(&self, quality: Quality) -> ByteArray {
        match quality {
            Quality::Measured => &self.measured,
            Quality::Estimated => &self.estimated,
            Quality::Missing => &self.missing,
            Quality::Calculated => &self.calculated,
        }
        .clone()
    }
}

fn microseconds(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The value in steps of a thousandth, if it is exact and has 18 digits at most.
fn thousandths(value: Decimal) -> Option<i64> {
    value.in_steps_of(-3).filter(|steps| steps.unsigned_abs() < 10_u64.pow(18))
}

/// The codes of failed rules with a space between; `None` for none.
fn words(findings: Findings) -> Option<ByteArray> {
    let codes: Vec<&str> = findings.rules().map(Rule::code).collect();
    (!codes.is_empty()).then(|| text(&codes.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_exact_or_refused() {
        let check = |mantissa, exponent, expected| {
            assert_eq!(thousandths(Decimal::new(mantissa, exponent)), expected, "{mantissa}e{exponent}");
        };
        check(12_345, -3, Some(12_345));
        check(-7, 1, Some(-70_000));
        check(12_340, -4, Some(1_234));
        check(1, -4, None);
        check(999_999_999_999_999, 0, Some(999_999_999_999_999_000));
        check(1_000_000_000_000_000, 0, None);
        check(i64::MIN, -3, None);
    }

    #[test]
    fn rules_are_told_by_their_codes() {
        assert!(words(Findings::NONE).is_none());
        let both = words(Findings::of(&[Rule::Spike, Rule::Negative])).unwrap();
        assert_eq!(both.as_utf8().unwrap(), "negative spike");
    }
}
