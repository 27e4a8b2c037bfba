//! The counters of devices: what was heard of each last, so that a telegram sent again by somebody else gives nothing.
//!
//! Bytes come in and go out as the rules of telegrams make them; nothing is read in them here. They are written in
//! the transaction of the readings they belong to: cut short before it, the telegram is new once more. Beside them, in the
//! same row, is when the device last told of its alarms.

use crate::db::{OptionalExtension, params};
use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_metering::alarms::Told;
use tidstro_model::DeviceNo;

use super::Writing;
use super::telegram::{SAME_TELEGRAM_MS, TelegramNo};
use crate::seal::{SealingKey, Vault};
use crate::{Permit, Store, StoreFault};

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

/// Lets what is known of a device's counters be changed by the rules of telegrams. Call inside [`Writing::transact`].
pub(crate) fn change_counters(
    writing: &mut Writing,
    device: DeviceNo,
    change: impl FnOnce(Option<&[u8]>) -> Vec<u8>,
) -> Result<(), StoreFault> {
    let known = stored(writing, device)?;
    keep_counters(writing, vec![(device, change(known.as_deref()))])
}

/// Which of these telegrams have the bytes of one that was received much earlier.
fn kept_before(writing: &Writing, telegrams: &[TelegramNo]) -> Result<Vec<TelegramNo>, StoreFault> {
    let mut kept = writing.db.prepare_cached(
        "-- kept_before
         SELECT EXISTS (SELECT 1 FROM raw_telegram t JOIN raw_telegram earlier USING (digest)
                        WHERE t.telegram_no = ?1 AND earlier.received_ms < t.received_ms - ?2)",
    )?;
    let mut found = Vec::new();
    for telegram in telegrams {
        if kept.query_row(params![telegram.as_i64(), SAME_TELEGRAM_MS], |row| row.get(0))? {
            found.push(*telegram);
        }
    }
    Ok(found)
}

impl Store {
    /// Which of these telegrams have the bytes of one that was kept at an earlier time.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect telegrams.
    pub async fn kept_before(
        &self,
        permit: &Permit,
        telegrams: Vec<TelegramNo>,
        now: Timestamp,
    ) -> Result<Vec<TelegramNo>, StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.telegrams()?, now)?;
        self.threads.write(move |writing| writing.transact(|writing| kept_before(writing, &telegrams))).await
    }
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
