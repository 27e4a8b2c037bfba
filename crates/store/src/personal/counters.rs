//! The counters of devices: what was heard of each last, so that a telegram sent again by somebody else gives nothing.
//!
//! Bytes come in and go out as the rules of telegrams make them; nothing is read in them here. They are written in
//! the transaction of the readings they belong to: cut short before it, the telegram is new once more. Beside them, in the
//! same row, is when the device last told of its alarms.

use rusqlite::{OptionalExtension, params};
use tidstro_metering::alarms::Told;
use tidstro_model::DeviceNo;

use super::Writing;
use crate::StoreFault;
use crate::seal::{SealingKey, Vault};

/// The counters of a device, as the rules of telegrams write them.
pub type Counters = (DeviceNo, Vec<u8>);

/// The counters of those devices that have any.
pub(crate) fn counters(writing: &mut Writing, devices: &[DeviceNo]) -> Result<Vec<Counters>, StoreFault> {
    let mut found = Vec::new();
    for device in devices {
        if !writing.counters.contains_key(device) {
            let stored = stored(writing, *device)?;
            writing.counters.insert(*device, stored);
        }
        if let Some(Some(bytes)) = writing.counters.get(device) {
            found.push((*device, bytes.clone()));
        }
    }
    Ok(found)
}

/// Keeps the newest counters. Call inside [`Writing::transact`].
pub(super) fn keep_counters(writing: &mut Writing, newest: Vec<Counters>) -> Result<(), StoreFault> {
    let key = counters_key(&writing.vault);
    for (device, bytes) in newest {
        let whole = with_told(writing.told_of(device)?, &bytes);
        let sealed = key.seal(writing.nonces.next()?, &counters_row(device), &whole)?;
        writing
            .db
            .prepare_cached(
                "-- keep_counters
                 INSERT INTO device_counters (device_no, sealed) VALUES (?1, ?2)
                 ON CONFLICT (device_no) DO UPDATE SET sealed = ?2",
            )?
            .execute(params![device.as_u32(), sealed])?;
        writing.counters.insert(device, Some(bytes));
    }
    Ok(())
}

fn stored(writing: &mut Writing, device: DeviceNo) -> Result<Option<Vec<u8>>, StoreFault> {
    let sealed: Option<Vec<u8>> = writing
        .db
        .prepare_cached(
            "-- counters
             SELECT sealed FROM device_counters WHERE device_no = ?1",
        )?
        .query_row([device.as_u32()], |row| row.get(0))
        .optional()?;
    let open = |sealed: Vec<u8>| counters_key(&writing.vault).open(&counters_row(device), &sealed);
    let (told, bytes) = sealed.map(open).transpose()?.map_or((Told::default(), None), apart);
    // What was told since it was stored is not in the row yet.
    writing.told.entry(device).or_insert(told);
    Ok(bytes)
}

impl Writing {
    /// When a device last told of its alarms.
    pub(super) fn told_of(&mut self, device: DeviceNo) -> Result<&mut Told, StoreFault> {
        if !self.told.contains_key(&device) {
            stored(self, device)?;
        }
        Ok(self.told.entry(device).or_default())
    }
}

/// Begins a row that says when the device last told of its alarms. Rows of older programs have counters only, which begin
/// with their form, a small number.
const WITH_TOLD: u8 = 0xA1;

fn with_told(told: &Told, counters: &[u8]) -> Vec<u8> {
    [[WITH_TOLD].as_slice(), &told.to_bytes(), counters].concat()
}

fn apart(whole: Vec<u8>) -> (Told, Option<Vec<u8>>) {
    let told = whole.strip_prefix(&[WITH_TOLD]).and_then(<[u8]>::split_first_chunk);
    match told {
        Some((told, counters)) => (Told::from_bytes(told), Some(counters.to_vec())),
        None => (Told::default(), Some(whole)),
    }
}

/// The key of counters, derived from the controller's.
fn counters_key(vault: &Vault) -> SealingKey {
    SealingKey::from_bytes(vault.commit("tidstro counters of devices", b""))
}

fn counters_row(device: DeviceNo) -> Vec<u8> {
    [b"counters".as_slice(), &device.as_u32().to_be_bytes()].concat()
}
