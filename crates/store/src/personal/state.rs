//! What the rules must remember of a series between local days, and how a block is validated with it.
//!
//! The memory belongs to one occupancy: when the key changes it begins anew, so that nobody's
//! consumption is judged by a neighbour's or a former tenant's.

use std::collections::hash_map::Entry;

use crate::db::{Connection, OptionalExtension, params};
use jiff::{Timestamp, civil::Date};
use rustc_hash::FxHashMap;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_metering::{
    Block, Dial, Direction, Explained, History, IntervalBlock, Judging, Memory, RegisterSurroundings,
    SeriesTraits, Surroundings, Tail,
};
use tidstro_model::{Commodity, Decimal, KeyNo, SeriesNo};

use super::Writing;
use super::reseal::sealed_anew;
use super::state_rows::{SealedState, StateRow, save_rows, sealed_states};
use crate::StoreFault;
use crate::reference::{SeriesMeta, register_digits};
use crate::seal::Vault;

/// Memory of one series under one key.
#[derive(Clone, Copy)]
pub(super) struct SeriesState {
    key: KeyNo,
    /// What is remembered of all days.
    now: Memory,
    /// The newest day, and what was remembered before it: a day that arrives in parts is judged as if it
    /// had come at once.
    newest: Option<(i32, Memory)>,
    /// First and last local day touched since the memory was last written.
    touched: Option<(i32, i32)>,
}

impl SeriesState {
    const fn new(key: KeyNo) -> Self {
        Self { key, now: Memory::NONE, newest: None, touched: None }
    }

    /// What is remembered of the days before this one; for a late day, of all days.
    fn memory_before(&self, day: i32) -> Memory {
        match self.newest {
            Some((newest, before)) if newest == day => before,
            _ => self.now,
        }
    }

    /// Takes in a day that `before` does not know, unless it is a late one whose block grew.
    fn remember(&mut self, day: i32, before: Memory, after: Memory) {
        self.now = after;
        if self.newest.is_none_or(|(newest, _)| newest <= day) {
            self.newest = Some((day, before));
        }
        self.touched = Some(self.touched.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
    }

    /// Numbers of eight bytes, lowest byte first: the memory of all days, the newest day, the memory before it.
    fn to_bytes(self) -> Vec<u8> {
        let (day, before) =
            self.newest.map_or((i64::MIN, Memory::NONE), |(day, before)| (i64::from(day), before));
        let numbers = self.now.to_numbers().into_iter().chain([day]).chain(before.to_numbers());
        numbers.flat_map(i64::to_le_bytes).collect()
    }

    /// Reads what [`SeriesState::to_bytes`] writes, and what builds wrote that remembered no tail.
    fn from_bytes(key: KeyNo, bytes: &[u8]) -> Option<Self> {
        let (chunks, []) = bytes.as_chunks::<8>() else { return None };
        let numbers: Vec<i64> = chunks.iter().map(|chunk| i64::from_le_bytes(*chunk)).collect();
        let (size, memory) = match numbers.len() {
            FIRST_NUMBERS => (FIRST_MEMORY, first_memory as MemoryFrom),
            _ => (Memory::NUMBERS, last_memory as MemoryFrom),
        };
        let (now, rest) = numbers.split_at_checked(size)?;
        let (day, before) = rest.split_first()?;
        let before = memory(before)?;
        let newest = if *day == i64::MIN { None } else { Some((i32::try_from(*day).ok()?, before)) };
        Some(Self { key, now: memory(now)?, newest, touched: None })
    }

    fn load(db: &Connection, vault: &mut Vault, series: SeriesNo, key: KeyNo) -> Result<Self, StoreFault> {
        let found = db
            .prepare_cached(
                "-- series_state
                 SELECT sealed_day, sealed FROM series_state WHERE series_no = ?1 AND key_no = ?2",
            )?
            .query_row(params![series.as_u32(), key.as_u32()], |row| {
                Ok(SealedState { key, day: row.get(0)?, sealed: row.get(1)? })
            })
            .optional()?;
        found.map_or(Ok(Self::new(key)), |found| Self::opened(vault, series, &found))
    }

    fn opened(vault: &mut Vault, series: SeriesNo, found: &SealedState) -> Result<Self, StoreFault> {
        let plain = match vault.key(found.key, sealed_on(found.day)?) {
            Ok(sealing) => sealing.open(&state_row(series, found.key), &found.sealed)?,
            Err(fault) if fault.is_erased() => return Ok(Self::new(found.key)),
            Err(fault) => return Err(fault),
        };
        Self::from_bytes(found.key, &plain).ok_or(StoreFault::Row { what: "series_state.sealed" })
    }
}

/// Numbers of a memory as it was kept first, and of a state with two of them.
const FIRST_MEMORY: usize = 6;
const FIRST_NUMBERS: usize = 2 * FIRST_MEMORY + 1;

/// Makes a memory of stored numbers.
type MemoryFrom = fn(&[i64]) -> Option<Memory>;

/// A memory as it is kept now.
fn last_memory(numbers: &[i64]) -> Option<Memory> {
    Memory::from_numbers(numbers.try_into().ok()?)
}

/// A memory as it was kept first: the history, then the last value of a register and its day.
fn first_memory(numbers: &[i64]) -> Option<Memory> {
    let [days, recent_max, exponent, day, mantissa, value_exponent] = *numbers else { return None };
    let history = History::from_numbers([days, recent_max, exponent])?;
    if day == i64::MIN {
        return Some(Memory::of_history(history, None));
    }
    let value = Decimal::new(mantissa, i8::try_from(value_exponent).ok()?);
    Some(Memory::of_history(history, Some((i32::try_from(day).ok()?, value))))
}

fn sealed_on(day: i32) -> Result<Date, StoreFault> {
    from_epoch_day(day).ok_or(StoreFault::Row { what: "series_state.sealed_day" })
}

fn state_row(series: SeriesNo, key: KeyNo) -> Vec<u8> {
    [b"state".as_slice(), &series.as_u32().to_be_bytes(), &key.as_u32().to_be_bytes()].concat()
}

/// One block on its way in.
pub(super) struct Judged<'a> {
    pub(super) meta: &'a SeriesMeta,
    pub(super) key: KeyNo,
    pub(super) day: Date,
    /// Whether the local day had no block before, so that the history counts it as a day.
    pub(super) is_first: bool,
    /// When it comes.
    pub(super) now: Timestamp,
    /// The local day before, of a late day whose rules look back.
    pub(super) eve: Option<&'a IntervalBlock>,
    /// The version before, if values of the day were released.
    pub(super) released: Option<&'a Block>,
}

impl Writing {
    /// Runs the rules on a block and remembers it. What they found in an earlier version of the day is gone, unless a
    /// version before this one or the meter said it.
    pub(super) fn validate(
        &mut self,
        judged: &Judged<'_>,
        block: &mut Block,
        findings: &mut Vec<Explained>,
    ) -> Result<(), StoreFault> {
        let mut state = self.state(judged.meta.series, judged.key)?;
        let day = epoch_day(judged.day);
        // A late day whose block grows is in the memory already.
        let is_late = state.newest.is_some_and(|(newest, _)| newest > day);
        let before = state.memory_before(day);
        let rules = self.rules()?;
        let thresholds = rules.limits(&traits_of(judged.meta), judged.day).thresholds;
        let judging = Judging { day, is_known: is_late && !judged.is_first, thresholds };
        let after = match block {
            Block::Interval(block) => {
                if !judged.is_first {
                    block.clear_judged();
                }
                let expected = self.expected(judged)?;
                let bounds = self.bounds(judged)?;
                let tail = judged.eve.map_or(Tail::NONE, |eve| Tail::NONE.after(eve));
                let released = match judged.released {
                    Some(Block::Interval(released)) => Some(released),
                    _ => None,
                };
                let beside = Surroundings { tail, bounds, released, ..Surroundings::default() };
                before.judge_intervals(&judging, (block, expected), &beside, findings)
            }
            Block::Register(block) => {
                if !judged.is_first {
                    block.clear_judged();
                }
                let dial = self.dial((judged.meta, day), block.exponent())?;
                let beside = RegisterSurroundings { dial, ..RegisterSurroundings::default() };
                let given = (block, judged.meta.is_cumulative());
                before.judge_registers(&judging, given, beside, findings)
            }
        };
        if state.touched.is_none() {
            self.changed_states.push(judged.meta.series);
        }
        state.remember(day, before, after);
        self.states.insert(judged.meta.series, state);
        Ok(())
    }

    /// How a register counts on a local day, if master data say how many digits it shows; its smallest step is that of the
    /// readings.
    fn dial(&mut self, (meta, day): (&SeriesMeta, i32), exponent: i8) -> Result<Option<Dial>, StoreFault> {
        let said = match self.digits.entry(meta.series) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(register_digits(&self.db, meta)?),
        };
        let digits = said.iter().find(|(start, end, _)| (*start..*end).contains(&day));
        let dial = |(_, _, digits): &_| Dial { pulse: Decimal::new(1, exponent), digits: Some(*digits) };
        Ok(digits.map(dial))
    }

    /// Intervals of the local day.
    fn expected(&self, judged: &Judged<'_>) -> Result<u32, StoreFault> {
        let slots = self.zone.slots(judged.day, judged.meta.resolution);
        slots.ok_or(StoreFault::Row { what: "series.resolution does not divide a local day" })
    }

    /// Whether the rules need the day before this one: it is late, so their memory is of a later day, and a limit of the
    /// series compares across midnight.
    pub(super) fn looks_back(
        &mut self,
        meta: &SeriesMeta,
        key: KeyNo,
        day: Date,
    ) -> Result<bool, StoreFault> {
        if !self.rules()?.limits(&traits_of(meta), day).thresholds.look_back() {
            return Ok(false);
        }
        let state = self.state(meta.series, key)?;
        self.states.insert(meta.series, state);
        Ok(state.newest.is_some_and(|(newest, _)| newest > epoch_day(day)))
    }

    fn state(&mut self, series: SeriesNo, key: KeyNo) -> Result<SeriesState, StoreFault> {
        match self.states.get(&series).copied() {
            Some(state) if state.key == key => Ok(state),
            known => {
                // The memory begins anew with the occupancy; the days of the series do not.
                let touched = known.and_then(|state| state.touched);
                Ok(SeriesState { touched, ..SeriesState::load(&self.db, &mut self.vault, series, key)? })
            }
        }
    }

    /// Looks up the memories of series that are not known yet, all at once where a server is asked.
    pub(super) fn fetch_states(
        &mut self,
        wanted: impl Iterator<Item = (SeriesNo, KeyNo)>,
    ) -> Result<(), StoreFault> {
        if self.db.postgres().is_none() {
            return Ok(());
        }
        let unknown: FxHashMap<SeriesNo, KeyNo> =
            wanted.filter(|(series, _)| !self.states.contains_key(series)).collect();
        let mut sealed = sealed_states(&self.db, unknown.keys())?;
        for (series, key) in unknown {
            let found = sealed.remove(&series).filter(|found| found.key == key);
            let state = match found {
                Some(found) => SeriesState::opened(&mut self.vault, series, &found)?,
                None => SeriesState::new(key),
            };
            self.states.insert(series, state);
        }
        Ok(())
    }

    /// Writes the memories that changed, once per batch.
    pub(super) fn save_states(&mut self) -> Result<(), StoreFault> {
        let mut rows = Vec::new();
        for series in std::mem::take(&mut self.changed_states) {
            let Some(state) = self.states.get_mut(&series) else { continue };
            let Some((first_day, last_day)) = state.touched.take() else { continue };
            let row = state_row(series, state.key);
            // The memory is erased with the newest day in it.
            let sealed_day = state.newest.map_or(last_day, |(day, _)| day);
            let sealing = self.vault.key(state.key, sealed_on(sealed_day)?)?;
            let sealed = sealing.seal(self.nonces.next()?, &row, &state.to_bytes())?;
            let touched = (first_day, last_day);
            rows.push(StateRow { series, key: state.key, touched, sealed_day, sealed });
        }
        save_rows(&self.db, rows)
    }
}

/// Takes out the memory of a series if its newest day is one of these, half open: it can be made again. Returns how many
/// memories that were.
pub(super) fn forget_memory(db: &Connection, series: SeriesNo, days: (i32, i32)) -> Result<u64, StoreFault> {
    let forgotten = db
        .prepare_cached(
            "-- forget_memory
             UPDATE series_state SET key_no = 0, sealed = x'', sealed_day = 0
             WHERE series_no = ?1 AND key_no <> 0 AND sealed_day BETWEEN ?2 AND ?3 - 1",
        )?
        .execute(params![series.as_u32(), days.0, days.1])?;
    Ok(forgotten as u64)
}

/// First and last local day of a series with a block, as its state remembers them.
pub(crate) fn series_days(db: &Connection, series: SeriesNo) -> Result<Option<(i32, i32)>, StoreFault> {
    let days = db
        .prepare_cached(
            "-- series_days
             SELECT first_day, last_day FROM series_state WHERE series_no = ?1",
        )?
        .query_row([series.as_u32()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(days)
}

/// Takes days that are gone out of a series' state: its memory, if that is of one of them, and its first and last
/// day. Returns how many rows or memories went.
pub(crate) fn shrink_state(
    db: &Connection,
    series: SeriesNo,
    (first, last): (i32, i32),
    (start, end): (i32, i32),
) -> Result<u64, StoreFault> {
    if start <= first && last < end {
        return Ok(db
            .prepare_cached("-- erase_state\nDELETE FROM series_state WHERE series_no = ?1")?
            .execute([series.as_u32()])? as u64);
    }
    let first = if start <= first { first.max(end) } else { first };
    let last = if last < end { last.min(start - 1) } else { last };
    let forgotten = forget_memory(db, series, (start, end))?;
    db.prepare_cached(
        "-- shrink_state
         UPDATE series_state SET first_day = ?2, last_day = ?3 WHERE series_no = ?1",
    )?
    .execute(params![series.as_u32(), first, last])?;
    Ok(forgotten)
}

/// Seals the memory of a series with a new key, if the old one seals it.
pub(super) fn seal_memory_anew(
    writing: &mut Writing,
    series: SeriesNo,
    (old, new): (KeyNo, KeyNo),
) -> Result<(), StoreFault> {
    let found: Option<(i32, Vec<u8>)> = writing
        .db
        .prepare_cached(
            "-- memory_under
             SELECT sealed_day, sealed FROM series_state WHERE series_no = ?1 AND key_no = ?2",
        )?
        .query_row(params![series.as_u32(), old.as_u32()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((day, sealed)) = found else { return Ok(()) };
    let (from, to) = (state_row(series, old), state_row(series, new));
    let sealed = sealed_anew(writing, (sealed_on(day)?, &sealed), (old, &from), (new, &to))?;
    let (key, sealed) = sealed.map_or((0, Vec::new()), |sealed| (new.as_u32(), sealed));
    writing
        .db
        .prepare_cached(
            "-- seal_memory_anew
             UPDATE series_state SET key_no = ?2, sealed = ?3 WHERE series_no = ?1",
        )?
        .execute(params![series.as_u32(), key, sealed])?;
    Ok(())
}

/// The direction energy must have at a point, where it must have one.
pub(super) const fn direction(commodity: Commodity) -> Option<Direction> {
    match commodity {
        Commodity::ElectricityConsumption => Some(Direction::Consumption),
        Commodity::ElectricityProduction => Some(Direction::Production),
        _ => None,
    }
}

/// What a series is classed by, as far as it is known here.
pub(super) const fn traits_of(meta: &SeriesMeta) -> SeriesTraits {
    SeriesTraits {
        resolution: Some(meta.resolution),
        commodity: Some(meta.commodity),
        ..SeriesTraits::of_unit(meta.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is remembered after a reading of this day.
    fn of_day(day: i32) -> Memory {
        Memory::of_history(History::NONE, Some((day, Decimal::new(12_345, -3))))
    }

    #[test]
    fn memory_survives_storage() {
        let key = KeyNo::new(3);
        let empty = SeriesState::from_bytes(key, &SeriesState::new(key).to_bytes()).unwrap();
        assert!(empty.now == Memory::NONE && empty.newest.is_none());
        let mut state = SeriesState::new(key);
        state.remember(20_000, Memory::NONE, of_day(20_000));
        let read = SeriesState::from_bytes(key, &state.to_bytes()).unwrap();
        assert!(read.now == of_day(20_000) && read.newest == Some((20_000, Memory::NONE)));
        assert!(SeriesState::from_bytes(key, b"short").is_none());
    }

    #[test]
    fn what_the_first_builds_remembered_is_read() {
        let before = [0, 0, 0, i64::MIN, 0, 0];
        let numbers = [[4, 900, -3, 20_000, 12_345, -3].as_slice(), &[20_000], &before].concat();
        let bytes: Vec<u8> = numbers.into_iter().flat_map(i64::to_le_bytes).collect();
        let state = SeriesState::from_bytes(KeyNo::new(3), &bytes).unwrap();
        let history = History::from_numbers([4, 900, -3]).unwrap();
        assert!(state.now == Memory::of_history(history, Some((20_000, Decimal::new(12_345, -3)))));
        assert!(state.newest == Some((20_000, Memory::NONE)));
    }

    #[test]
    fn a_day_in_parts_is_judged_as_one() {
        let mut state = SeriesState::new(KeyNo::new(3));
        state.remember(1, state.memory_before(1), of_day(1));
        state.remember(2, state.memory_before(2), of_day(2));
        assert!(state.memory_before(2) == of_day(1), "its own first part is not in it");
        assert!(state.memory_before(3) == of_day(2));
    }
}
