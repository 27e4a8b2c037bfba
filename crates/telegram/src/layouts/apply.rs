//! A layout and bytes → readings.
//!
//! What comes in: a layout that is written for this meter, and the window it describes. What goes out: every
//! field as a reading, or `None` as soon as anything does not fit. Never a part of the fields.

use std::ops::Range;

use jiff::{ToSpan, civil::DateTime};
use tidstro_model::{Decimal, Medium, Modifier, QuantityKind, Reading, Value};

use super::{
    Misfit, Read, date,
    field::{Field, Form, Months},
    file::{Fits, Fixed, Layout, Named},
    number,
    parts::{self, Found},
};
use crate::{
    Key,
    apdu::{self, OF_PERIOD},
    link::crc::crc,
};

/// What a window is read with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    /// The whole telegram, decrypted as far as the standards go.
    pub(super) telegram: &'a [u8],
    /// The moment the telegram's own records say it is.
    pub(super) moment: Option<DateTime>,
    /// What the telegram's own records say.
    pub(super) records: &'a [Reading],
    /// The meter's key.
    pub(super) key: Option<&'a Key>,
}

/// Reads every field of the layout, if it fits.
pub(super) fn apply(
    layout: &Layout,
    named: Named,
    source: &Source<'_>,
    window: &Range<usize>,
) -> Result<Read, Misfit> {
    let bytes = source.telegram.get(window.clone()).unwrap_or_default();
    if !layout.has_length(bytes.len()) {
        return Err(Misfit::Unknown);
    }
    let read = |bytes: &[u8]| read(layout, named, source, window.start, bytes);
    let Some(cipher) = &layout.cipher else { return read(bytes) };
    let clear = cipher.undone(source.telegram, bytes, source.key);
    let mut fitting = clear.iter().filter_map(|bytes| read(bytes).ok());
    match (fitting.next(), fitting.next()) {
        (Some(read), None) => Ok(read),
        _ => Err(Misfit::Unknown),
    }
}

fn read(
    layout: &Layout,
    named: Named,
    source: &Source<'_>,
    start: usize,
    bytes: &[u8],
) -> Result<Read, Misfit> {
    if !has_fixed(&layout.fits, bytes) {
        return Err(Misfit::Unknown);
    }
    if !layout.fits.crc_from.is_none_or(|from| has_crc(bytes, from)) {
        return Err(Misfit::Checksum);
    }
    let medium = named.medium.unwrap_or(named.meter.medium);
    let readings = Reader::new(layout, source, start, bytes, medium).and_then(|reader| reader.all());
    readings.map(|readings| Read { readings, meter: named.meter, medium }).ok_or(Misfit::Unknown)
}

fn has_fixed(fits: &Fits, bytes: &[u8]) -> bool {
    let is_there = |fixed: &Fixed| bytes.get(fixed.at..).is_some_and(|rest| rest.starts_with(&fixed.bytes));
    fits.fixed.iter().all(is_there)
}

/// Where the values begin that no part holds.
fn lead(layout: &Layout, bytes: &[u8]) -> Option<usize> {
    let Some(lead) = &layout.lead else { return Some(0) };
    let begin = lead.at + 1 + usize::from(*bytes.get(lead.at)?);
    (begin + lead.rest == bytes.len()).then_some(begin)
}

fn has_crc(bytes: &[u8], from: usize) -> bool {
    let checked = bytes
        .split_last_chunk()
        .and_then(|(content, stated)| Some(crc(content.get(from..)?) == u16::from_be_bytes(*stated)));
    checked.unwrap_or(false)
}

struct Reader<'a> {
    layout: &'a Layout,
    source: &'a Source<'a>,
    bytes: &'a [u8],
    /// Offset of the window in the telegram.
    start: usize,
    /// Offset of the values in the window.
    lead: usize,
    parts: Vec<Found>,
    medium: Medium,
}

impl<'a> Reader<'a> {
    fn new(
        layout: &'a Layout,
        source: &'a Source<'a>,
        start: usize,
        bytes: &'a [u8],
        medium: Medium,
    ) -> Option<Self> {
        let (lead, parts) = (lead(layout, bytes)?, parts::find(layout, bytes)?);
        Some(Self { layout, source, bytes, start, lead, parts, medium })
    }

    fn all(&self) -> Option<Vec<Reading>> {
        let mut readings = Vec::with_capacity(self.layout.fields.len());
        self.layout.fields.iter().try_for_each(|field| self.read(field, &mut readings))?;
        Some(readings)
    }

    /// The readings of a field; `None` if its bytes are not there, or if it is required and invalid.
    fn read(&self, field: &Field, readings: &mut Vec<Reading>) -> Option<()> {
        let Some(base) = self.base(field)? else { return Some(()) };
        for index in 0..field.repeat.count {
            let step = isize::from(field.repeat.step).checked_mul(isize::try_from(index).ok()?)?;
            let at = (base + field.at).checked_add_signed(step)?;
            let value = self.value(field, at)?;
            if field.required && value == Value::Invalid {
                return None;
            }
            let storage = match field.months {
                Some(months) => self.month(months, base, index, at, readings)?,
                None => field.storage + u64::from(index) * field.repeat.storage,
            };
            readings.push(self.reading(field, storage, at, value));
        }
        Some(())
    }

    /// Where the field's part begins: outer `None` if it has to be there and is not, inner if it is not announced.
    fn base(&self, field: &Field) -> Option<Option<usize>> {
        let Some(tag) = field.tag else { return Some(Some(self.lead)) };
        let found = self.parts.iter().find(|(found, _)| *found == tag).map(|(_, at)| *at);
        (found.is_some() || self.layout.flagged.is_some()).then_some(found)
    }

    /// The date of a calendar month goes before its value; what comes out is the storage number of both.
    fn month(
        &self,
        months: Months,
        base: usize,
        index: u16,
        at: usize,
        readings: &mut Vec<Reading>,
    ) -> Option<u64> {
        let month = i8::try_from(index).ok()?.checked_add(1)?;
        let day = *self.bytes.get(base + months.day_at)?;
        let (storage, end) = date::month_end(month, day, self.source.moment?)?;
        readings.push(self.plain(QuantityKind::DateTime, storage, at, Value::Date(end)));
        Some(storage)
    }

    fn plain(&self, quantity: QuantityKind, storage: u64, at: usize, value: Value) -> Reading {
        let offset = u32::try_from(self.start + at).unwrap_or(u32::MAX);
        Reading { storage, ..apdu::bare(quantity, value, offset) }
    }

    fn reading(&self, field: &Field, storage: u64, at: usize, value: Value) -> Reading {
        let mut reading = self.plain(field.quantity, storage, at, value);
        if matches!(reading.value, Value::Number(_)) {
            reading.unit = field.unit;
        }
        reading.function = field.function;
        reading.modifiers.clone_from(&field.modifiers);
        if field.of_period {
            reading.modifiers.push(OF_PERIOD);
        }
        if field.summer_bit.is_some_and(|at| self.is_set(at)) {
            reading.modifiers.push(Modifier::SUMMER_TIME);
        }
        reading.obis = apdu::obis_of(self.medium, &reading);
        reading
    }

    fn is_set(&self, [at, bit]: [usize; 2]) -> bool {
        let bit = u32::try_from(bit).ok().and_then(|bit| 1_u8.checked_shl(bit));
        self.bytes.get(at).zip(bit).is_some_and(|(byte, bit)| byte & bit != 0)
    }

    fn piece(&self, at: usize, len: usize) -> Option<&[u8]> {
        self.bytes.get(at..at.checked_add(len)?)
    }

    fn value(&self, field: &Field, at: usize) -> Option<Value> {
        let bytes = self.piece(at, field.len)?;
        let day = |date: Option<jiff::civil::Date>| date.map_or(Value::Invalid, Value::Date);
        let time = |time: Option<DateTime>| time.map_or(Value::Invalid, Value::DateTime);
        Some(match field.form {
            Form::Bytes if field.bits.is_empty() => Value::Bytes(bytes.into()),
            Form::Bytes => Value::Bytes(number::flags(field, bytes)?.into()),
            Form::Standard => apdu::date_of(bytes)?,
            Form::Packed => day(date::packed(bytes)),
            Form::PackedBig => day(date::packed_big(bytes)),
            Form::Digits => day(date::digits(bytes)),
            Form::DigitsYearFirst => day(date::digits_year_first(bytes)),
            Form::DigitsTime => time(date::digits_time(bytes)),
            Form::Seconds => time(date::seconds(bytes)),
            Form::DayAfter => {
                let start = date::packed(self.piece(field.after_at?, 2)?);
                day(start.and_then(|start| date::day_after(bytes, start)))
            }
            Form::Unsigned | Form::UnsignedBig | Form::Signed | Form::Bcd => self.number(field, at, bytes)?,
        })
    }

    fn number(&self, field: &Field, at: usize, bytes: &[u8]) -> Option<Value> {
        let mut number = number::of(field, bytes);
        if let Some(plus_at) = field.plus_at {
            // The second number moves with the first.
            let other = self.piece((at + plus_at).checked_sub(field.at)?, field.len)?;
            number = number.zip(number::of(field, other)).and_then(|(one, two)| one.checked_add(two));
        }
        let Some(number) = number.and_then(|number| number::meant(field, number)) else {
            return Some(Value::Invalid);
        };
        match field.before {
            Some(other) => self.before(other, number),
            None => Some(Value::Number(Decimal::new(number, self.exponent(field)?))),
        }
    }

    /// The power of ten; `None` if what should say it says something else.
    fn exponent(&self, field: &Field) -> Option<i8> {
        if let Some(at) = field.vif_at {
            let (quantity, unit, exponent) = apdu::scale_of(*self.bytes.get(at)?);
            return ((quantity, unit) == (field.quantity, field.unit)).then_some(exponent);
        }
        if !field.is_relative {
            return Some(field.exponent);
        }
        let own = |reading: &Reading| match reading.value {
            Value::Number(number) if reading.quantity == field.quantity => Some(number.exponent()),
            _ => None,
        };
        self.source.records.iter().find_map(own)?.checked_add(field.exponent)
    }

    /// An earlier field's value less this number: steps of a number, or hours of a time.
    fn before(&self, other: usize, number: i64) -> Option<Value> {
        let field = self.layout.fields.get(other).filter(|field| field.before.is_none())?;
        let at = self.base(field)?? + field.at;
        match self.value(field, at)? {
            Value::Number(value) => {
                let less = value.mantissa().checked_sub(number)?;
                Some(Value::Number(Decimal::new(less, value.exponent())))
            }
            Value::DateTime(moment) => moment.checked_sub(number.hours()).ok().map(Value::DateTime),
            other => Some(other),
        }
    }
}
