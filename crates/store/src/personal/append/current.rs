//! The current versions of the local days of a batch.

use rustc_hash::FxHashMap;
use tidstro_metering::Block;
use tidstro_model::KeyNo;

use super::{DayKey, Incoming};
use crate::StoreFault;
use crate::db::{OptionalExtension, params};
use crate::personal::{Writing, block_row};

/// The newest version of a local day.
pub(super) struct Version {
    /// Number of its registration.
    pub(super) seq: i64,
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
            current.insert(day_key, opened(writing, incoming, stored)?);
        }
    }
    Ok(current)
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

fn opened(writing: &mut Writing, incoming: &Incoming, stored: Stored) -> Result<Version, StoreFault> {
    let Stored { seq, key, sealed } = stored;
    let (period, series) = incoming.day_key();
    let sealing = match writing.vault.key(key, incoming.day) {
        Ok(sealing) => sealing,
        Err(fault) if fault.is_erased() => return Ok(Version { seq, block: None }),
        Err(fault) => return Err(fault),
    };
    let plain = sealing.open(&block_row(period, series, seq, key), &sealed)?;
    Ok(Version { seq, block: Some(Block::decode(&plain)?) })
}
