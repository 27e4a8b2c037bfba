//! What the bits of a meter's flags say: the standard's status byte, and what makers mean by theirs.
//!
//! What comes in: a status byte, and the readings of a telegram. What goes out: every set bit as a [`Flag`], with its
//! meaning where somebody published or showed one, and the alarms of the catalogue it stands for. A set bit that nobody
//! explained is a flag without a meaning: never dropped, never given a meaning by guess. The tables are data.

mod file;
mod table;

use std::sync::LazyLock;

use tidstro_model::{MeterId, Modifier, QuantityKind, Reading, Value};

use self::file::tables;
use self::table::{Place, Table};
use super::{AlarmCode, Phase, ProfileFault, Signal, Source};

/// A flag that is set: one bit, or a code of several bits that is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// Where it was read.
    pub source: Source,
    /// 0 for what is so now; other numbers are memories, as of readings.
    pub storage: u64,
    /// All that was read there, the lowest byte first.
    pub raw: u64,
    /// The lowest of its bits, counted from 0.
    pub bit: u8,
    /// How many bits it has.
    pub bits: u8,
    /// The number in these bits; 1 for a single bit.
    pub value: u64,
    /// What it says; `None` if nobody explained it.
    pub meaning: Option<&'static Meaning>,
}

/// What a flag says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// In the words of its maker or of the standard, lower case with hyphens.
    pub word: String,
    /// The alarm it is; `None` for a state that is none, such as a season.
    pub code: Option<AlarmCode>,
    /// Which phase, where it is about one.
    pub phase: Option<Phase>,
}

/// Every flag that a telegram shows, in the order of the telegram, each place from its lowest bit.
#[must_use]
pub fn flags_of(meter: MeterId, status: Option<u8>, readings: &[Reading]) -> Vec<Flag> {
    let places = Places::of(meter, status, readings);
    places.flat_map(|said| said.table.flags(said.raw, said.source, said.storage)).collect()
}

/// What the flags of a telegram say of each alarm they can tell. Only those of now count: a memory's are past.
pub(super) fn signals(meter: MeterId, status: Option<u8>, readings: &[Reading]) -> Vec<Signal> {
    let now = Places::of(meter, status, readings).filter(|said| said.storage == 0);
    now.flat_map(|said| said.table.signals(said.raw, said.source)).collect()
}

/// What a status byte says by the standard alone, whatever meter sent it.
pub(super) fn of_status(status: u8) -> Vec<Signal> {
    standard().signals(u64::from(status), Source::StatusByte).collect()
}

/// One place of a telegram that has flags, and the table that explains them.
struct Said {
    table: &'static Table,
    source: Source,
    storage: u64,
    raw: u64,
}

struct Places;

impl Places {
    fn of(meter: MeterId, status: Option<u8>, readings: &[Reading]) -> impl Iterator<Item = Said> {
        let status = status.map(|status| Said {
            table: TABLES.status_of(meter).unwrap_or_else(standard),
            source: Source::StatusByte,
            storage: 0,
            raw: u64::from(status),
        });
        status.into_iter().chain(readings.iter().filter_map(move |reading| Self::in_record(meter, reading)))
    }

    fn in_record(meter: MeterId, reading: &Reading) -> Option<Said> {
        let place = match reading.quantity {
            QuantityKind::ErrorFlags => Place::ErrorFlags,
            QuantityKind::DigitalIo => Place::DigitalIo,
            QuantityKind::ManufacturerSpecific => Place::MakersOwn,
            _ => return None,
        };
        let described = TABLES.record_of(meter, place, &reading.modifiers);
        let table = described.or((place == Place::ErrorFlags).then_some(&*UNEXPLAINED))?;
        let raw = number_of(reading)? & table.whole;
        Some(Said { table, source: Source::ErrorFlags, storage: reading.storage, raw })
    }
}

/// Flags as a number, the first byte lowest; `None` for a text, or more than 64 bits. A negative number stands for its bits.
fn number_of(reading: &Reading) -> Option<u64> {
    match &reading.value {
        Value::Number(number) if number.exponent() == 0 => Some(number.mantissa().cast_unsigned()),
        Value::Bytes(bytes) if bytes.len() <= 8 => {
            Some(bytes.iter().rev().fold(0, |flags, byte| flags << 8 | u64::from(*byte)))
        }
        _ => None,
    }
}

/// The tables that come with the program.
struct Tables {
    standard: Table,
    /// Each with the standard's bits that its maker leaves as they are.
    status: Vec<Table>,
    records: Vec<Table>,
}

impl Tables {
    fn read() -> Result<Self, ProfileFault> {
        let mut of_status = tables(include_str!("../../../alarms/status-byte.toml"))?.into_iter();
        let standard = of_status.next().unwrap_or_else(Table::unexplained);
        let status = of_status.map(|table| table.over(&standard)).collect();
        Ok(Self { standard, status, records: tables(include_str!("../../../alarms/error-flags.toml"))? })
    }

    fn status_of(&self, meter: MeterId) -> Option<&Table> {
        self.status.iter().find(|table| table.is_for(meter))
    }

    fn record_of(&self, meter: MeterId, place: Place, vifes: &[Modifier]) -> Option<&Table> {
        self.records.iter().find(|table| table.is_in(place, vifes) && table.is_for(meter))
    }
}

fn standard() -> &'static Table {
    &TABLES.standard
}

static UNEXPLAINED: LazyLock<Table> = LazyLock::new(Table::unexplained);

// The files come with the program and a test reads them; without them nothing would be explained.
static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let nothing = |_| Tables { standard: Table::unexplained(), status: Vec::new(), records: Vec::new() };
    Tables::read().unwrap_or_else(nothing)
});

#[cfg(test)]
mod tests;
