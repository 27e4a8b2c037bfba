//! Telegrams as they were received: kept before anything is decoded from them.

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use tidstro_calendar::epoch_day;
use tidstro_model::{DeviceId, DeviceNo, KeyNo, PointNo};

use super::Writing;
use super::cover::Cover;
use super::place::Kind;
use crate::StoreFault;
use crate::reference::{
    device_called, named_point, premises_key, register_device, register_unassigned_point, unassigned_own_id,
};
use crate::seal::Vault;

/// How far apart the same bytes may be received and still be the same telegram, heard by several
/// gateways. Later, they are a new telegram of a meter that says the same again.
pub(super) const SAME_TELEGRAM_MS: i64 = 15 * 60 * 1000;

/// Number of a stored telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TelegramNo(i64);

impl TelegramNo {
    pub(super) const fn new(number: i64) -> Self {
        Self(number)
    }

    pub(super) const fn as_i64(self) -> i64 {
        self.0
    }

    /// How many telegrams were stored from one to the other.
    #[must_use]
    pub const fn distance(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }
}

/// A telegram a gateway heard.
pub struct RawTelegram {
    /// The bytes on the air, still encrypted.
    pub frame: Vec<u8>,
    /// What is the same in every reception of it: by this it is known again.
    pub as_sent: Vec<u8>,
    /// The meter its header names.
    pub meter: DeviceId,
    /// When the gateway heard it, if it says so.
    pub received: Option<Timestamp>,
    /// Name of the gateway.
    pub gateway: String,
    /// How well it was heard.
    pub rssi_dbm: Option<i16>,
}

/// Whether a telegram is known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Stored now.
    First,
    /// Stored before: another gateway heard it too, or the file is read again.
    Again,
}

/// What became of a received telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Its number.
    pub telegram: TelegramNo,
    /// Whether it is new.
    pub heard: Heard,
    /// The meter's number in the store.
    pub device: DeviceNo,
    /// Whether it gave readings already.
    pub is_decoded: bool,
    /// Whether somebody has tried to decode it. What another run has stored a moment ago is not tried yet.
    pub is_tried: bool,
    /// When it was received (the time of storing it, if the line said nothing).
    pub received: Timestamp,
    /// Whether the line said when.
    pub time_stated: bool,
}

/// A stored telegram, opened to be decoded again.
pub struct StoredTelegram {
    /// Its receipt, as when it was stored.
    pub receipt: Receipt,
    /// The meter its header names.
    pub meter: DeviceId,
    /// The bytes on the air.
    pub frame: Vec<u8>,
    /// Why it gave no reading; `None` if it gave some, or nobody has tried.
    pub reason: Option<String>,
}

/// Stores what is new and notes who heard it. `None` stands for a telegram of a day that is no longer kept.
pub(crate) fn record_telegrams(
    writing: &mut Writing,
    cover: &Cover,
    heard: &[RawTelegram],
    now: Timestamp,
) -> Result<Vec<Option<Receipt>>, StoreFault> {
    let receipts = heard.iter().map(|telegram| record(writing, cover, telegram, now));
    let receipts = receipts.collect::<Result<Vec<_>, _>>()?;
    note_receptions(&writing.db, heard, &receipts)?;
    Ok(receipts)
}

fn record(
    writing: &mut Writing,
    cover: &Cover,
    telegram: &RawTelegram,
    now: Timestamp,
) -> Result<Option<Receipt>, StoreFault> {
    let digest = digest(&writing.vault, &telegram.as_sent);
    let device = writing.device_of(telegram.meter)?;
    let time_stated = telegram.received.is_some();
    let receipt = match known_telegram(&writing.db, &digest, telegram.received)? {
        Some(Known { telegram, received, is_decoded, is_tried }) => {
            Receipt { telegram, heard: Heard::Again, device, is_decoded, is_tried, received, time_stated }
        }
        None => {
            let received = telegram.received.unwrap_or(now);
            let point = writing.point_of(device, epoch_day(writing.zone.day_of(received)), now)?;
            let Some(key) = telegram_key(writing, cover, point, received)? else { return Ok(None) };
            let number = insert(writing, &digest, telegram, (device, received, key))?;
            Receipt {
                telegram: number,
                heard: Heard::First,
                device,
                is_decoded: false,
                is_tried: false,
                received,
                time_stated,
            }
        }
    };
    Ok(Some(receipt))
}

fn digest(vault: &Vault, as_sent: &[u8]) -> [u8; 16] {
    let [digest @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = vault.commit("telegram", as_sent);
    digest
}

/// A telegram that was stored before.
struct Known {
    telegram: TelegramNo,
    received: Timestamp,
    is_decoded: bool,
    is_tried: bool,
}

/// The telegram with the same bytes, if it was received about then (or at any time, where the line
/// gives no time: the same file read again).
fn known_telegram(
    db: &Connection,
    digest: &[u8; 16],
    received: Option<Timestamp>,
) -> Result<Option<Known>, StoreFault> {
    let (from, to) = received.map_or((i64::MIN, i64::MAX), |at| {
        (at.as_millisecond() - SAME_TELEGRAM_MS, at.as_millisecond() + SAME_TELEGRAM_MS)
    });
    let found: Option<(i64, i64, bool, bool)> = db
        .prepare_cached(
            "-- known_telegram
             SELECT telegram_no, received_ms, state = 'decoded', state <> 'received' FROM raw_telegram
             WHERE digest = ?1 AND received_ms BETWEEN ?2 AND ?3 ORDER BY telegram_no LIMIT 1",
        )?
        .query_row(params![digest, from, to], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let known = |(number, at, is_decoded, is_tried)| {
        Ok(Known { telegram: TelegramNo(number), received: instant(at)?, is_decoded, is_tried })
    };
    found.map(known).transpose()
}

pub(super) fn instant(at_ms: i64) -> Result<Timestamp, StoreFault> {
    Timestamp::from_millisecond(at_ms).map_err(|_| StoreFault::Row { what: "raw_telegram.received_ms" })
}

impl Writing {
    /// Where a device hung on a local day; a point of its own in the area `unassigned`, made now, if no
    /// master data say.
    pub(super) fn point_of(
        &mut self,
        device: DeviceNo,
        day: i32,
        now: Timestamp,
    ) -> Result<PointNo, StoreFault> {
        if !self.mounted.contains_key(&device) {
            let mounted = mounted(&self.db, device)?;
            self.mounted.insert(device, mounted);
        }
        let mut mounted = self.mounted.get(&device).into_iter().flatten();
        match mounted.find(|mounted| (mounted.start..mounted.end).contains(&day)) {
            Some(mounted) => Ok(mounted.point),
            None => self.unassigned_point(device, now),
        }
    }

    /// The number of a meter's device, made if it is new; looked up once.
    pub(super) fn device_of(&mut self, meter: DeviceId) -> Result<DeviceNo, StoreFault> {
        if let Some(device) = self.devices.get(&meter) {
            return Ok(*device);
        }
        let device = register_device(&self.db, meter)?;
        self.devices.insert(meter, device);
        Ok(device)
    }

    fn unassigned_point(&mut self, device: DeviceNo, now: Timestamp) -> Result<PointNo, StoreFault> {
        let meter = device_called(&self.db, device)?;
        if let Some(point) = named_point(&self.db, &unassigned_own_id(meter))? {
            return Ok(point);
        }
        let premises = premises_key(&self.zone, now);
        let key = self.vault.create(&[premises])?.pop().ok_or(StoreFault::Sealing)?;
        register_unassigned_point(&self.db, meter, key)
    }
}

/// Where a device hung, local days half open.
#[derive(Clone, Copy)]
pub(super) struct Mounted {
    pub(super) start: i32,
    pub(super) end: i32,
    pub(super) point: PointNo,
}

/// Where a device hung, as far as master data say, of it or of the name it calls itself by; its own places first.
pub(super) fn mounted(db: &Connection, device: DeviceNo) -> Result<Vec<Mounted>, StoreFault> {
    let mounted = db
        .prepare_cached(
            "-- mounted
             SELECT i.start_day, i.end_day, i.point_no FROM installation i
             WHERE i.retired_seq IS NULL
               AND (i.device_no = ?1 OR i.device_no IN (SELECT d.device_no FROM device d
                                                       JOIN device_name n ON n.name = d.name WHERE n.device_no = ?1))
             ORDER BY CASE WHEN i.device_no = ?1 THEN 0 ELSE 1 END, i.start_day",
        )?
        .query_map([device.as_u32()], |row| {
            Ok(Mounted { start: row.get(0)?, end: row.get(1)?, point: PointNo::new(row.get(2)?) })
        })?
        .collect::<Result<_, _>>()?;
    Ok(mounted)
}

/// Where a device hung on a local day, as far as master data say.
pub(super) fn installed_at(
    db: &Connection,
    device: DeviceNo,
    day: i32,
) -> Result<Option<PointNo>, StoreFault> {
    let is_then = |mounted: &Mounted| (mounted.start..mounted.end).contains(&day);
    Ok(mounted(db, device)?.into_iter().find(is_then).map(|mounted| mounted.point))
}

fn insert(
    writing: &mut Writing,
    digest: &[u8; 16],
    telegram: &RawTelegram,
    (device, received, key): (DeviceNo, Timestamp, KeyNo),
) -> Result<TelegramNo, StoreFault> {
    let day = writing.zone.day_of(received);
    let row = telegram_row(digest, received.as_millisecond(), key);
    let sealing = writing.vault.key(key, day)?;
    let sealed = sealing.seal(writing.nonces.next()?, &row, &telegram.frame)?;
    let number = writing.db.insert_numbered(
        "-- insert_telegram
         INSERT INTO raw_telegram (digest, received_ms, time_stated, device_no, key_no, state, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, 'received', ?6)",
        "telegram_no",
        params![
            digest,
            received.as_millisecond(),
            telegram.received.is_some(),
            device.as_u32(),
            key.as_u32(),
            sealed
        ],
    )?;
    Ok(TelegramNo(number))
}

/// What seals a telegram of that moment; `None` if its day is no longer kept, or nobody may collect it.
fn telegram_key(
    writing: &mut Writing,
    cover: &Cover,
    point: PointNo,
    received: Timestamp,
) -> Result<Option<KeyNo>, StoreFault> {
    let day = writing.zone.day_of(received);
    let owner = writing.owner_of(point, Kind::Telegrams, epoch_day(day))?;
    if owner.is_over || !cover.reaches(owner.occupancy, epoch_day(day)) {
        return Ok(None);
    }
    Ok(if writing.is_erased(owner.key, day)? { None } else { Some(owner.key) })
}

pub(super) fn telegram_row(digest: &[u8], received_ms: i64, key: KeyNo) -> Vec<u8> {
    [b"telegram", digest, &received_ms.to_be_bytes(), &key.as_u32().to_be_bytes()].concat()
}

/// Notes who heard telegrams and when; of one gateway and moment the best signal stays. Of a gateway that does not say
/// when, all that counts is that it heard the telegram, and how well.
fn note_receptions(
    db: &Connection,
    heard: &[RawTelegram],
    receipts: &[Option<Receipt>],
) -> Result<(), StoreFault> {
    let mut note = db.prepare_cached(
        "-- note_reception
         INSERT INTO reception (telegram_no, gateway, received_ms, rssi_dbm) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (telegram_no, gateway, received_ms) DO UPDATE SET rssi_dbm = excluded.rssi_dbm
         WHERE excluded.rssi_dbm > coalesce(reception.rssi_dbm, -32768)",
    )?;
    for (telegram, receipt) in heard.iter().zip(receipts) {
        let Some(receipt) = receipt else { continue };
        let heard_ms = telegram.received.unwrap_or(receipt.received).as_millisecond();
        note.execute(params![receipt.telegram.0, telegram.gateway, heard_ms, telegram.rssi_dbm])?;
    }
    Ok(())
}
