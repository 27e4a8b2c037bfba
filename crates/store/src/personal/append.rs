//! Registering versions of series.
//!
//! Blocks come in as a batch; each is merged with the current version of its local day, validated,
//! sealed and added as a new version, all in one transaction. What is there already adds nothing, so
//! a file read twice changes nothing.

use std::sync::Arc;

use crate::db::{OptionalExtension, params};
use jiff::{Timestamp, civil::Date};
use rustc_hash::FxHashMap;
use tidstro_calendar::epoch_day;
use tidstro_metering::{Block, IntervalBlock, RegisterBlock};
use tidstro_model::{CategoryId, Finding, KeyNo, PointNo, QuantityKind, Rule, SeriesNo, SourceNo};

use super::alarm::AlarmCounts;
use super::cover::Cover;
use super::place::Kind;
use super::state::Judged;
use super::{Writing, block_row};
use crate::gate::Terms;
use crate::reference::{SeriesCategory, SeriesMeta, series_meta};
use crate::{StoreFault, log};

/// A block to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBlock {
    /// The series.
    pub series: SeriesNo,
    /// The local day.
    pub day: Date,
    /// Its values.
    pub block: Block,
}

/// What a batch did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Appended {
    /// Blocks of local days that had none.
    pub added: u64,
    /// New versions of local days that had one.
    pub changed: u64,
    /// Blocks that said nothing new.
    pub unchanged: u64,
    /// Readings of a category the register does not let the reader collect; not kept.
    pub not_permitted: u64,
    /// Intervals against the direction of their metering point; not kept.
    pub other_direction: u64,
    /// Blocks of local days that are no longer kept, or lie before the point's history; not kept.
    pub too_old: u64,
    /// How often each rule failed in the new versions.
    pub findings: FxHashMap<Rule, u64>,
    /// What became of alarms.
    pub alarms: AlarmCounts,
}

/// Who registers, from where, under which grant.
pub(crate) struct Registrar {
    pub(crate) source: SourceNo,
    pub(crate) terms: Arc<Terms>,
    pub(crate) now: Timestamp,
    /// The category of alarms, if the register has one.
    pub(crate) alarms: Option<CategoryId>,
}

/// Registers a batch of blocks. Call inside [`Writing::transact`]. A block that no permit covers is not
/// kept, and counted.
pub(crate) fn append_blocks(
    writing: &mut Writing,
    registrar: &Registrar,
    covers: &[Cover],
    blocks: Vec<NewBlock>,
) -> Result<Appended, StoreFault> {
    let mut batch = Batch::begin(writing, registrar)?;
    for new in blocks {
        let meta = writing.meta(new.series)?;
        match admitted(writing, covers, &meta, new.day)? {
            Admitted::As(key) => append_block(writing, &mut batch, (&meta, key), new)?,
            Admitted::TooOld => batch.done.too_old += 1,
            Admitted::NotPermitted => batch.done.not_permitted += 1,
        }
    }
    writing.save_states()?;
    batch.finish(writing)
}

/// Whether a block may be kept.
enum Admitted {
    /// Yes, sealed with this key.
    As(KeyNo),
    /// Its day is no longer kept.
    TooOld,
    /// No permit reaches it.
    NotPermitted,
}

fn admitted(
    writing: &mut Writing,
    covers: &[Cover],
    meta: &SeriesMeta,
    day: Date,
) -> Result<Admitted, StoreFault> {
    let category = SeriesCategory::of(meta.quantity);
    let period = epoch_day(day);
    let owner = writing.owner_of(meta.point, Kind::Series(category), period)?;
    let area = writing.area_of(meta.point)?;
    let is_reached =
        |cover: &Cover| cover.covers(category.id(), area) && cover.reaches(owner.occupancy, period);
    if !covers.iter().any(is_reached) {
        return Ok(Admitted::NotPermitted);
    }
    if owner.is_over || writing.is_erased(owner.key, day)? {
        return Ok(Admitted::TooOld);
    }
    Ok(Admitted::As(owner.key))
}

/// Whether one of the permits is for this category and this kind of area.
pub(super) fn is_covered(
    writing: &mut Writing,
    covers: &[Cover],
    point: PointNo,
    quantity: QuantityKind,
) -> Result<bool, StoreFault> {
    let (category, area) = (SeriesCategory::of(quantity).id(), writing.area_of(point)?);
    Ok(covers.iter().any(|cover| cover.covers(category, area)))
}

/// A running batch: its outcome, and memory used again for each block.
struct Batch<'a> {
    registrar: &'a Registrar,
    /// Number of the registration now being filled.
    seq: i64,
    /// Blocks in it.
    filled: u64,
    done: Appended,
    plain: Vec<u8>,
    findings: Vec<Finding>,
}

impl<'a> Batch<'a> {
    fn begin(writing: &Writing, registrar: &'a Registrar) -> Result<Self, StoreFault> {
        let seq = next_seq(writing)?;
        let (done, plain, findings) = (Appended::default(), Vec::new(), Vec::new());
        Ok(Self { registrar, seq, filled: 0, done, plain, findings })
    }

    /// Closes the registration and begins the next. A batch that says two things about one day of a
    /// series gets one registration for each, so that both stay readable.
    fn next_registration(&mut self, writing: &mut Writing) -> Result<(), StoreFault> {
        register(writing, self)?;
        self.seq += 1;
        self.filled = 0;
        Ok(())
    }

    fn finish(self, writing: &mut Writing) -> Result<Appended, StoreFault> {
        if self.filled > 0 {
            register(writing, &self)?;
        }
        Ok(self.done)
    }
}

fn append_block(
    writing: &mut Writing,
    batch: &mut Batch<'_>,
    (meta, key): (&SeriesMeta, KeyNo),
    new: NewBlock,
) -> Result<(), StoreFault> {
    let (current_seq, current) = current_block(writing, new.day, new.series)?.unzip();
    let current = current.flatten();
    let is_first = current.is_none();
    let Some(mut block) = merged(current, new.block)? else {
        batch.done.unchanged += 1;
        return Ok(());
    };
    if current_seq == Some(batch.seq) {
        batch.next_registration(writing)?;
    }
    batch.findings.clear();
    let judged = Judged { meta, key, day: new.day, is_first };
    writing.validate(&judged, &mut block, &mut batch.findings)?;
    batch.plain.clear();
    block.encode(&mut batch.plain);
    insert_block(writing, batch, (new.day, new.series, key))?;
    count_findings(batch);
    batch.filled += 1;
    *(if is_first { &mut batch.done.added } else { &mut batch.done.changed }) += 1;
    Ok(())
}

fn merged(current: Option<Block>, incoming: Block) -> Result<Option<Block>, StoreFault> {
    Ok(match (current, incoming) {
        (None, incoming) => Some(incoming),
        (Some(Block::Interval(current)), Block::Interval(incoming)) => {
            IntervalBlock::merge(&current, &incoming)?.map(Block::Interval)
        }
        (Some(Block::Register(current)), Block::Register(incoming)) => {
            RegisterBlock::merge(&current, &incoming)?.map(Block::Register)
        }
        (Some(_), _) => return Err(StoreFault::Row { what: "series_block.sealed is of the other kind" }),
    })
}

/// The newest version of a day and its number; without the block if it is erased.
fn current_block(
    writing: &mut Writing,
    day: Date,
    series: SeriesNo,
) -> Result<Option<(i64, Option<Block>)>, StoreFault> {
    let period = epoch_day(day);
    let found: Option<(i64, u32, Vec<u8>)> = writing
        .db
        .prepare_cached(
            "-- current_block
             SELECT registered_seq, key_no, sealed FROM series_block
             WHERE period = ?1 AND series_no = ?2 ORDER BY registered_seq DESC LIMIT 1",
        )?
        .query_row(params![period, series.as_u32()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((seq, key, sealed)) = found else { return Ok(None) };
    let key = KeyNo::new(key);
    let sealing = match writing.vault.key(key, day) {
        Ok(sealing) => sealing,
        Err(fault) if fault.is_erased() => return Ok(Some((seq, None))),
        Err(fault) => return Err(fault),
    };
    let plain = sealing.open(&block_row(period, series, seq, key), &sealed)?;
    Ok(Some((seq, Some(Block::decode(&plain)?))))
}

fn insert_block(
    writing: &mut Writing,
    batch: &Batch<'_>,
    (day, series, key): (Date, SeriesNo, KeyNo),
) -> Result<(), StoreFault> {
    let period = epoch_day(day);
    let row = block_row(period, series, batch.seq, key);
    let sealing = writing.vault.key(key, day)?;
    let sealed = sealing.seal(writing.nonces.next()?, &row, &batch.plain)?;
    writing
        .db
        .prepare_cached(
            "-- insert_block
             INSERT INTO series_block (period, series_no, registered_seq, key_no, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![period, series.as_u32(), batch.seq, key.as_u32(), sealed])?;
    Ok(())
}

/// One rule fails once at one position, however often it reports it.
fn count_findings(batch: &mut Batch<'_>) {
    batch.findings.sort_unstable_by_key(|finding| (finding.position, finding.rule));
    batch.findings.dedup();
    for finding in &batch.findings {
        *batch.done.findings.entry(finding.rule).or_default() += 1;
    }
}

fn next_seq(writing: &Writing) -> Result<i64, StoreFault> {
    let last: Option<i64> = writing
        .db
        .prepare_cached(
            "-- last_registration
             SELECT max(registered_seq) FROM registration",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(last.unwrap_or(0) + 1)
}

/// Registration times never go back, also when the clock does: `as_of` orders by them. Each registration
/// is an event.
fn register(writing: &mut Writing, batch: &Batch<'_>) -> Result<(), StoreFault> {
    let Registrar { source, terms, now, .. } = batch.registrar;
    writing
        .db
        .prepare_cached(
            "-- register
             INSERT INTO registration (registered_seq, registered_ms, source_no, permit_seq)
             SELECT ?1, max(?2, ifnull((SELECT max(registered_ms) FROM registration), ?2)), ?3, ?4",
        )?
        .execute(params![batch.seq, now.as_millisecond(), source.as_u32(), terms.seq])?;
    let detail = format!("registration {}: {} blocks of source {source}", batch.seq, batch.filled);
    log::append(writing, terms.registered(detail, *now))?;
    Ok(())
}

impl Writing {
    /// Whether a key seals nothing of this local day any more: what is of it cannot be kept.
    pub(super) fn is_erased(&mut self, key: KeyNo, day: Date) -> Result<bool, StoreFault> {
        match self.vault.key(key, day) {
            Ok(_) => Ok(false),
            Err(fault) if fault.is_erased() => Ok(true),
            Err(fault) => Err(fault),
        }
    }

    /// What is known of a series, looked up once.
    pub(super) fn meta(&mut self, series: SeriesNo) -> Result<SeriesMeta, StoreFault> {
        if let Some(meta) = self.metas.get(&series) {
            return Ok(*meta);
        }
        let meta = series_meta(&self.db, series)?;
        self.metas.insert(series, meta);
        Ok(meta)
    }
}
