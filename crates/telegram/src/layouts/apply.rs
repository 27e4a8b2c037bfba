//! A layout and bytes → readings.
//!
//! What comes in: a layout that is written for this meter, and the window it describes. What goes out: every
//! field as a reading, or `None` as soon as anything does not fit. Never a part of the fields.

use std::ops::Range;

use tidstro_model::{Decimal, Function, Medium, Modifier, Reading, Unit, Value};

use super::{
    Read, date,
    file::{Field, Fits, Form, Layout},
    tags,
};
use crate::{
    apdu::{self, OF_PERIOD},
    link::crc::crc,
};

/// Reads every field of the layout, if it fits.
pub(super) fn apply(layout: &Layout, telegram: &[u8], window: &Range<usize>, medium: Medium) -> Option<Read> {
    let bytes = telegram.get(window.clone())?;
    if !fits(&layout.fits, bytes) {
        return None;
    }
    let tags = match &layout.tagged {
        Some(tagged) => tags::walk(tagged, bytes)?,
        None => Vec::new(),
    };
    let reader = Reader { bytes, start: window.start, tags, medium: layout.medium().unwrap_or(medium) };
    let mut readings = Vec::with_capacity(layout.fields.len());
    for field in &layout.fields {
        for index in 0..field.repeat.count {
            readings.push(reader.reading(field, index)?);
        }
    }
    Some(Read { readings, medium: layout.medium() })
}

fn fits(fits: &Fits, bytes: &[u8]) -> bool {
    let has_length = (fits.at_least..=fits.at_most).contains(&bytes.len());
    let has_fixed = fits
        .fixed
        .iter()
        .all(|fixed| bytes.get(fixed.at..).is_some_and(|rest| rest.starts_with(&fixed.bytes)));
    has_length && has_fixed && fits.crc_from.is_none_or(|from| has_crc(bytes, from))
}

fn has_crc(bytes: &[u8], from: usize) -> bool {
    let checked = bytes
        .split_last_chunk()
        .and_then(|(content, stated)| Some(crc(content.get(from..)?) == u16::from_be_bytes(*stated)));
    checked.unwrap_or(false)
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// Offset of the window in the telegram.
    start: usize,
    tags: Vec<(u8, usize)>,
    medium: Medium,
}

impl Reader<'_> {
    /// The reading of a field; `None` if its bytes are not there, or if it is required and invalid.
    fn reading(&self, field: &Field, index: u16) -> Option<Reading> {
        let at = self.place(field, index)?;
        let value = self.value(field, at)?;
        if field.required && value == Value::Invalid {
            return None;
        }
        let mut reading = Reading {
            quantity: field.quantity,
            unit: if matches!(value, Value::Number(_)) { field.unit } else { Unit::One },
            value,
            function: Function::Instantaneous,
            storage: field.storage + u64::from(index) * field.repeat.storage,
            tariff: 0,
            subunit: 0,
            modifiers: if field.of_period { vec![OF_PERIOD] } else { Vec::<Modifier>::new() },
            obis: None,
            offset: u32::try_from(self.start + at).unwrap_or(u32::MAX),
        };
        reading.obis = apdu::obis_of(self.medium, &reading);
        Some(reading)
    }

    fn place(&self, field: &Field, index: u16) -> Option<usize> {
        let base = match field.tag {
            Some(tag) => self.tags.iter().find(|(found, _)| *found == tag)?.1,
            None => 0,
        };
        let step = isize::from(field.repeat.step).checked_mul(isize::try_from(index).ok()?)?;
        (base + field.at).checked_add_signed(step)
    }

    fn piece(&self, at: usize, len: usize) -> Option<&[u8]> {
        self.bytes.get(at..at.checked_add(len)?)
    }

    fn value(&self, field: &Field, at: usize) -> Option<Value> {
        let bytes = self.piece(at, field.len)?;
        let day = |date: Option<jiff::civil::Date>| date.map_or(Value::Invalid, Value::Date);
        Some(match field.form {
            Form::Bytes => Value::Bytes(bytes.into()),
            Form::Standard => apdu::date_of(bytes)?,
            Form::Packed => day(date::packed(bytes)),
            Form::Digits => day(date::digits(bytes)),
            Form::DayAfter => {
                let start = date::packed(self.piece(field.after_at?, 2)?);
                day(start.and_then(|start| date::day_after(bytes, start)))
            }
            Form::Unsigned | Form::UnsignedBig | Form::Signed | Form::Bcd => self.number(field, at, bytes)?,
        })
    }

    fn number(&self, field: &Field, at: usize, bytes: &[u8]) -> Option<Value> {
        let mut number = number(field, bytes);
        if let Some(plus_at) = field.plus_at {
            // The second number moves with the first.
            let other = self.piece((at + plus_at).checked_sub(field.at)?, field.len)?;
            number = number.zip(self::number(field, other)).and_then(|(one, two)| one.checked_add(two));
        }
        let scaled = |number: i64| Value::Number(Decimal::new(number, field.exponent));
        Some(number.map_or(Value::Invalid, scaled))
    }
}

/// The number in these bytes; `None` where they say that there is none. No layout has more than seven bytes.
fn number(field: &Field, bytes: &[u8]) -> Option<i64> {
    let unsigned =
        |bytes: &mut dyn Iterator<Item = &u8>| bytes.fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    match field.form {
        Form::UnsignedBig => pieces(field, unsigned(&mut bytes.iter())),
        Form::Bcd => {
            bytes.iter().rev().flat_map(|byte| [byte >> 4, byte & 0x0f]).try_fold(0_i64, |sum, digit| {
                if digit > 9 { None } else { sum.checked_mul(10)?.checked_add(i64::from(digit)) }
            })
        }
        Form::Signed => signed(unsigned(&mut bytes.iter().rev()), bytes.len()),
        _ => pieces(field, unsigned(&mut bytes.iter().rev())),
    }
}

fn signed(number: u64, len: usize) -> Option<i64> {
    let unused_bits = 64_u32.checked_sub(8 * u32::try_from(len).ok()?)?;
    let high = number.checked_shl(unused_bits)?.cast_signed();
    (high != i64::MIN).then_some(high >> unused_bits)
}

/// Joins the pieces, the first one lowest.
fn pieces(field: &Field, number: u64) -> Option<i64> {
    if field.bits.is_empty() {
        return i64::try_from(number).ok();
    }
    let (mut joined, mut width) = (0_u64, 0_u32);
    for [first, count] in &field.bits {
        let mask = 1_u64.checked_shl(*count)?.checked_sub(1)?;
        joined |= (number.checked_shr(*first)? & mask).checked_shl(width)?;
        width += count;
    }
    i64::try_from(joined).ok()
}
