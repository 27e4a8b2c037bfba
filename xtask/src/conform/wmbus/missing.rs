//! Whether the telegram itself shows that no standard record carries a published value.
//!
//! What comes in: the decoded telegram and a field that no reading equals. What goes out: a reason, or a
//! failure. Reasons are properties of the telegram (a record of the maker's own, a memory without a date) or
//! of the field's kind (an error code rendered as a date), never of a row or a driver. A value whose digits are
//! in a plain standard record of another unit always fails: the decoder may have read it wrongly.

use tidstro_model::{Decimal, Modifier, QuantityKind, Reading, Unit, Value};
use tidstro_telegram::{RecordFaultKind, Telegram};

use super::{Field, layouts, number::Ratio};

/// The standard multiplies what it is published without (EN 13757-3:2018 table 15, VIFE 70 to 77).
const FACTOR: &str = "a reactive energy with a factor in its VIFEs, published without";

/// What may explain missing fields of one telegram.
pub(super) struct Excuses<'a> {
    telegram: &'a Telegram,
    /// Dates the meter marks as invalid; each explains one field.
    invalid_dates: usize,
    /// Numbers the meter marks as invalid.
    invalid_numbers: usize,
}

impl<'a> Excuses<'a> {
    pub(super) fn of(telegram: &'a Telegram) -> Self {
        let invalid = |is_date: bool| {
            let is_one = |reading: &&Reading| {
                reading.value == Value::Invalid && (reading.quantity == QuantityKind::DateTime) == is_date
            };
            telegram.readings.iter().filter(is_one).count()
        };
        Self { telegram, invalid_dates: invalid(true), invalid_numbers: invalid(false) }
    }

    /// A date that no reading states.
    pub(super) fn date(&mut self, name: &str, expected: &str) -> Field {
        if is_no_date(expected) && self.take_invalid_date() {
            return Field::Equal("as invalid: published as a date that is none");
        }
        if has_number(name) && self.has_memory_without_date() {
            return Field::NotYet(self.why_no_date());
        }
        if self.take_invalid_date() {
            // Not equal: a decoder that wrongly marks dates as invalid would pass by it.
            return Field::NotYet("a date this decoder finds marked invalid, published all the same");
        }
        let reason = self.makers_own();
        reason.map_or_else(
            || Field::Failed(format!("{name}: expected {expected}, got no such date")),
            Field::NotYet,
        )
    }

    fn take_invalid_date(&mut self) -> bool {
        let is_left = self.invalid_dates > 0;
        self.invalid_dates -= usize::from(is_left);
        is_left
    }

    /// A number that no reading of its dimension equals; `got` lists those readings.
    pub(super) fn number(&mut self, name: &str, suffix: &str, wanted: Ratio, got: &str) -> Field {
        if self.invalid_numbers > 0 && wanted.is_lowest_integer() {
            return Field::Equal("as invalid: published as the lowest integer");
        }
        if wanted.is_zero() && layouts::has_empty_memory(self.telegram, suffix) {
            return Field::NotYet("an empty memory, given as invalid and published as zero");
        }
        if layouts::is_tenth_of_proven(self.telegram, wanted) {
            return Field::NotYet("a volume published as a tenth of what the telegram's own registers prove");
        }
        if is_computed_apparent(self.telegram, suffix, wanted, |_| None) {
            return Field::NotYet(
                "apparent energy, which the source computes of two numbers, in no telegram",
            );
        }
        if is_computed_apparent(self.telegram, suffix, wanted, without_factor) {
            return Field::NotYet(FACTOR);
        }
        let same = self.same_digits(wanted);
        if let Some(reason) = same.iter().find_map(|reading| other_meaning(reading, name, wanted)) {
            return Field::NotYet(reason);
        }
        // A zero says nothing about where it came from.
        let is_in_plain_record = !same.is_empty() && !wanted.is_zero();
        match self.makers_own() {
            Some(reason) if !is_in_plain_record => Field::NotYet(reason),
            _ => failed(name, wanted, got),
        }
    }

    /// The readings of any unit with the digits of the published number.
    fn same_digits(&self, wanted: Ratio) -> Vec<&'a Reading> {
        let is_same = |reading: &&Reading| match reading.value {
            Value::Number(number) => Ratio::of(number).is_some_and(|said| said.has_digits_of(wanted)),
            _ => false,
        };
        self.telegram.readings.iter().filter(is_same).collect()
    }

    /// The kind of record in this telegram whose content only its maker defines.
    fn makers_own(&self) -> Option<&'static str> {
        let readings = &self.telegram.readings;
        let is_profile = |reading: &&Reading| {
            reading.modifiers.iter().any(|Modifier(code)| matches!(code, 0x13 | 0x1e | 0x1f))
        };
        if readings.iter().any(|reading| is_bytes(reading) && is_profile(&reading)) {
            return Some("a compact profile");
        }
        let is_reserved = |kind: RecordFaultKind| matches!(kind, RecordFaultKind::SpecialDif { .. });
        if self.telegram.faults.iter().any(|fault| is_reserved(fault.kind)) {
            return Some("a payload that is not made of standard records (reserved DIF)");
        }
        let own = readings.iter().filter(|reading| reading.quantity == QuantityKind::ManufacturerSpecific);
        let (bytes, numbers): (Vec<_>, Vec<_>) = own.partition(|reading| is_bytes(reading));
        match (bytes.is_empty(), numbers.is_empty()) {
            (false, _) => Some("manufacturer data"),
            (true, false) => Some("a manufacturer-specific VIF"),
            (true, true) => None,
        }
    }

    /// Why the date of a memory that states none is not given: the source counts months back from a date that the
    /// meter marks as invalid, or from one whose own value is in a memory it dates otherwise, or by a rule of its own.
    fn why_no_date(&self) -> &'static str {
        let readings = &self.telegram.readings;
        if readings.iter().any(|reading| reading.modifiers.contains(&Modifier::CLOCK_INVALID)) {
            return "dates a driver computes from a clock that the meter marks as invalid";
        }
        let is_dated =
            |storage: u64| readings.iter().any(|r| r.storage == storage && matches!(r.value, Value::Date(_)));
        let due = readings.iter().filter(|r| r.storage == 1 && is_dated(1) && is_counted(r));
        let is_again = |due: &Reading| {
            readings.iter().any(|r| {
                !is_dated(r.storage) && r.storage > 1 && (r.quantity, &r.value) == (due.quantity, &due.value)
            })
        };
        if due.clone().any(is_again) {
            return "dates a driver computes, which give the value at the due date another date";
        }
        "dates a driver computes for memories that state none"
    }

    /// A memory (storage above 0) with a value and no date of its own.
    fn has_memory_without_date(&self) -> bool {
        let readings = &self.telegram.readings;
        let has_date = |storage: u64| {
            readings.iter().any(|r| r.storage == storage && r.quantity == QuantityKind::DateTime)
        };
        readings.iter().any(|reading| reading.storage > 0 && !has_date(reading.storage))
    }
}

/// Whether the records of a proven frame run past its end: then they are no standard records.
pub(super) fn breaks_off(telegram: &Telegram) -> bool {
    telegram.faults.iter().any(|fault| matches!(fault.kind, RecordFaultKind::Cut { .. }))
}

fn failed(name: &str, wanted: Ratio, got: &str) -> Field {
    let got = if got.is_empty() { "none of this dimension" } else { got };
    Field::Failed(format!("{name}: expected {wanted}, got {got}"))
}

/// How the source renders a date that is none: day or month 00, 1999-11-30 for 2000-00-00, or a year that is a
/// code (127: every year).
fn is_no_date(expected: &str) -> bool {
    expected.contains("-00") || expected.starts_with("1999-11-30") || expected.starts_with("2127")
}

/// A number above zero.
fn is_counted(reading: &Reading) -> bool {
    matches!(reading.value, Value::Number(number) if number.mantissa() > 0)
}

fn has_number(name: &str) -> bool {
    name.split('_').any(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_bytes(reading: &Reading) -> bool {
    matches!(reading.value, Value::Bytes(_))
}

/// A manufacturer-specific VIF or VIFE, or another device behind the meter.
fn is_makers_own(reading: &Reading) -> bool {
    let has_own_vife = reading.modifiers.iter().any(|Modifier(code)| code >> 8 == 0x7f || *code == 0x7f);
    reading.quantity == QuantityKind::ManufacturerSpecific || has_own_vife || reading.subunit != 0
}

/// Why a record with the right digits is published with another unit, if the record shows why.
fn other_meaning(reading: &Reading, name: &str, wanted: Ratio) -> Option<&'static str> {
    let becomes_duration = reading.modifiers.iter().any(|Modifier(code)| matches!(code, 0x50..=0x67));
    if becomes_duration && wanted.is_zero() {
        return Some("a record whose VIFE makes it a duration, published without");
    }
    if wanted
        .times(Ratio::new(1000, 1))
        .is_some_and(|var_hours| without_factor(reading).is_some_and(|number| number.is_close_to(var_hours)))
    {
        return Some(FACTOR);
    }
    if reading.quantity == QuantityKind::OperatingTime && name.ends_with("_y") {
        return Some("an operating time in seconds, published as so many years");
    }
    is_makers_own(reading).then_some("a unit or meaning only the maker defines (VIF or VIFE FF, subunit)")
}

/// A reactive energy without the factor its VIFEs give. Its VIFs know no less than kvarh (EN 13757-3:2018 table 12), so
/// a smaller power of ten is a factor's.
fn without_factor(reading: &Reading) -> Option<Ratio> {
    const KVARH: i8 = 3;
    match reading.value {
        Value::Number(number) if reading.unit == Unit::VarHour && number.exponent() < KVARH => {
            Ratio::of(Decimal::new(number.mantissa(), KVARH))
        }
        _ => None,
    }
}

/// Whether the number is the root of the squares of an active and a reactive one: no register of the meter.
fn is_computed_apparent(
    telegram: &Telegram,
    suffix: &str,
    wanted: Ratio,
    otherwise: fn(&Reading) -> Option<Ratio>,
) -> bool {
    let (active, reactive) = match suffix {
        "kvah" => (Unit::WattHour, Unit::VarHour),
        "kva" => (Unit::Watt, Unit::Var),
        _ => return false,
    };
    let said = |unit: Unit| {
        let of_unit = telegram.readings.iter().filter(move |reading| reading.unit == unit);
        of_unit.flat_map(|reading| {
            let said = match reading.value {
                Value::Number(number) => Ratio::of(number),
                _ => None,
            };
            let both = [said, otherwise(reading)];
            both.into_iter().flatten().filter_map(|number| number.times(Ratio::new(1, 1000)))
        })
    };
    said(active).any(|a| said(reactive).any(|r| wanted.is_root_of_squares(a, r)))
}
