//! Compact profiles: a row of values of one register in one record (EN 13757-3:2018 annex F).
//!
//! What comes in: the readings of a telegram, in which a profile is bytes under one of three VIFEs. What goes out: the
//! same readings, with each profile that is understood replaced by its values, each with its own storage number and,
//! where the base time is stated, its date. A profile that is not understood stays bytes.
//!
//! The first byte of a profile says how an element differs from its neighbour (bits 6 and 7), the unit of the spacing
//! (4 and 5) and the data field of the elements (0 to 3); the second one is the spacing, where 254 is one month. The
//! record of the same storage states the base value and time, and the first element lies one spacing from it. This
//! order, the month, that VIFE 13 goes back in time and 1E forward were seen in telegrams of two makers; 1F and the
//! rest are recalled of the standard. Differences are given only where they run forward: then each is what was used
//! until its date.

use jiff::{Span, ToSpan, civil::Date};
use tidstro_model::{Decimal, Medium, Modifier, QuantityKind, Reading, Unit, Value};

use super::{
    OF_PERIOD, bare, data,
    dib::{self, Field},
    obis, value,
    vib::{self, Vib},
};
use tidstro_wire::Cursor;

/// Each element is older than the one before.
const INVERSE: Modifier = Modifier(0x13);
/// Each element is younger: with register numbers, and without.
const FORWARD: [Modifier; 2] = [Modifier(0x1e), Modifier(0x1f)];
/// Spacing of one month.
const MONTH: u8 = 254;
/// From here on a spacing is no plain number.
const COUNTED_END: u8 = 251;

/// What the VIFE and the first two bytes say.
#[derive(Debug, Clone, Copy)]
struct Spacing {
    is_inverse: bool,
    /// 0 each element is a value; 1 an increase, 2 a decrease, 3 a signed difference.
    mode: u8,
    /// 0 seconds, 1 minutes, 2 hours, 3 days (or months).
    unit: u8,
    count: u8,
}

/// Replaces every profile that is understood by its values.
pub(super) fn expand(telegram: &[u8], medium: Medium, readings: &mut Vec<Reading>) {
    if !readings.iter().any(is_profile) {
        return;
    }
    let records = std::mem::take(readings);
    for record in &records {
        let base = if is_profile(record) { base_time(&records, record.storage) } else { None };
        match elements(telegram, medium, record, base) {
            Some(elements) => readings.extend(elements),
            None => readings.push(record.clone()),
        }
    }
}

fn is_profile(reading: &Reading) -> bool {
    let is_row = |modifier: &Modifier| *modifier == INVERSE || FORWARD.contains(modifier);
    matches!(reading.value, Value::Bytes(_)) && reading.modifiers.iter().any(is_row)
}

/// The date or time a storage states.
fn base_time(records: &[Reading], storage: u64) -> Option<&Value> {
    let is_time = |value: &Value| matches!(value, Value::Date(_) | Value::DateTime(_));
    let is_it = |record: &&Reading| {
        record.storage == storage && record.quantity == QuantityKind::DateTime && is_time(&record.value)
    };
    records.iter().find(is_it).map(|record| &record.value)
}

/// The values of one profile; `None` for another record, and for a profile of a kind that is not understood.
fn elements(telegram: &[u8], medium: Medium, record: &Reading, base: Option<&Value>) -> Option<Vec<Reading>> {
    let Value::Bytes(bytes) = &record.value else { return None };
    if !is_profile(record) {
        return None;
    }
    let ([control, count], content) = bytes.split_first_chunk()?;
    let spacing = Spacing::new(record, *control, *count)?;
    let field = dib::read(&mut Cursor::new(&[control & 0x0f], 0)).ok()?.field;
    let vib = vib_of(telegram, record)?;
    let mut cursor = Cursor::new(content, 0);
    let mut readings = Vec::new();
    let mut step: u8 = 0;
    while cursor.left() > 0 {
        step = step.checked_add(1)?;
        let storage = record.storage.checked_add(u64::from(step))?;
        if let Some(time) = base.and_then(|base| spacing.moved(base, step)) {
            readings.push(Reading { storage, ..bare(QuantityKind::DateTime, time, record.offset) });
        }
        let value = element(&mut cursor, field, &vib)?;
        readings.push(spacing.reading(medium, Reading { storage, value, ..record.clone() }, vib.unit));
    }
    Some(readings)
}

/// The value information of the record, as for a single value.
fn vib_of(telegram: &[u8], record: &Reading) -> Option<Vib> {
    let mut cursor = Cursor::new(telegram, usize::try_from(record.offset).ok()?);
    dib::read(&mut cursor).ok()?;
    let vib = vib::read(&mut cursor).ok()?;
    Some(Vib { is_profile: false, ..vib })
}

/// The next element; `None` where the elements do not end with the record, or have no bytes.
fn element(cursor: &mut Cursor<'_>, field: Field, vib: &Vib) -> Option<Value> {
    match field {
        Field::Integer(_) | Field::Bcd(_) | Field::Real => {}
        Field::None | Field::Selection | Field::Variable => return None,
    }
    value::of(data::read(cursor, field).ok()?, &mut vib.clone()).ok()
}

impl Spacing {
    /// `None` for differences that run back in time: no telegram says which neighbour they belong to.
    fn new(record: &Reading, control: u8, count: u8) -> Option<Self> {
        let is_inverse = record.modifiers.contains(&INVERSE);
        let spacing = Self { is_inverse, mode: control >> 6, unit: control >> 4 & 3, count };
        (spacing.mode == 0 || !is_inverse).then_some(spacing)
    }

    /// The base time moved by some spacings; `None` for a spacing this does not know.
    fn moved(self, base: &Value, step: u8) -> Option<Value> {
        let is_month = self.unit == 3 && self.count == MONTH;
        let steps = i64::from(step) * if is_month { 1 } else { i64::from(self.count) };
        let steps = if self.is_inverse { -steps } else { steps };
        let span = match (self.unit, self.count) {
            _ if is_month => steps.months(),
            (_, 0) | (_, COUNTED_END..) => return None,
            (0, _) => steps.seconds(),
            (1, _) => steps.minutes(),
            (2, _) => steps.hours(),
            _ => steps.days(),
        };
        match base {
            Value::Date(date) => moved_date(*date, span, is_month).map(Value::Date),
            Value::DateTime(moment) => moment.checked_add(span).ok().map(Value::DateTime),
            _ => None,
        }
    }

    fn reading(self, medium: Medium, mut reading: Reading, unit: Unit) -> Reading {
        reading.modifiers.retain(|modifier| *modifier != INVERSE && !FORWARD.contains(modifier));
        if let Value::Number(number) = reading.value {
            reading.unit = unit;
            if self.mode == 2 {
                reading.value =
                    Value::Number(Decimal::new(number.mantissa().saturating_neg(), number.exponent()));
            }
        }
        if self.mode != 0 {
            reading.modifiers.push(OF_PERIOD);
        }
        reading.obis = obis::of(medium, &reading);
        reading
    }
}

/// Months that begin at the last day of one end at the last day of the other.
fn moved_date(date: Date, span: Span, is_month: bool) -> Option<Date> {
    let moved = date.checked_add(span).ok()?;
    let is_last = is_month && date == date.last_of_month();
    Some(if is_last { moved.last_of_month() } else { moved })
}

#[cfg(test)]
mod tests {
    use tidstro_model::{Manufacturer, Medium, MeterId, MeterNumber, Value};

    use super::super::read;

    /// A water meter of nobody.
    const METER: MeterId = MeterId {
        manufacturer: Manufacturer::from_field(0),
        number: MeterNumber(0),
        version: 0,
        medium: Medium(0x07),
    };

    /// Storage 8: 30 November 2024, then a profile of litres; what it gives as (storage, value, is of a period).
    fn check(profile: &[u8], expected: &[(u64, &str, bool)]) {
        let records =
            [&[0x82, 0x04, 0x6c, 0x1e, 0x3b, 0x8c, 0x04, 0x13, 0x90, 0, 0, 0][..], profile].concat();
        let read = read(&records, 0..records.len(), METER);
        assert_eq!(read.faults, []);
        let shown = |value: &Value| match value {
            Value::Number(number) => number.to_string(),
            Value::Date(date) => date.to_string(),
            other => format!("{other:?}"),
        };
        let got: Vec<(u64, String, bool)> = read.readings[2..]
            .iter()
            .map(|reading| (reading.storage, shown(&reading.value), !reading.modifiers.is_empty()))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(a, b, c)| (*a, (*b).to_owned(), *c)).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn an_inverse_profile_goes_back_month_by_month() {
        // BCD of two bytes; the last one was not taken.
        check(
            &[0x8d, 0x04, 0x93, 0x13, 0x08, 0x3a, 0xfe, 0x80, 0x00, 0x70, 0x00, 0xff, 0xff],
            &[
                (9, "2024-10-31", false),
                (9, "0.080", false),
                (10, "2024-09-30", false),
                (10, "0.070", false),
                (11, "2024-08-31", false),
                (11, "Invalid", false),
            ],
        );
    }

    #[test]
    fn a_profile_goes_forward() {
        check(
            &[0x8d, 0x04, 0x93, 0x1e, 0x04, 0x32, 0x01, 0x9a, 0x00],
            &[(9, "2024-12-01", false), (9, "0.154", false)],
        );
    }

    #[test]
    fn increases_are_what_was_used_until_their_date() {
        check(
            &[0x8d, 0x04, 0x93, 0x1f, 0x04, 0x71, 0xfe, 0x05, 0x07],
            &[(9, "2024-12-31", false), (9, "0.005", true), (10, "2025-01-31", false), (10, "0.007", true)],
        );
        check(
            &[0x8d, 0x04, 0x93, 0x1f, 0x03, 0xb1, 0xfe, 0x05],
            &[(9, "2024-12-31", false), (9, "-0.005", true)],
        );
    }

    #[test]
    fn what_is_not_understood_stays_bytes() {
        for profile in [
            // Differences back in time; elements of no length; elements that do not end with the record.
            &[0x8d, 0x04, 0x93, 0x13, 0x04, 0x72, 0xfe, 0x05, 0x00][..],
            &[0x8d, 0x04, 0x93, 0x13, 0x04, 0x30, 0xfe, 0x05, 0x00],
            &[0x8d, 0x04, 0x93, 0x13, 0x05, 0x32, 0xfe, 0x05, 0x00, 0x01],
        ] {
            let read = read(profile, 0..profile.len(), METER);
            assert!(matches!(read.readings[..], [ref only] if matches!(only.value, Value::Bytes(_))));
        }
    }

    #[test]
    fn a_spacing_that_is_not_known_gives_values_without_dates() {
        check(&[0x8d, 0x04, 0x93, 0x13, 0x03, 0x31, 0xfd, 0x05], &[(9, "0.005", false)]);
    }
}
