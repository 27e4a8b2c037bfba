//! What a key of a meter is, and the row it lies in.

use std::fmt;

use crate::db::{DbFault, Row};
use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_model::{Manufacturer, Medium, MeterNumber, SystemTitle};
use zeroize::Zeroizing;

use crate::StoreFault;
use crate::seal::SealingKey;

/// Number of a stored key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MeterKeyNo(i64);

impl MeterKeyNo {
    pub(super) const fn as_i64(self) -> i64 {
        self.0
    }
}

/// Which meters a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyHolder {
    /// Meters of M-Bus.
    Mbus(MbusHolder),
    /// The DLMS meter with this system title. Its slots: 0 encryption, 1 authentication, 2 encryption of what many meters
    /// receive.
    Title(SystemTitle),
}

/// Meters of M-Bus: one number of a manufacturer's; version and type where they are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MbusHolder {
    /// The manufacturer.
    pub manufacturer: Manufacturer,
    /// The meter number.
    pub number: MeterNumber,
    /// The version; `None` fits any.
    pub version: Option<u8>,
    /// The device type; `None` fits any.
    pub medium: Option<Medium>,
}

/// The secret bytes of a key, 16 or 32. Wiped when dropped; `Debug` shows no byte of it.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySecret(Zeroizing<Vec<u8>>);

impl KeySecret {
    /// The key with these bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// The secret bytes, for a cipher or the file of an approved export.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret(redacted)")
    }
}

/// A key that comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMeterKey {
    /// Which meters it is for.
    pub holder: KeyHolder,
    /// Which of the meter's keys; 0 where a meter has one.
    pub slot: u8,
    /// The first local day it holds; `None` for ever so long ago.
    pub from: Option<Date>,
    /// The first local day it no longer holds; `None` where no end is known.
    pub to: Option<Date>,
    /// The key.
    pub secret: KeySecret,
    /// Where it stands in its file, for messages.
    pub line: usize,
}

/// What stands for an open version or type in the database.
const OPEN: i64 = -1;
/// What stands for an open first or last day.
pub(super) const ALWAYS: (i32, i32) = (i32::MIN, i32::MAX);

/// The columns that [`StoredRow::read`] reads.
pub(super) const COLUMNS: &str = "k.meter_key_no, k.manufacturer, k.number, k.version, k.medium, k.slot, \
     k.key_version, k.from_day, k.to_day, k.fingerprint, k.sealed, k.title";
/// How many these are.
pub(super) const WIDTH: usize = 12;

/// A key as the database has it.
pub(super) struct StoredRow {
    pub(super) number: MeterKeyNo,
    pub(super) holder: KeyHolder,
    pub(super) slot: u8,
    pub(super) key_version: i64,
    /// Local days, half open.
    pub(super) days: (i32, i32),
    pub(super) fingerprint: [u8; 8],
    sealed: Vec<u8>,
}

impl StoredRow {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, DbFault> {
        Ok(Self {
            number: MeterKeyNo(row.get(0)?),
            holder: holder(row)?,
            slot: row.get(5)?,
            key_version: row.get(6)?,
            days: (row.get(7)?, row.get(8)?),
            fingerprint: row.get(9)?,
            sealed: row.get(10)?,
        })
    }

    /// Opens the key.
    pub(super) fn secret(&self, class: &SealingKey) -> Result<KeySecret, StoreFault> {
        let row = sealed_row(&self.holder, self.slot, self.key_version);
        Ok(KeySecret(Zeroizing::new(class.open(&row, &self.sealed)?)))
    }

    /// The days as a reader knows them; `None` is open.
    pub(super) fn dates(&self) -> (Option<Date>, Option<Date>) {
        let (from, to) = self.days;
        let date = |day, open| if day == open { None } else { from_epoch_day(day) };
        (date(from, ALWAYS.0), date(to, ALWAYS.1))
    }
}

fn holder(row: &Row<'_>) -> Result<KeyHolder, DbFault> {
    if let Some(title) = row.get(11)? {
        return Ok(KeyHolder::Title(SystemTitle(title)));
    }
    Ok(KeyHolder::Mbus(MbusHolder {
        manufacturer: Manufacturer::from_field(row.get(1)?),
        number: MeterNumber(row.get(2)?),
        version: named(row.get(3)?),
        medium: named(row.get(4)?).map(Medium),
    }))
}

/// A version or type of the database; [`OPEN`] and what no byte is are open.
fn named(stored: i64) -> Option<u8> {
    u8::try_from(stored).ok()
}

/// A holder as the database has it.
pub(super) struct StoredHolder {
    pub(super) manufacturer: Option<u16>,
    pub(super) number: Option<u32>,
    pub(super) version: i64,
    pub(super) medium: i64,
    pub(super) title: Option<[u8; 8]>,
}

impl From<KeyHolder> for StoredHolder {
    fn from(holder: KeyHolder) -> Self {
        let stored = |part: Option<u8>| part.map_or(OPEN, i64::from);
        match holder {
            KeyHolder::Mbus(MbusHolder { manufacturer, number, version, medium }) => Self {
                manufacturer: Some(manufacturer.field()),
                number: Some(number.0),
                version: stored(version),
                medium: stored(medium.map(|medium| medium.0)),
                title: None,
            },
            KeyHolder::Title(SystemTitle(title)) => {
                Self { manufacturer: None, number: None, version: OPEN, medium: OPEN, title: Some(title) }
            }
        }
    }
}

/// A first and last day as the database has them.
pub(super) fn stored_days(from: Option<Date>, to: Option<Date>) -> (i32, i32) {
    (from.map_or(ALWAYS.0, epoch_day), to.map_or(ALWAYS.1, epoch_day))
}

/// Key columns of a key: one moved to another meter, slot or version does not open. The days are not among them: they
/// change when another key follows.
pub(super) fn sealed_row(holder: &KeyHolder, slot: u8, key_version: i64) -> Vec<u8> {
    let StoredHolder { manufacturer, number, version, medium, title } = (*holder).into();
    let whose = match title {
        Some(title) => [b"meter key of title ".as_slice(), &title].concat(),
        None => [
            b"meter key".as_slice(),
            &manufacturer.unwrap_or_default().to_be_bytes(),
            &number.unwrap_or_default().to_be_bytes(),
            &version.to_be_bytes(),
            &medium.to_be_bytes(),
        ]
        .concat(),
    };
    [whose.as_slice(), &[slot], &key_version.to_be_bytes()].concat()
}
