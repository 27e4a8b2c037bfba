//! The counters of devices: what was heard of each last, so that a telegram sent again by somebody else gives nothing.
//!
//! Bytes come in and go out as the rules of telegrams make them; nothing is read in them here. They are written in
//! the transaction of the readings they belong to: cut short before it, the telegram is new once more.

use rusqlite::{OptionalExtension, params};
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
        let sealed = key.seal(writing.nonces.next()?, &counters_row(device), &bytes)?;
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

fn stored(writing: &Writing, device: DeviceNo) -> Result<Option<Vec<u8>>, StoreFault> {
    let sealed: Option<Vec<u8>> = writing
        .db
        .prepare_cached(
            "-- counters
             SELECT sealed FROM device_counters WHERE device_no = ?1",
        )?
        .query_row([device.as_u32()], |row| row.get(0))
        .optional()?;
    sealed.map(|sealed| counters_key(&writing.vault).open(&counters_row(device), &sealed)).transpose()
}

/// The key of counters, derived from the controller's.
fn counters_key(vault: &Vault) -> SealingKey {
    SealingKey::from_bytes(vault.commit("tidstro counters of devices", b""))
}

fn counters_row(device: DeviceNo) -> Vec<u8> {
    [b"counters".as_slice(), &device.as_u32().to_be_bytes()].concat()
}
