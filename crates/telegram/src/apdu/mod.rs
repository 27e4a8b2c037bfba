//! The application layer: records → readings (EN 13757-3:2018).
//!
//! What comes in: the bytes of a proven and decrypted telegram, and where its records are. What goes out:
//! a [`Reading`] for each record, in their order, and a [`RecordFault`] with the exact byte for each that
//! cannot be read. Nothing is guessed: a record of unknown length ends the reading there.

pub(crate) mod compact;
mod data;
mod date;
mod dib;
mod fault;
mod makers;
mod memories;
mod obis;
pub(crate) mod odd;
mod profile;
pub(crate) mod report;
mod value;
mod vib;
mod vif;
mod vife;

use std::ops::Range;

use tidstro_model::{Function, MeterId, Modifier, QuantityKind, Reading, Unit, Value};

pub(crate) use date::of as date_of;
pub use fault::{RecordFault, RecordFaultKind};
pub(crate) use obis::of as obis_of;

use data::Data;
use makers::Meanings;
use tidstro_wire::Cursor;

/// Filler between records.
pub(crate) const FILLER: u8 = 0x2f;
/// All that follows is the maker's own.
const MANUFACTURER_DATA: u8 = 0x0f;
/// As before, and more records follow in the next telegram.
const MORE_FOLLOWS: u8 = 0x1f;
/// What was used in a period and is no register value.
pub(crate) const OF_PERIOD: Modifier = Modifier::OF_PERIOD;
/// Bytes of a small common record (DIF, VIF, three of data): how much room is reserved. Too much is forgotten with the
/// telegram, too little is copied.
const TYPICAL_RECORD: usize = 5;

/// What the records said.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// The values.
    pub(crate) readings: Vec<Reading>,
    /// The records that could not be read.
    pub(crate) faults: Vec<RecordFault>,
    /// DIF 1F was seen.
    pub(crate) more_follows: bool,
}

/// Reads the records in `range` of the telegram of this meter.
pub(crate) fn read(telegram: &[u8], range: Range<usize>, meter: MeterId) -> Records {
    let meanings = Meanings::of(meter);
    let mut cursor = Cursor::new(telegram.get(..range.end).unwrap_or_default(), range.start);
    let mut records = Records::default();
    records.readings.reserve(cursor.left() / TYPICAL_RECORD + 1);
    while let Some(dif) = cursor.peek() {
        let offset = cursor.at();
        match dif {
            FILLER => _ = cursor.byte(),
            MANUFACTURER_DATA | MORE_FOLLOWS => {
                records.more_follows = dif == MORE_FOLLOWS;
                records.readings.extend(manufacturer_data(&mut cursor));
            }
            _ => {
                if let Err(kind) = record(&mut cursor, meter, meanings, &mut records.readings) {
                    records.faults.push(RecordFault { offset, kind });
                    if kind.hides_length() {
                        break;
                    }
                }
            }
        }
    }
    profile::expand(telegram, meter.medium, &mut records.readings);
    memories::date(&mut records.readings);
    records
}

/// One record: data information, value information, data. A record without data says something only by its
/// VIFEs (a code for the error); without those it is padding.
fn record(
    cursor: &mut Cursor<'_>,
    meter: MeterId,
    meanings: Option<Meanings>,
    readings: &mut Vec<Reading>,
) -> Result<(), RecordFaultKind> {
    let offset = offset_of(cursor);
    let mut dib = dib::read(cursor)?;
    let start = cursor.at();
    let mut vib = vib::read(cursor)?;
    if let Some(meanings) = meanings {
        meanings.apply(cursor.since(start), &mut dib, &mut vib);
    }
    let data = data::read(cursor, dib.field)?;
    if data == Data::None && vib.modifiers.is_empty() {
        return Ok(());
    }
    let value = match data {
        Data::Integer(bytes) if dib.function == Function::DuringError && is_filled_up(bytes) => {
            Value::Invalid
        }
        _ => value::of(data, &mut vib)?,
    };
    // Made where it stays: this runs for every record, and a reading is large.
    readings.push(Reading {
        quantity: vib.quantity,
        unit: if matches!(value, Value::Number(_)) { vib.unit } else { Unit::One },
        value,
        function: dib.function,
        storage: dib.storage,
        tariff: dib.tariff,
        subunit: dib.subunit,
        modifiers: vib.modifiers,
        obis: None,
        offset,
    });
    if let Some(reading) = readings.last_mut() {
        reading.obis = obis::of(meter.medium, reading);
    }
    Ok(())
}

/// FE in every byte of a value during an error: seen in water and heat modules of Itron as a memory that has no value yet.
fn is_filled_up(bytes: &[u8]) -> bool {
    bytes.len() > 1 && bytes.iter().all(|byte| *byte == 0xfe)
}

/// The bytes after DIF 0F or 1F, kept as they are.
fn manufacturer_data(cursor: &mut Cursor<'_>) -> Option<Reading> {
    let offset = offset_of(cursor);
    let _dif = cursor.byte();
    let bytes = cursor.rest();
    (!bytes.is_empty()).then(|| bare(QuantityKind::ManufacturerSpecific, Value::Bytes(bytes.into()), offset))
}

/// A value of the device itself, now, without unit or refinement.
pub(crate) const fn bare(quantity: QuantityKind, value: Value, offset: u32) -> Reading {
    Reading {
        quantity,
        value,
        unit: Unit::One,
        function: Function::Instantaneous,
        storage: 0,
        tariff: 0,
        subunit: 0,
        modifiers: Vec::new(),
        obis: None,
        offset,
    }
}

/// Quantity, unit and power of ten of a VIF of the primary table.
pub(crate) const fn scale_of(vif: u8) -> (QuantityKind, Unit, i8) {
    let vif = vif::primary(vif);
    (vif.quantity, vif.unit, vif.exponent)
}

fn offset_of(cursor: &Cursor<'_>) -> u32 {
    u32::try_from(cursor.at()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
