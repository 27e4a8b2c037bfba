//! Sealing anew: what was stored before it was known whose it is.
//!
//! Points and local days come in, when an occupancy over them becomes known or ends; a key, when it must go though
//! something stays. Every version that lies there is opened and sealed again as it is, with the key of whom it belongs
//! to. Backups of the data still have it under the old key, so that key is noted: it goes when what it sealed must.
//! Never: another value, a version more or less, a row of a day that is no longer kept.

use crate::db::{Connection, Things, params};
use jiff::civil::Date;
use rustc_hash::FxHashSet;
use tidstro_calendar::from_epoch_day;
use tidstro_model::{DeviceNo, KeyNo, PointNo, QuantityKind, SeriesNo};
use zeroize::Zeroizing;

use super::alarm_place::{move_alarms_under, seal_alarms_for_owners};
use super::cause::{notes_on, seal_note_anew};
use super::place::Kind;
use super::state::{forget_memory, seal_memory_anew};
use super::telegram::{installed_at, telegram_row};
use super::versions::{seal_months_for_owners, seal_months_under};
use super::{Writing, block_row};
use crate::StoreFault;
use crate::reference::SeriesCategory;

/// Seals what lies at the points on these local days, half open, with the keys of those it belongs to by now.
/// Call inside [`Writing::transact`], after what says whose it is was written.
pub(crate) fn seal_for_owners(
    writing: &mut Writing,
    points: &[PointNo],
    days: (i32, i32),
) -> Result<(), StoreFault> {
    writing.forget();
    for point in points {
        for series in stored_series(&writing.db, *point)? {
            seal_series_for_owners(writing, *point, &series, days)?;
        }
        for key in telegram_keys(&writing.db, *point)? {
            seal_telegrams_for_owners(writing, key, days)?;
        }
        seal_alarms_for_owners(writing, *point, days)?;
    }
    writing.forget();
    Ok(())
}

/// Those of the points where anything lies that is sealed: values, alarms, telegrams.
pub(crate) fn points_with_values(
    db: &Connection,
    points: &[PointNo],
) -> Result<FxHashSet<PointNo>, StoreFault> {
    let sql = "-- points_with_values
         SELECT p.point_no FROM point p
         WHERE p.point_no = ?1
               AND (EXISTS (SELECT 1 FROM series s JOIN series_state t ON t.series_no = s.series_no
                            WHERE s.point_no = p.point_no)
                    OR EXISTS (SELECT 1 FROM alarm a WHERE a.point_no = p.point_no)
                    OR EXISTS (SELECT 1 FROM raw_telegram r WHERE r.key_no = p.premises_key_no)
                    OR EXISTS (SELECT 1 FROM occupancy_point op
                                    JOIN occupancy o ON o.occupancy_no = op.occupancy_no
                                    JOIN raw_telegram r ON r.key_no = o.telegram_key_no
                               WHERE op.point_no = p.point_no))";
    let points: Vec<i64> = points.iter().map(|point| point.as_u32().into()).collect();
    let found = db.query_each(sql, Things::Numbers(&points), &[], |row| {
        Ok::<_, StoreFault>(PointNo::new(row.get(0)?))
    })?;
    Ok(found.into_iter().collect())
}

/// Seals everything that a key still seals with a new one of its kind, and lets the old one go: backups of the data
/// may have under it what must not be opened any more. Call inside [`Writing::transact`].
pub(crate) fn replace_key(writing: &mut Writing, old: KeyNo) -> Result<(), StoreFault> {
    let new = match writing.vault.create_like(old) {
        Ok(new) => new,
        Err(fault) if fault.is_erased() => return drop_former(&writing.db, old),
        Err(fault) => return Err(fault),
    };
    for point in points_of_key(&writing.db, old)? {
        for series in stored_series(&writing.db, point)? {
            for period in series.first..=series.last {
                for block in blocks_under(&writing.db, (period, series.number), old)? {
                    move_block(writing, block, new)?;
                }
            }
            let days = (series.first, series.last.saturating_add(1));
            seal_months_under(writing, series.number, days, (old, new))?;
            for (version, key) in notes_on(&writing.db, series.number, days)? {
                if key == old {
                    seal_note_anew(writing, version, (old, new))?;
                }
            }
            seal_memory_anew(writing, series.number, (old, new))?;
        }
    }
    for telegram in telegrams_under(&writing.db, old, (i64::MIN, i64::MAX))? {
        move_telegram(writing, &telegram, (old, new))?;
    }
    move_alarms_under(writing, (old, new))?;
    hand_over(&writing.db, (old, new))?;
    writing.forget();
    Ok(())
}

/// Keys under which backups of the data may have rows that this key seals now.
pub(crate) fn former_keys(db: &Connection, key: KeyNo) -> Result<Vec<KeyNo>, StoreFault> {
    keys(
        db,
        "-- former_keys
         SELECT key_no FROM former_key WHERE owner_key_no = ?1",
        key.as_u32(),
    )
}

/// A series with blocks, and its first and last local day.
pub(super) struct StoredSeries {
    pub(super) number: SeriesNo,
    pub(super) category: SeriesCategory,
    pub(super) first: i32,
    pub(super) last: i32,
}

pub(super) fn stored_series(db: &Connection, point: PointNo) -> Result<Vec<StoredSeries>, StoreFault> {
    db.prepare_cached(
        "-- stored_series
         SELECT s.series_no, s.quantity, t.first_day, t.last_day
         FROM series s JOIN series_state t USING (series_no) WHERE s.point_no = ?1",
    )?
    .query_and_then([point.as_u32()], |row| {
        let quantity: String = row.get(1)?;
        let quantity =
            QuantityKind::from_code(&quantity).ok_or(StoreFault::Row { what: "series.quantity" })?;
        let category = SeriesCategory::of(quantity);
        Ok(StoredSeries {
            number: SeriesNo::new(row.get(0)?),
            category,
            first: row.get(2)?,
            last: row.get(3)?,
        })
    })?
    .collect()
}

fn seal_series_for_owners(
    writing: &mut Writing,
    point: PointNo,
    series: &StoredSeries,
    days: (i32, i32),
) -> Result<(), StoreFault> {
    let held = (days.0.max(series.first), days.1.min(series.last.saturating_add(1)));
    let mut moved = seal_months_for_owners(writing, (point, series.number, series.category), held)?;
    for period in held.0..held.1 {
        let owner = writing.owner_of(point, Kind::Series(series.category), period)?;
        if owner.is_over {
            continue;
        }
        for block in blocks_on(&writing.db, (period, series.number))? {
            if block.key != owner.key {
                moved |= move_block(writing, block, owner.key)?;
            }
        }
    }
    for (version, key) in notes_on(&writing.db, series.number, held)? {
        let owner = writing.owner_of(point, Kind::Series(series.category), version.0)?;
        if !owner.is_over && key != owner.key {
            seal_note_anew(writing, version, (key, owner.key))?;
        }
    }
    if moved {
        // What the rules remember may be of somebody else's days now.
        forget_memory(&writing.db, series.number, days)?;
    }
    Ok(())
}

/// A version of a local day, and the key that seals it.
pub(super) struct SealedBlock {
    pub(super) period: i32,
    pub(super) series: SeriesNo,
    pub(super) seq: i64,
    pub(super) key: KeyNo,
    pub(super) sealed: Vec<u8>,
}

fn blocks_under(db: &Connection, day: (i32, SeriesNo), key: KeyNo) -> Result<Vec<SealedBlock>, StoreFault> {
    let mut blocks = blocks_on(db, day)?;
    blocks.retain(|block| block.key == key);
    Ok(blocks)
}

/// Every version of a local day.
pub(super) fn blocks_on(
    db: &Connection,
    (period, series): (i32, SeriesNo),
) -> Result<Vec<SealedBlock>, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- blocks_on
             SELECT registered_seq, key_no, sealed FROM series_block WHERE period = ?1 AND series_no = ?2",
        )?
        .query_map(params![period, series.as_u32()], |row| {
            let key = KeyNo::new(row.get(1)?);
            Ok(SealedBlock { period, series, seq: row.get(0)?, key, sealed: row.get(2)? })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Whether the block is sealed with the new key now; one that is erased stays as it is.
fn move_block(writing: &mut Writing, block: SealedBlock, new: KeyNo) -> Result<bool, StoreFault> {
    let SealedBlock { period, series, seq, key: old, sealed } = block;
    let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_block.period" })?;
    let (from, to) = (block_row(period, series, seq, old), block_row(period, series, seq, new));
    let Some(sealed) = sealed_anew(writing, (day, &sealed), (old, &from), (new, &to))? else {
        return Ok(false);
    };
    writing
        .db
        .prepare_cached(
            "-- seal_block_anew
             UPDATE series_block SET key_no = ?4, sealed = ?5
             WHERE period = ?1 AND series_no = ?2 AND registered_seq = ?3",
        )?
        .execute(params![period, series.as_u32(), seq, new.as_u32(), sealed])?;
    note_former_key(&writing.db, old, new)?;
    Ok(true)
}

/// Keys that may seal telegrams heard at a point: the premises', and those of everybody who lived there.
fn telegram_keys(db: &Connection, point: PointNo) -> Result<Vec<KeyNo>, StoreFault> {
    keys(
        db,
        "-- telegram_keys
         SELECT premises_key_no FROM point WHERE point_no = ?1
         UNION SELECT o.telegram_key_no FROM occupancy_point p JOIN occupancy o USING (occupancy_no)
               WHERE p.point_no = ?1",
        point.as_u32(),
    )
}

fn keys(db: &Connection, sql: &str, number: u32) -> Result<Vec<KeyNo>, StoreFault> {
    let keys = db
        .prepare_cached(sql)?
        .query_map([number], |row| Ok(KeyNo::new(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    Ok(keys)
}

/// Seals telegrams that a key seals and that were heard on these local days with the keys of those they belong to.
pub(super) fn seal_telegrams_for_owners(
    writing: &mut Writing,
    key: KeyNo,
    days: (i32, i32),
) -> Result<(), StoreFault> {
    let start_of = |day| from_epoch_day(day).map(|day: Date| writing.zone.day_start(day).as_millisecond());
    let span = (start_of(days.0).unwrap_or(i64::MIN), start_of(days.1).unwrap_or(i64::MAX));
    for telegram in telegrams_under(&writing.db, key, span)? {
        let Some(point) = installed_at(&writing.db, telegram.device, telegram.period(writing)?)? else {
            continue;
        };
        let owner = writing.owner_of(point, Kind::Telegrams, telegram.period(writing)?)?;
        if owner.key != key && !owner.is_over {
            move_telegram(writing, &telegram, (key, owner.key))?;
        }
    }
    Ok(())
}

/// A telegram as it lies in its row.
struct SealedTelegram {
    number: i64,
    digest: Vec<u8>,
    received_ms: i64,
    device: DeviceNo,
    sealed: Vec<u8>,
}

impl SealedTelegram {
    fn day(&self, writing: &Writing) -> Result<Date, StoreFault> {
        Ok(writing.zone.day_of(super::telegram::instant(self.received_ms)?))
    }

    fn period(&self, writing: &Writing) -> Result<i32, StoreFault> {
        Ok(tidstro_calendar::epoch_day(self.day(writing)?))
    }
}

fn telegrams_under(
    db: &Connection,
    key: KeyNo,
    (from_ms, before_ms): (i64, i64),
) -> Result<Vec<SealedTelegram>, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- telegrams_under
             SELECT telegram_no, digest, received_ms, device_no, sealed FROM raw_telegram
             WHERE key_no = ?1 AND received_ms >= ?2 AND received_ms < ?3",
        )?
        .query_map(params![key.as_u32(), from_ms, before_ms], |row| {
            Ok(SealedTelegram {
                number: row.get(0)?,
                digest: row.get(1)?,
                received_ms: row.get(2)?,
                device: DeviceNo::new(row.get(3)?),
                sealed: row.get(4)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn move_telegram(
    writing: &mut Writing,
    telegram: &SealedTelegram,
    (old, new): (KeyNo, KeyNo),
) -> Result<(), StoreFault> {
    let day = telegram.day(writing)?;
    let row = |key| telegram_row(&telegram.digest, telegram.received_ms, key);
    let sealed = sealed_anew(writing, (day, &telegram.sealed), (old, &row(old)), (new, &row(new)))?;
    let Some(sealed) = sealed else { return Ok(()) };
    writing
        .db
        .prepare_cached(
            "-- seal_telegram_anew
             UPDATE raw_telegram SET key_no = ?2, sealed = ?3 WHERE telegram_no = ?1",
        )?
        .execute(params![telegram.number, new.as_u32(), sealed])?;
    note_former_key(&writing.db, old, new)
}

/// The same bytes under another key; `None` where either key says nothing of the day any more.
pub(super) fn sealed_anew(
    writing: &mut Writing,
    (day, sealed): (Date, &[u8]),
    (old, old_row): (KeyNo, &[u8]),
    (new, new_row): (KeyNo, &[u8]),
) -> Result<Option<Vec<u8>>, StoreFault> {
    let plain = match writing.vault.key(old, day) {
        Ok(sealing) => Zeroizing::new(sealing.open(old_row, sealed)?),
        Err(fault) if fault.is_erased() => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let nonce = writing.nonces.next()?;
    match writing.vault.key(new, day) {
        Ok(sealing) => sealing.seal(nonce, new_row, &plain).map(Some),
        Err(fault) if fault.is_erased() => Ok(None),
        Err(fault) => Err(fault),
    }
}

pub(super) fn note_former_key(db: &Connection, old: KeyNo, new: KeyNo) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- note_former_key
         INSERT INTO former_key (key_no, owner_key_no) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?
    .execute(params![old.as_u32(), new.as_u32()])?;
    Ok(())
}

/// The points where a key seals something: the premises' own, or those of the occupancy.
pub(super) fn points_of_key(db: &Connection, key: KeyNo) -> Result<Vec<PointNo>, StoreFault> {
    let points = db
        .prepare_cached(
            "-- points_of_key
             SELECT point_no FROM point WHERE premises_key_no = ?1
             UNION SELECT p.point_no FROM occupancy o JOIN occupancy_point p USING (occupancy_no)
                   WHERE ?1 IN (o.consumption_key_no, o.climate_key_no, o.telegram_key_no, o.alarm_key_no)",
        )?
        .query_map([key.as_u32()], |row| Ok(PointNo::new(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    Ok(points)
}

/// Whoever had the old key has the new one, and the old one is to be destroyed.
fn hand_over(db: &Connection, (old, new): (KeyNo, KeyNo)) -> Result<(), StoreFault> {
    const STATEMENTS: [&str; 6] = [
        "-- hand_over_premises\nUPDATE point SET premises_key_no = ?2 WHERE premises_key_no = ?1",
        "-- hand_over_consumption\nUPDATE occupancy SET consumption_key_no = ?2 WHERE consumption_key_no = ?1",
        "-- hand_over_climate\nUPDATE occupancy SET climate_key_no = ?2 WHERE climate_key_no = ?1",
        "-- hand_over_telegrams\nUPDATE occupancy SET telegram_key_no = ?2 WHERE telegram_key_no = ?1",
        "-- hand_over_alarms\nUPDATE occupancy SET alarm_key_no = ?2 WHERE alarm_key_no = ?1",
        "-- hand_over_former
         UPDATE former_key SET owner_key_no = ?2
         WHERE owner_key_no = ?1 AND NOT EXISTS (SELECT 1 FROM former_key f
                                                 WHERE f.owner_key_no = ?2 AND f.key_no = former_key.key_no)",
    ];
    for sql in STATEMENTS {
        db.prepare_cached(sql)?.execute(params![old.as_u32(), new.as_u32()])?;
    }
    db.prepare_cached(
        "-- doom_handed_over
         INSERT INTO retention_key (key_no) VALUES (?1) ON CONFLICT DO NOTHING",
    )?
    .execute([old.as_u32()])?;
    drop_former(db, old)
}

/// A key that is gone opens no backup.
fn drop_former(db: &Connection, key: KeyNo) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- drop_former
         DELETE FROM former_key WHERE key_no = ?1 OR owner_key_no = ?1",
    )?
    .execute([key.as_u32()])?;
    Ok(())
}
