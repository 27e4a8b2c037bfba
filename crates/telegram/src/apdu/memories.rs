//! Dates of memories that state none (EN 13757-3:2018 table 14, storage interval).
//!
//! What comes in: the readings of one telegram. What goes out: the date of each memory that follows a dated one in a
//! row whose interval the meter states, as a reading marked [`Modifier::DERIVED`]. The standard leaves open whether
//! such a row runs back or forward, so nothing is derived unless the meter's own date proves that it runs back: one
//! interval after the dated memory still lies ahead.

use jiff::{Span, civil::Date};
use tidstro_model::{Function, Modifier, QuantityKind, Reading, Unit, Value};

/// A row of memories: the storage number of the newest, its date, and the time from one to the next.
struct Row {
    newest: u64,
    date: Date,
    interval: Span,
}

/// Adds the dates that follow from the others.
pub(super) fn date(readings: &mut Vec<Reading>) {
    let Some(row) = row(readings) else { return };
    let mut dates = Vec::new();
    for steps in 1_i32.. {
        let storage = row.newest.saturating_add(u64::from(steps.unsigned_abs()));
        let Some(offset) = undated(readings, storage) else { break };
        let Some(date) = row.at(-i64::from(steps)) else { break };
        dates.push(derived(storage, date, offset));
    }
    readings.extend(dates);
}

fn row(readings: &[Reading]) -> Option<Row> {
    let (newest, interval) = readings.iter().find_map(interval)?;
    let row = Row { newest, date: stated(readings, newest)?, interval };
    let is_past = row.at(1)? > stated(readings, 0)?;
    is_past.then_some(row)
}

/// Days, months or years from one memory to the next; shorter intervals belong to load profiles.
fn interval(reading: &Reading) -> Option<(u64, Span)> {
    let Value::Number(number) = reading.value else { return None };
    if reading.quantity != QuantityKind::StorageInterval || reading.storage == 0 {
        return None;
    }
    let count = number.in_steps_of(0).filter(|count| (1..=366).contains(count))?;
    let span = match reading.unit {
        Unit::Day => Span::new().days(count),
        Unit::Month => Span::new().months(count),
        Unit::Year => Span::new().years(count),
        _ => return None,
    };
    Some((reading.storage, span))
}

/// The date a memory states, storage 0 being now.
fn stated(readings: &[Reading], storage: u64) -> Option<Date> {
    readings.iter().filter(|reading| is_date_of(reading, storage)).find_map(|reading| match reading.value {
        Value::Date(date) => Some(date),
        Value::DateTime(moment) => Some(moment.date()),
        _ => None,
    })
}

fn is_date_of(reading: &Reading, storage: u64) -> bool {
    reading.quantity == QuantityKind::DateTime
        && reading.storage == storage
        && reading.function == Function::Instantaneous
        && reading.modifiers.is_empty()
}

/// Where a memory begins that has values and no date.
fn undated(readings: &[Reading], storage: u64) -> Option<u32> {
    let mut of_memory = readings.iter().filter(|reading| reading.storage == storage);
    let offset = of_memory.next()?.offset;
    let has_date = readings
        .iter()
        .any(|reading| reading.storage == storage && reading.quantity == QuantityKind::DateTime);
    (!has_date).then_some(offset)
}

impl Row {
    /// The date so many intervals after the newest; what ended with a month ends with each.
    fn at(&self, intervals: i64) -> Option<Date> {
        let date = self.date.checked_add(self.interval.checked_mul(intervals).ok()?).ok()?;
        let is_month_end = self.date == self.date.last_of_month();
        let counts_days = self.interval.get_days() != 0;
        Some(if is_month_end && !counts_days { date.last_of_month() } else { date })
    }
}

fn derived(storage: u64, date: Date, offset: u32) -> Reading {
    Reading {
        quantity: QuantityKind::DateTime,
        value: Value::Date(date),
        unit: Unit::One,
        function: Function::Instantaneous,
        storage,
        tariff: 0,
        subunit: 0,
        modifiers: vec![Modifier::DERIVED],
        obis: None,
        offset,
    }
}
