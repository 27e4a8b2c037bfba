//! Compaction: blocks of closed months become months.
//!
//! A scope and a place to go on from come in; how many months were written goes out, and where the next step begins. A step is
//! one short transaction over a few series: stopped or killed between two, nothing is lost or doubled, and the next
//! step goes on with what is left. Never: a value shown to anybody, a version more or less, a day whose versions lie
//! under different keys, which stays as it is.

use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_metering::{Block, MonthFault, MonthVersion, VersionOf};
use tidstro_model::{AreaNo, KeyNo, SeriesNo};
use zeroize::Zeroizing;

use super::month_rows::{MonthRow, Slot, month_after, month_of, month_rows, replace_rows};
use crate::StoreFault;
use crate::db::{Connection, OptionalExtension, params};
use crate::personal::cover::Cover;
use crate::personal::place::Kind;
use crate::personal::reseal::{SealedBlock, blocks_on};
use crate::personal::{Writing, block_row};
use crate::reference::SeriesCategory;

/// What may be compacted.
pub(crate) struct CompactScope {
    /// What the permits cover.
    pub(crate) covers: Vec<Cover>,
    /// Series of this area only.
    pub(crate) area: Option<AreaNo>,
    pub(crate) bite: CompactBite,
}

/// What one step goes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompactBite {
    /// Months before the one that this local day lies in.
    pub before: Date,
    /// Where the step begins; at the oldest month without it.
    pub from: Option<CompactCursor>,
    /// How many series at most: so long others that write wait.
    pub series: u32,
}

/// Where a step begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompactCursor {
    /// The first local day of the month, counted from 1970-01-01.
    period: i32,
    /// The last series that is done.
    after: u32,
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CompactStep {
    /// Where the next step begins; `None` when nothing is left.
    pub next: Option<CompactCursor>,
    /// Months written.
    pub months: u64,
    /// Versions of single days that lie in them now.
    pub versions: u64,
    /// Local days that stay as they are: their versions lie under different keys, open no more, or are too many.
    pub left: u64,
    /// The month it worked on: its first local day.
    pub month: Option<Date>,
}

/// Compacts the next series. Call inside [`Writing::transact`].
///
/// # Errors
/// [`StoreFault::RunUnfinished`] while a retention run is under way: it splits months before keys forget, and nothing may put
/// them together again meanwhile.
pub(crate) fn compact_step(writing: &mut Writing, scope: &CompactScope) -> Result<CompactStep, StoreFault> {
    no_run_is_unfinished(&writing.db)?;
    let before = month_of(epoch_day(scope.bite.before))?;
    let begin = scope.bite.from.unwrap_or(CompactCursor { period: i32::MIN, after: 0 });
    let Some(period) = next_month(&writing.db, begin.period, before)? else {
        return Ok(CompactStep::default());
    };
    let after = if period == begin.period { begin.after } else { 0 };
    let series = next_series(&writing.db, (scope.area, scope.bite.series), (period, after))?;
    let mut step = CompactStep { month: from_epoch_day(period), ..CompactStep::default() };
    for series in &series {
        compact_month(writing, scope, (period, *series), &mut step)?;
    }
    step.next = Some(match series.last() {
        Some(last) => CompactCursor { period, after: last.as_u32() },
        None => CompactCursor { period: month_after(period)?, after: 0 },
    });
    Ok(step)
}

fn no_run_is_unfinished(db: &Connection) -> Result<(), StoreFault> {
    let running: Option<u64> = db
        .prepare_cached(
            "-- unfinished_run
             SELECT preview_no FROM retention_preview WHERE state = 'running' LIMIT 1",
        )?
        .query_row([], |row| row.get::<_, i64>(0))
        .optional()?
        .map(i64::unsigned_abs);
    running.map_or(Ok(()), |preview| Err(StoreFault::RunUnfinished { preview }))
}

/// The first month from one on, before another, of which days lie in rows of their own.
fn next_month(db: &Connection, from: i32, before: i32) -> Result<Option<i32>, StoreFault> {
    let first: Option<i32> = db
        .prepare_cached(
            "-- next_month_of_days
             SELECT min(b.period) FROM series_block b WHERE b.period >= ?1 AND b.period < ?2",
        )?
        .query_row(params![from, before], |row| row.get(0))?;
    first.map(month_of).transpose()
}

/// The next series with days of a month in rows of their own. What nobody has placed stays as it is: it is kept for a
/// short time, and moved when it is placed.
fn next_series(
    db: &Connection,
    (area, count): (Option<AreaNo>, u32),
    (period, after): (i32, u32),
) -> Result<Vec<SeriesNo>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- next_series_of_days
         SELECT DISTINCT b.series_no
         FROM series_block b JOIN series s ON s.series_no = b.series_no
              JOIN point p ON p.point_no = s.point_no JOIN area a ON a.area_no = p.area_no
         WHERE b.period = ?1 AND b.series_no > ?2 AND a.kind <> 'unassigned' AND (CAST(?3 AS BIGINT) IS NULL OR p.area_no = ?3)
         ORDER BY b.series_no LIMIT ?4",
    )?;
    let mut series: Vec<u32> = Vec::new();
    for day in period..month_after(period)? {
        let numbers = params![day, after, area.map(AreaNo::as_u32), count];
        let found = statement.query_map(numbers, |row| row.get(0))?;
        series.extend(found.collect::<Result<Vec<u32>, _>>()?);
        series.sort_unstable();
        series.dedup();
        series.truncate(count as usize);
    }
    Ok(series.into_iter().map(SeriesNo::new).collect())
}

/// Compacts one series in one month: what lies under each key becomes one row.
fn compact_month(
    writing: &mut Writing,
    scope: &CompactScope,
    (period, series): (i32, SeriesNo),
    step: &mut CompactStep,
) -> Result<(), StoreFault> {
    let rows = month_rows(&writing.db, (period, series))?;
    let mut taken: Vec<(KeyNo, Vec<SealedBlock>)> = Vec::new();
    for day in period..month_after(period)? {
        let blocks = blocks_on(&writing.db, (day, series))?;
        match whose_day(writing, scope, &rows, (day, series, &blocks))? {
            DayIs::Under(key) => match taken.iter_mut().find(|(of, _)| *of == key) {
                Some((_, under)) => under.extend(blocks),
                None => taken.push((key, blocks)),
            },
            DayIs::NotReached => {}
            DayIs::Left => step.left += 1,
        }
    }
    for (key, blocks) in taken {
        let slot = Slot { period, series, key };
        let count = blocks.len() as u64;
        match fold(writing, slot, &rows, &blocks) {
            Ok(()) => {
                step.months += 1;
                step.versions += count;
            }
            Err(StoreFault::Month(MonthFault::TooManyValues | MonthFault::TooManyVersions { .. })) => {
                step.left += count;
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

enum DayIs {
    /// All its versions lie under this key.
    Under(KeyNo),
    /// It has no rows of its own, or no permit reaches it.
    NotReached,
    /// It stays as it is.
    Left,
}

fn whose_day(
    writing: &mut Writing,
    scope: &CompactScope,
    rows: &[MonthRow],
    (day, series, blocks): (i32, SeriesNo, &[SealedBlock]),
) -> Result<DayIs, StoreFault> {
    let Some(key) = blocks.first().map(|block| block.key) else { return Ok(DayIs::NotReached) };
    if !is_reached(writing, scope, (day, series))? {
        return Ok(DayIs::NotReached);
    }
    let in_other_rows =
        rows.iter().filter(|row| row.slot.key != key).any(|row| row.days().any(|of| of == day));
    let date = from_epoch_day(day).ok_or(StoreFault::Row { what: "series_block.period" })?;
    let stays =
        in_other_rows || blocks.iter().any(|block| block.key != key) || writing.is_erased(key, date)?;
    Ok(if stays { DayIs::Left } else { DayIs::Under(key) })
}

fn is_reached(
    writing: &mut Writing,
    scope: &CompactScope,
    (day, series): (i32, SeriesNo),
) -> Result<bool, StoreFault> {
    let meta = writing.meta(series)?;
    let category = SeriesCategory::of(meta.quantity);
    let owner = writing.owner_of(meta.point, Kind::Series(category), day)?;
    let area = writing.area_of(meta.point)?;
    let reaches = |cover: &Cover| cover.covers(category.id(), area) && cover.reaches(owner.occupancy, day);
    Ok(scope.covers.iter().any(reaches))
}

/// Puts blocks of one key, and what the month's rows hold under it already, into one row.
fn fold(
    writing: &mut Writing,
    slot: Slot,
    rows: &[MonthRow],
    blocks: &[SealedBlock],
) -> Result<(), StoreFault> {
    let mut versions = Vec::with_capacity(blocks.len());
    let mut replaced = Vec::new();
    for row in rows.iter().filter(|row| row.slot == slot) {
        if let Some(held) = row.versions(&mut writing.vault)? {
            versions.extend(held);
            replaced.push(row);
        }
    }
    for block in blocks {
        versions.push(opened(writing, slot, block)?);
    }
    replace_rows(writing, slot, &replaced, &versions)?;
    for block in blocks {
        take_out(&writing.db, block)?;
    }
    Ok(())
}

fn opened(writing: &mut Writing, slot: Slot, block: &SealedBlock) -> Result<MonthVersion, StoreFault> {
    let SealedBlock { period: day, series, seq, key, sealed } = block;
    let date = from_epoch_day(*day).ok_or(StoreFault::Row { what: "series_block.period" })?;
    let sealing = writing.vault.key(*key, date)?;
    let plain = Zeroizing::new(sealing.open(&block_row(*day, *series, *seq, *key), sealed)?);
    let of = VersionOf { day: slot.day_of_month(*day)?, seq: *seq };
    Ok(MonthVersion { of, block: Block::decode(&plain)? })
}

/// The version lies in a month's row of the same transaction now.
fn take_out(db: &Connection, block: &SealedBlock) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- take_out_compacted
         DELETE FROM series_block WHERE period = ?1 AND series_no = ?2 AND registered_seq = ?3",
    )?
    .execute(params![block.period, block.series.as_u32(), block.seq])?;
    Ok(())
}
