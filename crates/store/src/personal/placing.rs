//! A meter that master data place after it was heard: what it said belongs to the point it hung at, and to whom lived there.
//!
//! A device, its point and local days come in. What was kept of them apart, among the meters nobody had placed, goes
//! out there: the same versions, sealed for whom they belong to. Never: a value changed, a day in two places.

use crate::db::{Connection, params};
use tidstro_calendar::from_epoch_day;
use tidstro_metering::Block;
use tidstro_metering::cycle::DayState;
use tidstro_model::{DeviceNo, KeyNo, PointNo, SeriesNo};

use super::alarm_place::place_alarms;
use super::append::current_block;
use super::cycle::{CycleChanges, day_state};
use super::findings::recount_day;
use super::place::Kind;
use super::reseal::{
    SealedBlock, StoredSeries, blocks_on, note_former_key, seal_telegrams_for_owners, sealed_anew,
    stored_series,
};
use super::state::{series_days, shrink_state};
use super::telegram::{Mounted, mounted};
use super::{Writing, block_row};
use crate::reference::{SeriesKind, device_called, named_point, unassigned_own_id};
use crate::{StoreFault, settlement};

/// Moves what an unplaced device said on these local days, half open, to the point where it hung. Call inside
/// [`Writing::transact`], after the installation was written.
pub(crate) fn place_device(
    writing: &mut Writing,
    device: DeviceNo,
    to: PointNo,
    days: (i32, i32),
) -> Result<(), StoreFault> {
    let called = device_called(&writing.db, device)?;
    let Some(apart) = named_point(&writing.db, &unassigned_own_id(called))? else { return Ok(()) };
    writing.forget();
    for series in stored_series(&writing.db, apart)? {
        move_series(writing, &series, to, days)?;
    }
    let key = premises_key_of(&writing.db, apart)?;
    seal_telegrams_for_owners(writing, key, days)?;
    place_alarms(writing, device, (apart, to), days)?;
    writing.forget();
    Ok(())
}

/// Places a device where master data placed the name that it was just heard to call itself by: a meter that was known by
/// name in the clear, and is protected now. Call inside [`Writing::transact`], before anything else is looked up.
pub(super) fn place_by_name(writing: &mut Writing, device: DeviceNo) -> Result<(), StoreFault> {
    writing.forget_places();
    for Mounted { start, end, point } in mounted(&writing.db, device)? {
        place_device(writing, device, point, (start, end))?;
    }
    Ok(())
}

fn premises_key_of(db: &Connection, point: PointNo) -> Result<KeyNo, StoreFault> {
    let key = db
        .prepare_cached(
            "-- premises_key_of
             SELECT premises_key_no FROM point WHERE point_no = ?1",
        )?
        .query_row([point.as_u32()], |row| row.get(0))?;
    Ok(KeyNo::new(key))
}

fn move_series(
    writing: &mut Writing,
    series: &StoredSeries,
    to: PointNo,
    days: (i32, i32),
) -> Result<(), StoreFault> {
    let days = (days.0.max(series.first), days.1.min(series.last.saturating_add(1)));
    if days.0 >= days.1 {
        return Ok(());
    }
    let target = same_series_at(&writing.db, series.number, to)?;
    let target_meta = writing.meta(target)?;
    let mut changes = CycleChanges::default();
    for period in days.0..days.1 {
        let owner = writing.owner_of(to, Kind::Series(series.category), period)?;
        // What an erased tenant's meter said stays apart, and ends there.
        if owner.is_over {
            continue;
        }
        let (before, counted) =
            (interval_state(writing, target, period)?, newest(writing, (period, target))?);
        for block in blocks_on(&writing.db, (period, series.number))? {
            move_block(writing, block, (target, owner.key))?;
        }
        for of in [series.number, target] {
            recount_day(writing, (period, of))?;
        }
        settle(writing, (period, target), counted.as_ref())?;
        if let Some(area) = writing.expected_in(&target_meta, period)? {
            changes.moved((area, period), before, interval_state(writing, target, period)?);
        }
    }
    changes.save(&writing.db)?;
    reaches(&writing.db, target, days)?;
    let had = series_days(&writing.db, series.number)?.unwrap_or(days);
    shrink_state(&writing.db, series.number, had, days)?;
    Ok(())
}

/// How far a day of an interval series has come; `None` for registers, which no market waits for.
fn interval_state(
    writing: &mut Writing,
    series: SeriesNo,
    period: i32,
) -> Result<Option<DayState>, StoreFault> {
    let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_block.period" })?;
    match writing.meta(series)?.kind {
        SeriesKind::Interval => day_state(&writing.db, &mut writing.vault, (day, series)),
        SeriesKind::Register => Ok(None),
    }
}

/// The newest version of a local day of an interval series; nothing follows from those of registers.
fn newest(writing: &mut Writing, (period, series): (i32, SeriesNo)) -> Result<Option<Block>, StoreFault> {
    if writing.meta(series)?.kind != SeriesKind::Interval {
        return Ok(None);
    }
    let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_block.period" })?;
    Ok(current_block(writing, day, series)?.and_then(|(_, block)| block))
}

/// Settlement follows what was moved there.
fn settle(
    writing: &mut Writing,
    (period, target): (i32, SeriesNo),
    before: Option<&Block>,
) -> Result<(), StoreFault> {
    let Some(after) = newest(writing, (period, target))? else { return Ok(()) };
    let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_block.period" })?;
    let meta = writing.meta(target)?;
    settlement::block_changed(writing, &meta, day, before, Some(&after))
}

/// The series of the same register at another point, made if it is new.
fn same_series_at(db: &Connection, series: SeriesNo, to: PointNo) -> Result<SeriesNo, StoreFault> {
    let numbers = params![series.as_u32(), to.as_u32()];
    db.prepare_cached(
        "-- copy_series
         INSERT INTO series (point_no, device_no, kind, quantity, unit, resolution, tariff, subunit)
         SELECT ?2, device_no, kind, quantity, unit, resolution, tariff, subunit FROM series WHERE series_no = ?1
         ON CONFLICT DO NOTHING",
    )?
    .execute(numbers)?;
    let number = db
        .prepare_cached(
            "-- same_series
             SELECT t.series_no FROM series s JOIN series t
                 ON t.point_no = ?2 AND t.device_no = s.device_no AND t.kind = s.kind AND t.quantity = s.quantity
                    AND t.resolution = s.resolution AND t.tariff = s.tariff AND t.subunit = s.subunit
             WHERE s.series_no = ?1",
        )?
        .query_row(numbers, |row| row.get(0))?;
    Ok(SeriesNo::new(number))
}

fn move_block(
    writing: &mut Writing,
    block: SealedBlock,
    (target, new): (SeriesNo, KeyNo),
) -> Result<(), StoreFault> {
    let SealedBlock { period, series, seq, key: old, sealed } = block;
    let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_block.period" })?;
    let (from, to) = (block_row(period, series, seq, old), block_row(period, target, seq, new));
    let Some(sealed) = sealed_anew(writing, (day, &sealed), (old, &from), (new, &to))? else {
        return Ok(());
    };
    writing
        .db
        .prepare_cached(
            "-- place_block
             UPDATE series_block SET series_no = ?4, key_no = ?5, sealed = ?6
             WHERE period = ?1 AND series_no = ?2 AND registered_seq = ?3",
        )?
        .execute(params![period, series.as_u32(), seq, target.as_u32(), new.as_u32(), sealed])?;
    note_former_key(&writing.db, old, new)
}

/// The series has blocks on these local days; the rules remember nothing of them.
fn reaches(db: &Connection, series: SeriesNo, (start, end): (i32, i32)) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- reaches
         INSERT INTO series_state (series_no, key_no, first_day, last_day, sealed, sealed_day)
         VALUES (?1, 0, ?2, ?3, x'', 0)
         ON CONFLICT (series_no) DO UPDATE SET
             first_day = CASE WHEN series_state.first_day < ?2 THEN series_state.first_day ELSE ?2 END,
             last_day = CASE WHEN series_state.last_day > ?3 THEN series_state.last_day ELSE ?3 END",
    )?
    .execute(params![series.as_u32(), start, end - 1])?;
    Ok(())
}
