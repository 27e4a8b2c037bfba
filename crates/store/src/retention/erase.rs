//! Erasing: the rows that go.
//!
//! Parts of a preview come in; how many rows were deleted goes out. Rows go by the days and points of the
//! part, whatever key sealed them: an old version may be sealed by the premises. Never: a row of a day
//! that the part does not name.

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_govern::{Held, Matter};
use tidstro_model::{CategoryId, DossierNo, KeyNo, OccupancyNo, QuantityKind, SeriesNo};

use super::holdings::{ALL_ERASED, RowCategories};
use super::run::StoredItem;
use crate::StoreFault;
use crate::identity::delete_account_of;
use crate::personal::{
    OccupancyKeys, Writing, erase_months, forget_findings, keys_of_occupancy, record_row, series_days,
    shrink_state,
};
use crate::reference::SeriesCategory;
use crate::seal::KeyKind;

/// What values of an occupancy are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    Series(SeriesCategory),
    Telegrams,
    Alarms,
}

impl Values {
    pub(super) fn of(categories: &RowCategories<'_>, category: &str) -> Option<Self> {
        let is = |id: Option<&CategoryId>| id.is_some_and(|id| id.as_str() == category);
        if is(categories.consumption) {
            Some(Self::Series(SeriesCategory::Consumption))
        } else if is(categories.climate) {
            Some(Self::Series(SeriesCategory::IndoorClimate))
        } else if is(categories.telegrams) {
            Some(Self::Telegrams)
        } else if is(categories.alarms) {
            Some(Self::Alarms)
        } else {
            None
        }
    }

    pub(super) const fn key(self, keys: OccupancyKeys) -> KeyNo {
        match self {
            Self::Series(SeriesCategory::Consumption) => keys.consumption,
            Self::Series(SeriesCategory::IndoorClimate) => keys.indoor_climate,
            Self::Telegrams => keys.telegrams,
            Self::Alarms => keys.alarms,
        }
    }

    const fn mark_sql(self) -> &'static str {
        match self {
            Self::Series(SeriesCategory::Consumption) => {
                "-- mark_consumption\nUPDATE occupancy SET consumption_from = ?2 WHERE occupancy_no = ?1"
            }
            Self::Series(SeriesCategory::IndoorClimate) => {
                "-- mark_climate\nUPDATE occupancy SET climate_from = ?2 WHERE occupancy_no = ?1"
            }
            Self::Telegrams => {
                "-- mark_telegrams\nUPDATE occupancy SET telegram_from = ?2 WHERE occupancy_no = ?1"
            }
            Self::Alarms => "-- mark_alarms\nUPDATE occupancy SET alarm_from = ?2 WHERE occupancy_no = ?1",
        }
    }
}

/// Deletes the rows of one subject's parts; returns how many. Call inside [`Writing::transact`].
pub(super) fn erase_rows(
    writing: &mut Writing,
    categories: &RowCategories<'_>,
    items: &[StoredItem],
    now: Timestamp,
) -> Result<u64, StoreFault> {
    let mut rows = 0;
    for item in items {
        rows += match item.of {
            Held::Matter(Matter::Occupancy(occupancy)) => {
                erase_of_occupancy(writing, categories, (item, occupancy), now)?
            }
            Held::Matter(Matter::Dossier(dossier)) if item.is_frame => erase_dossier(&writing.db, dossier)?,
            Held::Matter(Matter::Dossier(dossier)) => {
                let goes_whole = items.iter().any(|other| other.is_frame && other.of == item.of);
                erase_records(writing, categories, (dossier, &item.category), goes_whole)?
            }
            Held::Subject => erase_own(&writing.db, categories, item)?,
        };
    }
    Ok(rows)
}

fn erase_of_occupancy(
    writing: &mut Writing,
    categories: &RowCategories<'_>,
    (item, occupancy): (&StoredItem, OccupancyNo),
    now: Timestamp,
) -> Result<u64, StoreFault> {
    let Some((_, end)) = days_of(&writing.db, occupancy)? else { return Ok(0) };
    if item.is_frame {
        return erase_occupancy(&writing.db, occupancy, end);
    }
    let Some(values) = Values::of(categories, &item.category) else { return Ok(0) };
    // Nothing is measured after tomorrow; an open occupancy has no other end.
    let days = (item.start, item.end.min(epoch_day(writing.zone.day_of(now)).saturating_add(2)));
    let rows = match values {
        Values::Series(category) => erase_series(writing, (occupancy, category), days)?,
        Values::Telegrams => erase_telegrams(writing, occupancy, days.1, item.end >= end)?,
        Values::Alarms => erase_alarms(&writing.db, occupancy, days)?,
    };
    let mark = if item.end >= end { ALL_ERASED } else { item.end };
    writing.db.prepare_cached(values.mark_sql())?.execute(params![occupancy.as_u32(), mark])?;
    Ok(rows)
}

pub(super) fn days_of(db: &Connection, occupancy: OccupancyNo) -> Result<Option<(i32, i32)>, StoreFault> {
    let days = db
        .prepare_cached(
            "-- days_of_occupancy
             SELECT start_day, end_day FROM occupancy WHERE occupancy_no = ?1",
        )?
        .query_row([occupancy.as_u32()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(days)
}

/// Series at the points of an occupancy.
fn series_of(db: &Connection, occupancy: OccupancyNo) -> Result<Vec<(u32, SeriesCategory)>, StoreFault> {
    db.prepare_cached(
        "-- series_of_occupancy
         SELECT s.series_no, s.quantity FROM occupancy_point p JOIN series s USING (point_no)
         WHERE p.occupancy_no = ?1",
    )?
    .query_and_then([occupancy.as_u32()], |row| {
        let quantity: String = row.get(1)?;
        let quantity =
            QuantityKind::from_code(&quantity).ok_or(StoreFault::Row { what: "series.quantity" })?;
        Ok((row.get(0)?, SeriesCategory::of(quantity)))
    })?
    .collect()
}

/// Erasing is its own named operation: the one place where measured values are deleted.
fn erase_series(
    writing: &mut Writing,
    (occupancy, category): (OccupancyNo, SeriesCategory),
    days: (i32, i32),
) -> Result<u64, StoreFault> {
    let mut rows = 0;
    for (series, _) in series_of(&writing.db, occupancy)?.into_iter().filter(|(_, of)| *of == category) {
        rows += erase_days(writing, series, days)?;
    }
    Ok(rows)
}

/// Deletes the versions of one series on these local days, half open, and what the rules remember of them.
pub(super) fn erase_days(writing: &mut Writing, series: u32, days: (i32, i32)) -> Result<u64, StoreFault> {
    let number = SeriesNo::new(series);
    let Some((first, last)) = series_days(&writing.db, number)? else { return Ok(0) };
    let held = (days.0.max(first), days.1.min(last.saturating_add(1)));
    let mut rows = erase_months(writing, number, held)?;
    let mut delete = writing.db.prepare_cached(
        "-- erase_blocks
         DELETE FROM series_block WHERE period = ?1 AND series_no = ?2",
    )?;
    let mut delete_notes = writing.db.prepare_cached(
        "-- erase_notes
         DELETE FROM version_note WHERE period = ?1 AND series_no = ?2",
    )?;
    for day in held.0..held.1 {
        rows += delete.execute(params![day, series])? as u64;
        rows += delete_notes.execute(params![day, series])? as u64;
    }
    rows += erase_released(&writing.db, series, days)?;
    rows += forget_findings(&writing.db, number, days)?;
    Ok(rows + shrink_state(&writing.db, number, (first, last), days)?)
}

/// What went out of these local days goes with them. The counts of the area's days stay: they say of nobody what was theirs.
fn erase_released(db: &Connection, series: u32, days: (i32, i32)) -> Result<u64, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- erase_released
             DELETE FROM released WHERE series_no = ?1 AND period >= ?2 AND period < ?3",
        )?
        .execute(params![series, days.0, days.1])?;
    Ok(rows as u64)
}

/// Alarms of these local days, half open, at the points of an occupancy.
fn erase_alarms(db: &Connection, occupancy: OccupancyNo, days: (i32, i32)) -> Result<u64, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- erase_alarms
             DELETE FROM alarm WHERE day >= ?2 AND day < ?3
               AND point_no IN (SELECT point_no FROM occupancy_point WHERE occupancy_no = ?1)",
        )?
        .execute(params![occupancy.as_u32(), days.0, days.1])?;
    Ok(rows as u64)
}

/// Telegrams are found by the key that sealed them: it is their occupancy's own.
fn erase_telegrams(
    writing: &Writing,
    occupancy: OccupancyNo,
    end: i32,
    is_whole: bool,
) -> Result<u64, StoreFault> {
    let key = keys_of_occupancy(&writing.db, occupancy)?.telegrams;
    let before_ms = match from_epoch_day(end) {
        Some(day) if !is_whole => writing.zone.day_start(day).as_millisecond(),
        _ => i64::MAX,
    };
    erase_telegrams_under(&writing.db, key, before_ms)
}

/// Deletes the telegrams that a key seals and that were received before an instant, and who heard them.
pub(super) fn erase_telegrams_under(db: &Connection, key: KeyNo, before_ms: i64) -> Result<u64, StoreFault> {
    let heard = db
        .prepare_cached(
            "-- erase_receptions
             DELETE FROM reception WHERE telegram_no IN (
                 SELECT telegram_no FROM raw_telegram WHERE key_no = ?1 AND received_ms < ?2)",
        )?
        .execute(params![key.as_u32(), before_ms])?;
    let telegrams = db
        .prepare_cached(
            "-- erase_telegrams
             DELETE FROM raw_telegram WHERE key_no = ?1 AND received_ms < ?2",
        )?
        .execute(params![key.as_u32(), before_ms])?;
    Ok((heard + telegrams) as u64)
}

/// The occupancy itself. Its points take in nothing more of its days: there would be nobody to keep it for.
fn erase_occupancy(db: &Connection, occupancy: OccupancyNo, end: i32) -> Result<u64, StoreFault> {
    let number = occupancy.as_u32();
    db.prepare_cached(
        "-- close_points
         UPDATE point SET closed_before = ?2
         WHERE closed_before < ?2 AND point_no IN (SELECT point_no FROM occupancy_point WHERE occupancy_no = ?1)",
    )?
    .execute(params![number, end])?;
    delete_all(
        db,
        &[
            "-- erase_events_of_occupancy\nDELETE FROM subject_event WHERE occupancy_no = ?1",
            "-- erase_occupancy_points\nDELETE FROM occupancy_point WHERE occupancy_no = ?1",
            "-- erase_occupancy\nDELETE FROM occupancy WHERE occupancy_no = ?1",
        ],
        number,
    )
}

pub(super) fn dossier_key(db: &Connection, dossier: DossierNo) -> Result<Option<KeyNo>, StoreFault> {
    let key: Option<u32> = db
        .prepare_cached(
            "-- dossier_key
             SELECT key_no FROM dossier WHERE dossier_no = ?1",
        )?
        .query_row([dossier.as_u32()], |row| row.get(0))
        .optional()?;
    Ok(key.map(KeyNo::new))
}

pub(crate) fn erase_dossier(db: &Connection, dossier: DossierNo) -> Result<u64, StoreFault> {
    let account = delete_account_of(db, dossier)?;
    let rows = delete_all(
        db,
        &[
            "-- erase_events_of_dossier\nDELETE FROM subject_event WHERE dossier_no = ?1",
            "-- erase_records_of_dossier\nDELETE FROM record WHERE dossier_no = ?1",
            "-- erase_dossier\nDELETE FROM dossier WHERE dossier_no = ?1",
        ],
        dossier.as_u32(),
    )?;
    Ok(account + rows)
}

/// The records of one category, and an account if that is its category. The others are sealed anew, so that the old key can go.
fn erase_records(
    writing: &mut Writing,
    categories: &RowCategories<'_>,
    (dossier, category): (DossierNo, &str),
    goes_whole: bool,
) -> Result<u64, StoreFault> {
    let rows = writing
        .db
        .prepare_cached(
            "-- erase_records
             DELETE FROM record WHERE dossier_no = ?1 AND category = ?2",
        )?
        .execute(params![dossier.as_u32(), category])?;
    let is_account = categories.register.account_category().is_some_and(|id| id.as_str() == category);
    let account = if is_account { delete_account_of(&writing.db, dossier)? } else { 0 };
    if !goes_whole {
        seal_anew(writing, dossier)?;
    }
    Ok(rows as u64 + account)
}

fn seal_anew(writing: &mut Writing, dossier: DossierNo) -> Result<(), StoreFault> {
    let Some(old) = dossier_key(&writing.db, dossier)? else { return Ok(()) };
    let new = writing.vault.create(&[KeyKind::Dossier])?.pop().ok_or(StoreFault::Sealing)?;
    let records: Vec<(i64, String, i64, Vec<u8>)> = writing
        .db
        .prepare_cached(
            "-- records_left
             SELECT record_no, category, created_ms, sealed FROM record WHERE dossier_no = ?1",
        )?
        .query_map([dossier.as_u32()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    for (number, category, at_ms, sealed) in records {
        let category =
            CategoryId::parse(&category).map_err(|_| StoreFault::Row { what: "record.category" })?;
        let plain =
            writing.vault.undated_key(old)?.open(&record_row(dossier, old, at_ms, &category), &sealed)?;
        let plain = zeroize::Zeroizing::new(plain);
        let (row, nonce) = (record_row(dossier, new, at_ms, &category), writing.nonces.next()?);
        let sealed = writing.vault.undated_key(new)?.seal(nonce, &row, &plain)?;
        writing
            .db
            .prepare_cached("-- seal_record_anew\nUPDATE record SET sealed = ?2 WHERE record_no = ?1")?
            .execute(params![number, sealed])?;
    }
    writing.db.execute(
        "-- change_dossier_key
         UPDATE dossier SET key_no = ?2 WHERE dossier_no = ?1",
        params![dossier.as_u32(), new.as_u32()],
    )?;
    writing.db.execute(
        "-- doom_replaced_key
         INSERT INTO retention_key (key_no) VALUES (?1) ON CONFLICT DO NOTHING",
        [old.as_u32()],
    )?;
    Ok(())
}

/// Name, contact, or the subject's row with everything that happened to it.
fn erase_own(db: &Connection, categories: &RowCategories<'_>, item: &StoredItem) -> Result<u64, StoreFault> {
    if item.is_frame {
        return delete_all(
            db,
            &[
                "-- erase_events_of_subject\nDELETE FROM subject_event WHERE subject_no = ?1",
                "-- erase_subject\nDELETE FROM subject WHERE subject_no = ?1",
            ],
            item.subject,
        );
    }
    // The reference leads to the name in the master data it came from.
    let sql = if categories.is_identity(&item.category) {
        "-- erase_name
         UPDATE subject SET sealed_name = x'', reference = 'erased-' || subject_no WHERE subject_no = ?1"
    } else {
        "-- erase_contact\nUPDATE subject SET sealed_contact = x'' WHERE subject_no = ?1"
    };
    Ok(db.prepare_cached(sql)?.execute([item.subject])? as u64)
}

fn delete_all(db: &Connection, statements: &[&str], number: u32) -> Result<u64, StoreFault> {
    let mut rows = 0;
    for sql in statements {
        rows += db.prepare_cached(*sql)?.execute([number])? as u64;
    }
    Ok(rows)
}
