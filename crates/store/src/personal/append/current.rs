//! The current versions of the local days of a batch.

use jiff::civil::Date;
use rustc_hash::FxHashMap;
use tidstro_calendar::epoch_day;
use tidstro_metering::{Block, IntervalBlock};
use tidstro_model::{KeyNo, SeriesNo};

use super::{DayKey, Incoming};
use crate::StoreFault;
use crate::personal::Writing;
pub(super) use crate::personal::versions::Version;
use crate::personal::versions::{current_version, current_versions};
use crate::reference::SeriesMeta;

/// The newest version of each local day that has one.
pub(super) type CurrentBlocks = FxHashMap<DayKey, Version>;

/// Fetches and opens the newest version of each day that `incoming` is of.
pub(super) fn current_blocks(
    writing: &mut Writing,
    incoming: &[Incoming],
) -> Result<CurrentBlocks, StoreFault> {
    let days: Vec<DayKey> = incoming.iter().map(Incoming::day_key).collect();
    current_versions(writing, &days)
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
    Ok(current_version(writing, day_key)?.as_ref().and_then(of_key))
}

/// The number and values of the newest version of a local day; no values if they are erased.
pub(crate) fn current_block(
    writing: &mut Writing,
    day: Date,
    series: SeriesNo,
) -> Result<Option<(i64, Option<Block>)>, StoreFault> {
    let version = current_version(writing, (epoch_day(day), series))?;
    Ok(version.map(|version| (version.seq, version.block)))
}
