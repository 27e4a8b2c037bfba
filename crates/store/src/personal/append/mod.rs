//! Registering versions of series.
//!
//! Blocks come in as a batch; each is merged with the current version of its local day, validated,
//! sealed and added as a new version, all in one transaction. What is there already adds nothing, so
//! a file read twice changes nothing. The current versions of a whole batch are fetched before, and its
//! rows are written after, so that a database across a network is asked once for each.

mod change;
mod current;
mod news;
mod rows;

use std::sync::Arc;

use crate::db::params;
use jiff::{Timestamp, civil::Date};
use rustc_hash::FxHashMap;
use tidstro_calendar::epoch_day;
use tidstro_metering::{Block, Explained, explain_overruled};
use tidstro_model::{CategoryId, KeyNo, PointNo, QuantityKind, Rule, SeriesNo, SourceNo};

use super::alarm::AlarmCounts;
use super::alarm_chain::{is_watched, watch_chains, watches};
use super::cause::{Cause, Note, keep_note};
use super::cover::Cover;
use super::cycle::{CycleChanges, LastRelease};
use super::findings::FindingChanges;
use super::place::Kind;
use super::state::Judged;
use super::sum_judged::{SumDays, judge_sums, judges_sums};
use super::{Writing, block_row};
use crate::gate::Terms;
use crate::reference::{SeriesCategory, SeriesMeta, series_meta};
use crate::{StoreFault, log, settlement};
pub(crate) use change::DayChange;
use current::{CurrentBlocks, Version, current_blocks, day_before};
use news::news;
pub(super) use news::{cause_of, maker};
use rows::{BlockRow, insert_blocks};

pub(crate) use current::current_block;

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
    /// Why.
    pub(crate) cause: Cause,
}

/// What a local day of a series becomes.
pub(crate) struct NewVersion {
    pub(crate) series: SeriesNo,
    pub(crate) day: Date,
    pub(crate) change: DayChange,
    /// Who says so, and why, where a person does.
    pub(crate) note: Option<Note>,
}

impl From<NewBlock> for NewVersion {
    fn from(NewBlock { series, day, block }: NewBlock) -> Self {
        Self { series, day, change: DayChange::Merge(block), note: None }
    }
}

/// Registers a batch of blocks. Call inside [`Writing::transact`]. A block that no permit covers is not
/// kept, and counted.
pub(crate) fn append_blocks(
    writing: &mut Writing,
    registrar: &Registrar,
    covers: &[Cover],
    blocks: Vec<NewBlock>,
) -> Result<Appended, StoreFault> {
    writing.look_up(blocks.iter().map(|block| (block.series, block.day)))?;
    append_versions(writing, registrar, covers, blocks.into_iter().map(NewVersion::from))
}

/// Registers what local days become. Call inside [`Writing::transact`], in which what is replaced was read too. What no
/// permit covers is not kept, and counted.
pub(crate) fn append_versions(
    writing: &mut Writing,
    registrar: &Registrar,
    covers: &[Cover],
    versions: impl Iterator<Item = NewVersion>,
) -> Result<Appended, StoreFault> {
    let (mut done, sums) = append_batch(writing, registrar, covers, versions)?;
    judge_sums(writing, registrar, covers, (&sums, &mut done))?;
    Ok(done)
}

/// Registers the versions; returns also the days whose sum may be judged now.
fn append_batch(
    writing: &mut Writing,
    registrar: &Registrar,
    covers: &[Cover],
    versions: impl Iterator<Item = NewVersion>,
) -> Result<(Appended, SumDays), StoreFault> {
    let mut batch = Batch::begin(writing, registrar)?;
    batch.judges_sums = judges_sums(writing, registrar)?;
    batch.is_watching = watches(registrar, covers);
    let incoming = batch.admit(writing, covers, versions)?;
    let mut current = current_blocks(writing, &incoming)?;
    writing.fetch_states(incoming.iter().map(|incoming| (incoming.meta.series, incoming.key)))?;
    for incoming in incoming {
        append_block(writing, &mut batch, &mut current, incoming)?;
    }
    insert_blocks(&writing.db, &batch.rows)?;
    writing.save_states()?;
    batch.done.alarms = watch_chains(writing, registrar, covers, &batch.watched)?;
    let sums = std::mem::take(&mut batch.sums);
    Ok((batch.finish(writing)?, sums))
}

/// A block that may be kept.
struct Incoming {
    meta: SeriesMeta,
    /// What seals it.
    key: KeyNo,
    day: Date,
    change: DayChange,
    note: Option<Note>,
}

impl Incoming {
    fn day_key(&self) -> DayKey {
        (epoch_day(self.day), self.meta.series)
    }
}

/// One local day, counted from 1970-01-01, of one series.
type DayKey = (i32, SeriesNo);

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

/// A running batch: its outcome, its rows, and memory used again for each block.
struct Batch<'a> {
    registrar: &'a Registrar,
    /// Number of the registration now being filled.
    seq: i64,
    /// Blocks in it.
    filled: u64,
    done: Appended,
    rows: Vec<BlockRow>,
    plain: Vec<u8>,
    findings: Vec<Explained>,
    /// Counts of operating days that change.
    cycle: CycleChanges,
    /// What waits for a decision, or does so no more.
    waiting: FindingChanges,
    /// Whether alarms of chains of estimates are kept, and the series that may have one.
    is_watching: bool,
    watched: Vec<SeriesNo>,
    /// Whether sums are judged afterwards, and on which days.
    judges_sums: bool,
    sums: SumDays,
}

impl<'a> Batch<'a> {
    fn begin(writing: &Writing, registrar: &'a Registrar) -> Result<Self, StoreFault> {
        let (seq, done) = (next_seq(writing)?, Appended::default());
        let (rows, plain, findings) = (Vec::new(), Vec::new(), Vec::new());
        let (cycle, watched) = (CycleChanges::default(), Vec::new());
        Ok(Self {
            registrar,
            seq,
            filled: 0,
            done,
            rows,
            plain,
            findings,
            cycle,
            waiting: FindingChanges::default(),
            is_watching: false,
            watched,
            judges_sums: false,
            sums: SumDays::new(),
        })
    }

    /// Takes the blocks that may be kept, and counts the others.
    fn admit(
        &mut self,
        writing: &mut Writing,
        covers: &[Cover],
        versions: impl Iterator<Item = NewVersion>,
    ) -> Result<Vec<Incoming>, StoreFault> {
        let mut incoming = Vec::with_capacity(versions.size_hint().0);
        for NewVersion { series, day, change, note } in versions {
            let meta = writing.meta(series)?;
            match admitted(writing, covers, &meta, day)? {
                Admitted::As(key) => incoming.push(Incoming { meta, key, day, change, note }),
                Admitted::TooOld => self.done.too_old += 1,
                Admitted::NotPermitted => self.done.not_permitted += 1,
            }
        }
        Ok(incoming)
    }

    /// Closes the registration and begins the next. A batch that says two things about one day of a
    /// series gets one registration for each, so that both stay readable.
    fn next_registration(&mut self, writing: &mut Writing) -> Result<(), StoreFault> {
        register(writing, self)?;
        self.seq += 1;
        self.filled = 0;
        Ok(())
    }

    /// Seals a block as a version of the registration being filled.
    fn seal(&mut self, writing: &mut Writing, change: &BlockChange<'_>) -> Result<(), StoreFault> {
        let BlockChange { meta, key, day, .. } = *change;
        let (period, series, registered_seq) = (epoch_day(day), meta.series, self.seq);
        self.plain.clear();
        change.new.encode(&mut self.plain);
        let row = block_row(period, series, registered_seq, key);
        let sealing = writing.vault.key(key, day)?;
        let sealed = sealing.seal(writing.nonces.next()?, &row, &self.plain)?;
        self.rows.push(BlockRow { period, series, registered_seq, key, sealed });
        self.filled += 1;
        Ok(())
    }

    /// Counts a new version. One rule fails once at one position, however often it reports it.
    fn count(&mut self, change: &BlockChange<'_>) {
        *(if change.old.is_none() { &mut self.done.added } else { &mut self.done.changed }) += 1;
        self.findings.sort_unstable_by_key(|found| (found.position, found.rule()));
        self.findings.dedup_by_key(|found| (found.position, found.rule()));
        for found in &self.findings {
            *self.done.findings.entry(found.rule()).or_default() += 1;
        }
    }

    fn finish(self, writing: &mut Writing) -> Result<Appended, StoreFault> {
        if self.filled > 0 {
            register(writing, &self)?;
        }
        self.cycle.save(&writing.db)?;
        self.waiting.save(&writing.db)?;
        Ok(self.done)
    }
}

fn append_block(
    writing: &mut Writing,
    batch: &mut Batch<'_>,
    current: &mut CurrentBlocks,
    Incoming { meta, key, day, change, note }: Incoming,
) -> Result<(), StoreFault> {
    let day_key = (epoch_day(day), meta.series);
    let version = current.get(&day_key);
    let (old_seq, old) =
        (version.map(|version| version.seq), version.and_then(|version| version.block.as_ref()));
    let (change, overruled) = news(writing, (day_key, version), &batch.registrar.cause, change)?;
    let is_judged = matches!(change, DayChange::Judged(_));
    let Some(mut new) = change.applied(old)? else {
        batch.done.unchanged += 1;
        return Ok(());
    };
    if old_seq == Some(batch.seq) {
        batch.next_registration(writing)?;
    }
    batch.findings.clear();
    let released = old.map_or(Ok(None), |_| batch.cycle.last_release(writing, &meta, day_key.0))?;
    let eve = day_before(writing, current, (&meta, key), day)?;
    let judged = Judged {
        meta: &meta,
        key,
        day,
        is_first: old.is_none(),
        now: batch.registrar.now,
        eve: eve.as_ref(),
        released: released.and(old),
    };
    if !is_judged {
        writing.validate(&judged, &mut new, &mut batch.findings)?;
    }
    explain_overruled(&mut new, &overruled, &mut batch.findings);
    correct_if_released(released, old, &mut new)?;
    if let Some(note) = note {
        keep_note(writing, (day_key.0, day_key.1, batch.seq), (key, day), &note)?;
    }
    let change = BlockChange { meta: &meta, key, day, old_seq, old, new: &new, released };
    block_changed(writing, batch, &change)?;
    current.insert(day_key, Version { seq: batch.seq, key, block: Some(new) });
    Ok(())
}

/// A new version of a local day, beside the one it takes the place of.
struct BlockChange<'a> {
    meta: &'a SeriesMeta,
    /// What seals the new version.
    key: KeyNo,
    day: Date,
    /// The version before; `None` for the first, or if the one before is erased.
    old: Option<&'a Block>,
    /// The registration of the version before, also if that one is erased.
    old_seq: Option<i64>,
    /// The version that is added, validated.
    new: &'a Block,
    /// What was released of the day.
    released: Option<LastRelease>,
}

/// What changes after others were given the day as final is a correction (D.1 § 4(4)), also where nothing was before.
fn correct_if_released(
    released: Option<LastRelease>,
    old: Option<&Block>,
    new: &mut Block,
) -> Result<(), StoreFault> {
    if let (Some(_), Some(Block::Interval(old)), Block::Interval(new)) = (released, old, new) {
        new.correct_since(old)?;
    }
    Ok(())
}

/// What follows from a new version, in the transaction that adds it. Whatever is kept up to date with the series (sums,
/// boards) takes its difference here: from `old` to `new`, of one local day, under the registration `batch.seq`.
fn block_changed(
    writing: &mut Writing,
    batch: &mut Batch<'_>,
    change: &BlockChange<'_>,
) -> Result<(), StoreFault> {
    batch.seal(writing, change)?;
    batch.count(change);
    let BlockChange { meta, day, old_seq, old, new, released, .. } = *change;
    if batch.is_watching && is_watched(writing, (meta, day), new)? {
        batch.watched.push(meta.series);
    }
    if batch.judges_sums {
        writing.note_sum_days((meta, epoch_day(day)), new, &mut batch.sums)?;
    }
    settlement::block_changed(writing, meta, day, old, Some(new))?;
    batch.waiting.version_added(writing, (meta, epoch_day(day)), old, new)?;
    batch.cycle.version_added(writing, (meta, epoch_day(day)), old_seq.zip(old), released, new)
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
    let Registrar { source, terms, now, cause, .. } = batch.registrar;
    writing
        .db
        .prepare_cached(
            "-- register
             INSERT INTO registration (registered_seq, registered_ms, source_no, permit_seq, cause, made_by)
             SELECT ?1, coalesce(max(r.registered_ms), ?2), ?3, ?4, ?5, ?6
             FROM registration r WHERE r.registered_ms > ?2",
        )?
        .execute(params![
            batch.seq,
            now.as_millisecond(),
            source.as_u32(),
            terms.seq,
            cause.kind.word(),
            cause.made_by
        ])?;
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
    pub(crate) fn meta(&mut self, series: SeriesNo) -> Result<SeriesMeta, StoreFault> {
        if let Some(meta) = self.metas.get(&series) {
            return Ok(*meta);
        }
        let meta = series_meta(&self.db, series)?;
        self.metas.insert(series, meta);
        Ok(meta)
    }
}
