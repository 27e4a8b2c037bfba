//! Registering versions of series.
//!
//! Blocks come in as a batch; each is merged with the current version of its local day, validated,
//! sealed and added as a new version, all in one transaction. What is there already adds nothing, so
//! a file read twice changes nothing.

use jiff::{Timestamp, civil::Date};
use rusqlite::{OptionalExtension, params};
use rustc_hash::FxHashMap;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_metering::{Block, IntervalBlock, RegisterBlock, check_register_direction, check_unit};
use tidstro_model::{
    CategoryId, Decimal, Finding, KeyNo, Mark, Obis, Quality, RegisteredSeq, Rule, SeriesNo, SourceNo,
};

use super::state::{Judged, direction};
use super::telegram::{TelegramNo, settle_telegram};
use super::{Writing, block_row};
use crate::StoreFault;
use crate::reference::{RegisterOf, SeriesCategory, SeriesMeta, ensure_register_series, series_meta};

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

/// A register reading decoded from a telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewReading {
    /// Which register.
    pub register: RegisterOf,
    /// When it was read.
    pub at: Timestamp,
    /// The number, in the register's unit.
    pub number: Decimal,
    /// What the register measures, where a standard says so; tells its direction.
    pub obis: Option<Obis>,
}

/// What a batch did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Appended {
    /// Number of the registration; `None` if nothing was new.
    pub registered_seq: Option<RegisteredSeq>,
    /// Blocks of local days that had none.
    pub added: u64,
    /// New versions of local days that had one.
    pub changed: u64,
    /// Blocks that said nothing new.
    pub unchanged: u64,
    /// Readings refused because their unit is not the series' own.
    pub unit_refused: u64,
    /// Readings of a category the register does not let the reader collect; not kept.
    pub not_permitted: u64,
    /// How often each rule failed in the new versions.
    pub findings: FxHashMap<Rule, u64>,
}

/// Who registers: goes with the batch into its registration row.
pub(crate) struct Registrar {
    pub(crate) source: SourceNo,
    pub(crate) permit_seq: i64,
    pub(crate) now: Timestamp,
}

/// Registers a batch of blocks. Call inside [`Writing::transact`].
pub(crate) fn append_blocks(
    writing: &mut Writing,
    registrar: &Registrar,
    blocks: Vec<NewBlock>,
) -> Result<Appended, StoreFault> {
    let seq = next_seq(writing)?;
    let mut batch = Batch { seq, done: Appended::default(), plain: Vec::new(), findings: Vec::new() };
    for new in blocks {
        append_block(writing, &mut batch, new)?;
    }
    writing.save_states()?;
    if batch.done.added + batch.done.changed > 0 {
        register(writing, registrar, seq)?;
        batch.done.registered_seq = Some(RegisteredSeq::new(seq));
    }
    Ok(batch.done)
}

/// Registers what telegrams said and marks them: readings, or the reason there are none.
pub(crate) fn append_decoded(
    writing: &mut Writing,
    registrar: &Registrar,
    categories: &[&CategoryId],
    decoded: Vec<(TelegramNo, Result<Vec<NewReading>, String>)>,
) -> Result<Appended, StoreFault> {
    let mut days = DayBlocks::default();
    let (mut unit_refused, mut not_permitted) = (0, 0);
    for (telegram, outcome) in decoded {
        settle_telegram(&writing.db, telegram, outcome.as_ref().err().map(String::as_str))?;
        for reading in outcome.unwrap_or_default() {
            let category = SeriesCategory::of(reading.register.quantity).id();
            if !categories.iter().any(|permitted| permitted.as_str() == category) {
                not_permitted += 1;
                continue;
            }
            let series = ensure_register_series(&writing.db, &reading.register)?;
            let meta = writing.meta(series)?;
            if check_unit(meta.unit, reading.register.unit).is_none() {
                days.add(writing, &meta, &reading)?;
            } else {
                unit_refused += 1;
            }
        }
    }
    let mut done = append_blocks(writing, registrar, days.into_blocks()?)?;
    (done.unit_refused, done.not_permitted) = (unit_refused, not_permitted);
    if unit_refused > 0 {
        *done.findings.entry(Rule::Unit).or_default() += unit_refused;
    }
    Ok(done)
}

/// Seconds since local midnight, number, mark.
type DayReading = (u32, Decimal, Mark);

/// Readings gathered by series and local day, so that a batch makes one version of each.
#[derive(Default)]
struct DayBlocks {
    order: Vec<(SeriesNo, i32)>,
    readings: FxHashMap<(SeriesNo, i32), Vec<DayReading>>,
}

impl DayBlocks {
    fn add(&mut self, writing: &Writing, meta: &SeriesMeta, reading: &NewReading) -> Result<(), StoreFault> {
        let day = writing.zone.day_of(reading.at);
        let second = reading.at.as_second() - writing.zone.day_start(day).as_second();
        let offset =
            u32::try_from(second).map_err(|_| StoreFault::Row { what: "reading before its own day" })?;
        let key = (meta.series, epoch_day(day));
        let readings = self.readings.entry(key).or_insert_with(|| {
            self.order.push(key);
            Vec::new()
        });
        readings.push((offset, reading.number, mark_of(meta, reading)));
        Ok(())
    }

    fn into_blocks(mut self) -> Result<Vec<NewBlock>, StoreFault> {
        let mut blocks = Vec::with_capacity(self.order.len());
        for key in self.order {
            let readings = self.readings.remove(&key).unwrap_or_default();
            let day = from_epoch_day(key.1).ok_or(StoreFault::Row { what: "local day out of range" })?;
            blocks.push(NewBlock { series: key.0, day, block: Block::Register(day_block(readings)?) });
        }
        Ok(blocks)
    }
}

/// A measured value; one against the direction of its metering point says so.
fn mark_of(meta: &SeriesMeta, reading: &NewReading) -> Mark {
    let measured = Mark::new(Quality::Measured);
    match direction(meta.commodity)
        .zip(reading.obis)
        .and_then(|(point, obis)| check_register_direction(point, obis))
    {
        Some(finding) => measured.with(finding.rule),
        None => measured,
    }
}

/// One block of a day's readings, in the order of time and in the finest of their exponents.
fn day_block(mut readings: Vec<DayReading>) -> Result<RegisterBlock, StoreFault> {
    readings.sort_by_key(|(offset, ..)| *offset);
    let mut block: Option<RegisterBlock> = None;
    for (offset, number, mark) in readings {
        let mut one = RegisterBlock::empty(number.exponent());
        one.push(offset, number.mantissa(), mark)?;
        block = Some(match block {
            None => one,
            Some(whole) => RegisterBlock::merge(&whole, &one)?.unwrap_or(whole),
        });
    }
    Ok(block.unwrap_or_else(|| RegisterBlock::empty(0)))
}

/// A running batch: its number, its outcome, and memory used again for each block.
struct Batch {
    seq: i64,
    done: Appended,
    plain: Vec<u8>,
    findings: Vec<Finding>,
}

fn append_block(writing: &mut Writing, batch: &mut Batch, new: NewBlock) -> Result<(), StoreFault> {
    let meta = writing.meta(new.series)?;
    let period = epoch_day(new.day);
    let key = writing.key_on(meta.point, period)?;
    let current = current_block(writing, period, new.series)?;
    let is_first = current.is_none();
    let Some(mut block) = merged(current, new.block)? else {
        batch.done.unchanged += 1;
        return Ok(());
    };
    batch.findings.clear();
    let judged = Judged { meta: &meta, key, day: new.day, is_first };
    writing.validate(&judged, &mut block, &mut batch.findings)?;
    batch.plain.clear();
    block.encode(&mut batch.plain);
    insert_block(writing, batch, (period, new.series, key))?;
    insert_findings(writing, batch, period, new.series)?;
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

fn current_block(writing: &mut Writing, period: i32, series: SeriesNo) -> Result<Option<Block>, StoreFault> {
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
    let plain = writing.vault.key(key)?.open(&block_row(period, series, seq, key), &sealed)?;
    Ok(Some(Block::decode(&plain)?))
}

fn insert_block(
    writing: &mut Writing,
    batch: &Batch,
    (period, series, key): (i32, SeriesNo, KeyNo),
) -> Result<(), StoreFault> {
    let row = block_row(period, series, batch.seq, key);
    let sealed = writing.vault.key(key)?.seal(writing.nonces.next()?, &row, &batch.plain)?;
    // OR REPLACE only ever meets a row of this very registration, which is not durable yet.
    writing
        .db
        .prepare_cached(
            "-- insert_block
             INSERT OR REPLACE INTO series_block (period, series_no, registered_seq, key_no, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![period, series.as_u32(), batch.seq, key.as_u32(), sealed])?;
    Ok(())
}

fn insert_findings(
    writing: &Writing,
    batch: &mut Batch,
    period: i32,
    series: SeriesNo,
) -> Result<(), StoreFault> {
    for finding in &batch.findings {
        *batch.done.findings.entry(finding.rule).or_default() += 1;
        writing
            .db
            .prepare_cached(
                "-- insert_finding
                 INSERT OR IGNORE INTO finding (period, series_no, registered_seq, position, rule)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![period, series.as_u32(), batch.seq, finding.position, finding.rule.code()])?;
    }
    Ok(())
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

/// Registration times never go back, also when the clock does: `as_of` orders by them.
fn register(writing: &Writing, registrar: &Registrar, seq: i64) -> Result<(), StoreFault> {
    writing
        .db
        .prepare_cached(
            "-- register
             INSERT INTO registration (registered_seq, registered_ms, source_no, permit_seq)
             SELECT ?1, max(?2, ifnull((SELECT max(registered_ms) FROM registration), ?2)), ?3, ?4",
        )?
        .execute(params![
            seq,
            registrar.now.as_millisecond(),
            registrar.source.as_u32(),
            registrar.permit_seq
        ])?;
    Ok(())
}

impl Writing {
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
