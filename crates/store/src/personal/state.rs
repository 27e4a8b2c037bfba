//! What the rules must remember of a series between local days, and how a block is validated with it.
//!
//! The memory belongs to one occupancy: when the key changes it begins anew, so that nobody's
//! consumption is judged by a neighbour's or a former tenant's.

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};
use tidstro_calendar::epoch_day;
use tidstro_metering::{
    Block, Direction, History, IntervalBlock, IntervalContext, RegisterBlock, RegisterContext, Thresholds,
    validate_intervals, validate_registers,
};
use tidstro_model::{Commodity, Decimal, Finding, KeyNo, SeriesNo};

use super::Writing;
use crate::StoreFault;
use crate::reference::SeriesMeta;
use crate::seal::Vault;

/// Memory of one series.
#[derive(Clone, Copy)]
pub(super) struct SeriesState {
    key: KeyNo,
    history: History,
    /// The newest local day seen, and the last register value on it.
    last: Option<(i32, Decimal)>,
    /// First and last local day touched since the memory was last written.
    touched: Option<(i32, i32)>,
}

impl SeriesState {
    const fn new(key: KeyNo) -> Self {
        Self { key, history: History::NONE, last: None, touched: None }
    }

    /// Six numbers of eight bytes, lowest byte first.
    fn to_bytes(self) -> Vec<u8> {
        let [days, recent_max, exponent] = self.history.to_numbers();
        let (day, value) =
            self.last.map_or((i64::MIN, Decimal::ZERO), |(day, value)| (i64::from(day), value));
        let numbers = [days, recent_max, exponent, day, value.mantissa(), i64::from(value.exponent())];
        numbers.into_iter().flat_map(i64::to_le_bytes).collect()
    }

    fn from_bytes(key: KeyNo, bytes: &[u8]) -> Option<Self> {
        let (chunks, []) = bytes.as_chunks::<8>() else { return None };
        let numbers: Vec<i64> = chunks.iter().map(|chunk| i64::from_le_bytes(*chunk)).collect();
        let [days, recent_max, exponent, day, mantissa, value_exponent] = *numbers.as_slice() else {
            return None;
        };
        let last = match day {
            i64::MIN => None,
            day => {
                Some((i32::try_from(day).ok()?, Decimal::new(mantissa, i8::try_from(value_exponent).ok()?)))
            }
        };
        Some(Self { key, history: History::from_numbers([days, recent_max, exponent])?, last, touched: None })
    }

    fn load(db: &Connection, vault: &mut Vault, series: SeriesNo, key: KeyNo) -> Result<Self, StoreFault> {
        let sealed: Option<Vec<u8>> = db
            .prepare_cached(
                "-- series_state
                 SELECT sealed FROM series_state WHERE series_no = ?1 AND key_no = ?2",
            )?
            .query_row(params![series.as_u32(), key.as_u32()], |row| row.get(0))
            .optional()?;
        let Some(sealed) = sealed else { return Ok(Self::new(key)) };
        let plain = vault.key(key)?.open(&state_row(series, key), &sealed)?;
        Self::from_bytes(key, &plain).ok_or(StoreFault::Row { what: "series_state.sealed" })
    }
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
}

impl Writing {
    /// Runs the rules on a block and remembers it.
    pub(super) fn validate(
        &mut self,
        judged: &Judged<'_>,
        block: &mut Block,
        findings: &mut Vec<Finding>,
    ) -> Result<(), StoreFault> {
        let mut state = self.state(judged.meta.series, judged.key)?;
        let thresholds = Thresholds::for_unit(judged.meta.unit);
        match block {
            Block::Interval(block) => {
                self.validate_interval(judged, &mut state, &thresholds, block, findings)?;
            }
            Block::Register(block) => validate_register(judged, &mut state, &thresholds, block, findings),
        }
        let day = epoch_day(judged.day);
        if state.touched.is_none() {
            self.changed_states.push(judged.meta.series);
        }
        state.touched =
            Some(state.touched.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
        self.states.insert(judged.meta.series, state);
        Ok(())
    }

    fn validate_interval(
        &self,
        judged: &Judged<'_>,
        state: &mut SeriesState,
        thresholds: &Thresholds,
        block: &mut IntervalBlock,
        findings: &mut Vec<Finding>,
    ) -> Result<(), StoreFault> {
        let expected = self
            .zone
            .slots(judged.day, judged.meta.resolution)
            .ok_or(StoreFault::Row { what: "series.resolution does not divide a local day" })?;
        validate_intervals(
            block,
            &IntervalContext { expected, history: &state.history, thresholds },
            findings,
        );
        if judged.is_first {
            state.history.observe(block);
        } else {
            state.history.extend(block);
        }
        Ok(())
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

    /// Writes the memories that changed, once per batch.
    pub(super) fn save_states(&mut self) -> Result<(), StoreFault> {
        for series in std::mem::take(&mut self.changed_states) {
            let Some(state) = self.states.get_mut(&series) else { continue };
            let Some((first_day, last_day)) = state.touched.take() else { continue };
            let row = state_row(series, state.key);
            let sealed = self.vault.key(state.key)?.seal(self.nonces.next()?, &row, &state.to_bytes())?;
            self.db
                .prepare_cached(
                    "-- save_state
                     INSERT INTO series_state (series_no, key_no, first_day, last_day, sealed)
                     VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (series_no) DO UPDATE SET key_no = ?2, first_day = min(first_day, ?3),
                         last_day = max(last_day, ?4), sealed = ?5",
                )?
                .execute(params![series.as_u32(), state.key.as_u32(), first_day, last_day, sealed])?;
        }
        Ok(())
    }
}

/// The direction energy must have at a point, where it must have one.
pub(super) const fn direction(commodity: Commodity) -> Option<Direction> {
    match commodity {
        Commodity::ElectricityConsumption => Some(Direction::Consumption),
        Commodity::ElectricityProduction => Some(Direction::Production),
        _ => None,
    }
}

fn validate_register(
    judged: &Judged<'_>,
    state: &mut SeriesState,
    thresholds: &Thresholds,
    block: &mut RegisterBlock,
    findings: &mut Vec<Finding>,
) {
    let period = epoch_day(judged.day);
    // A reading of a coarser scale than the last one cannot be compared exactly; the next one can.
    let before = state
        .last
        .filter(|(day, _)| *day < period)
        .and_then(|(_, value)| value.in_steps_of(block.exponent()));
    let cumulative = judged.meta.is_cumulative();
    let context = RegisterContext { before, cumulative, thresholds, history: &state.history };
    validate_registers(block, &context, findings);
    match (cumulative, judged.is_first) {
        (true, true) => state.history.observe_registers(block, before),
        (true, false) => state.history.extend_registers(block, before),
        (false, _) => {}
    }
    if let Some(last) = block.last_value().filter(|_| state.last.is_none_or(|(day, _)| day <= period)) {
        state.last = Some((period, block.decimal(last)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_survives_storage() {
        let key = KeyNo::new(3);
        let mut state = SeriesState::new(key);
        assert!(SeriesState::from_bytes(key, &state.to_bytes()).unwrap().last.is_none());
        state.last = Some((20_000, Decimal::new(12_345, -3)));
        let read = SeriesState::from_bytes(key, &state.to_bytes()).unwrap();
        assert_eq!(read.last, state.last);
        assert!(SeriesState::from_bytes(key, b"short").is_none());
    }
}
