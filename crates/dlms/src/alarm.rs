//! Alarms of electricity meters as they come: codes of event logs and bits of alarm registers.
//!
//! What comes in: items of a push, or the rows of an event log. What goes out: each code with its object and,
//! where it is known, the moment. What a code means is the business of a catalogue for the meter's profile: the
//! same number says different things in different countries, so nothing is interpreted here.

use tidstro_model::Obis;

use crate::{DateTime, Item, Profile, Row, profile::word};

/// What kind of object a code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmSource {
    /// Event code object, 0-b:96.11.e (and the columns of event logs, 0-b:99.98.e).
    EventCode,
    /// Error register, 0-b:97.97.e: one bit for each error.
    ErrorRegister,
    /// Alarm register, 0-b:97.98.0 to 9: one bit for each alarm that holds.
    AlarmRegister,
    /// Alarm descriptor, 0-b:97.98.20 to 29: one bit for each alarm that was raised and not yet taken back.
    AlarmDescriptor,
}

/// One code, not interpreted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawAlarm {
    /// The object that holds the code.
    pub obis: Obis,
    /// What kind of object that is.
    pub source: AlarmSource,
    /// The event log it was read from, if it was.
    pub log: Option<Obis>,
    /// The code, or the bits: bit 0 is the lowest.
    pub code: u64,
    /// When the meter logged it, or sent it.
    pub moment: Option<DateTime>,
}

/// The kind of object, if it holds alarms (IEC 62056-6-1 § 6.2.47 and following).
#[must_use]
pub const fn alarm_source(obis: Obis) -> Option<AlarmSource> {
    match obis.0 {
        [0, _, 96, 11, ..] => Some(AlarmSource::EventCode),
        [0, _, 97, 97, ..] => Some(AlarmSource::ErrorRegister),
        [0, _, 97, 98, 0..=9, _] => Some(AlarmSource::AlarmRegister),
        [0, _, 97, 98, 20..=29, _] => Some(AlarmSource::AlarmDescriptor),
        _ => None,
    }
}

/// The alarms among the items of a push that was sent at `moment`.
#[must_use]
pub fn pushed_alarms(items: &[Item], moment: Option<DateTime>) -> Vec<RawAlarm> {
    let alarm = |item: &Item| {
        let (source, code) = (alarm_source(item.obis)?, word(&item.value)?);
        Some(RawAlarm { obis: item.obis, source, log: None, code, moment })
    };
    items.iter().filter_map(alarm).collect()
}

/// The alarms of an event log: one for each code of each row.
#[must_use]
pub fn logged_alarms(log: &Profile, rows: &[Row]) -> Vec<RawAlarm> {
    let of_row = |row: &Row| {
        let cells = log.columns.iter().zip(&row.cells);
        let alarm = |(column, cell): (&crate::Column, &crate::Data)| {
            let obis = column.definition.obis;
            let (source, code) = (alarm_source(obis)?, word(cell)?);
            Some(RawAlarm { obis, source, log: Some(log.obis), code, moment: row.clock })
        };
        cells.filter_map(alarm).collect::<Vec<_>>()
    };
    rows.iter().flat_map(of_row).collect()
}
