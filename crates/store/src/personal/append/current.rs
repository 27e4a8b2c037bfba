//! The current versions of the local days of a batch.

use jiff::civil::Date;
use rustc_hash::FxHashMap;
use tidstro_calendar::epoch_day;
use tidstro_metering::{Block, IntervalBlock};
use tidstro_model::KeyNo;

use super::{DayKey, Incoming};
use crate::StoreFault;
use crate::db::{OptionalExtension, params};
use crate::personal::{Writing, block_row};
use crate::reference::SeriesMeta;

/// The newest version of a local day.
pub(super) struct Version {
    /// Number of its registration.
    pub(super) seq: i64,
    /// What seals it.
    pub(super) key: KeyNo,
    /// Its values; `None` if they are erased.
    pub(super) block: Option<Block>,
}

/// The newest version of each local day that has one.
pub(super) type CurrentBlocks = FxHashMap<DayKey, Version>;

/// Fetches and opens the newest version of each day that `incoming` is of.
pub(super) fn current_blocks(
    writing: &mut Writing,
    incoming: &[Incoming],
) -> Result<CurrentBlocks, StoreFault> {
    let mut current = CurrentBlocks::default();
    for incoming in incoming {
        let day_key = incoming.day_key();
        if let Some(stored) = newest(writing, day_key)? {
            current.insert(day_key, opened(writing, (day_key, incoming.day), stored)?);
        }
    }
    Ok(current)
}

/// The intervals of the local day before, for a late day whose rules compare with it. Another key is another occupancy:
/// nobody is judged by somebody else's days.
pub(super) fn day_before(
    writing: &mut Writing,
    current: &CurrentBlocks,
    (meta, key): (&SeriesMeta, KeyNo),
    day: Date,
) -> Result<Option<IntervalBlock>, StoreFault> {
    let Ok(eve) = day.yesterday() else { return Ok(None) };
    if !writing.looks_back(meta, key, day)? {
        return Ok(None);
    }
    let day_key = (epoch_day(eve), meta.series);
    let of_key = |version: &Version| match &version.block {
        Some(Block::Interval(block)) if version.key == key => Some(block.clone()),
        _ => None,
    };
    if let Some(version) = current.get(&day_key) {
        return Ok(of_key(version));
    }
    let Some(stored) = newest(writing, day_key)? else { return Ok(None) };
    Ok(of_key(&opened(writing, (day_key, eve), stored)?))
}

/// A version as it lies in its row.
struct Stored {
    seq: i64,
    key: KeyNo,
    sealed: Vec<u8>,
}

fn newest(writing: &Writing, (period, series): DayKey) -> Result<Option<Stored>, StoreFault> {
    let found = writing
        .db
        .prepare_cached(
            "-- current_block
             SELECT registered_seq, key_no, sealed FROM series_block
             WHERE period = ?1 AND series_no = ?2 ORDER BY registered_seq DESC LIMIT 1",
        )?
        .query_row(params![period, series.as_u32()], |row| {
            Ok(Stored { seq: row.get(0)?, key: KeyNo::new(row.get(1)?), sealed: row.get(2)? })
        })
        .optional()?;
    Ok(found)
}

fn opened(
    writing: &mut Writing,
    ((period, series), day): (DayKey, Date),
    stored: Stored,
) -> Result<Version, StoreFault> {
    let Stored { seq, key, sealed } = stored;
    let sealing = match writing.vault.key(key, day) {
        Ok(sealing) => sealing,
        Err(fault) if fault.is_erased() => return Ok(Version { seq, key, block: None }),
        Err(fault) => return Err(fault),
    };
    let plain = sealing.open(&block_row(period, series, seq, key), &sealed)?;
    Ok(Version { seq, key, block: Some(Block::decode(&plain)?) })
}
