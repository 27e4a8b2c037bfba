//! What a meter remembers of the ends of months, as readings of series.
//!
//! What comes in: a decoded telegram. What goes out: the registers it had at the ends of months, each at the end of the day the meter
//! states, with the day's last second as its moment: so it closes that day, and is of whoever lived there until then. Never: the
//! due date's memory (storage 1), after which allocators begin anew and which accounts are made of; a value of a period; a moment
//! that is still to come.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use tidstro_calendar::Zone;
use tidstro_model::{DeviceNo, Function, QuantityKind, Reading, Value};
use tidstro_store::NewReading;

use super::readings::{new_reading, number};

/// Storages from this one on are memories of months, or of other moments that follow each other.
const FIRST_MEMORY: u64 = 2;

/// The registers at ends of months before an instant.
pub(super) fn month_ends(
    zone: &Zone,
    (device, until): (DeviceNo, Timestamp),
    readings: &[Reading],
) -> Vec<NewReading> {
    let ends: Vec<(u64, Date)> = readings.iter().filter_map(month_end).collect();
    if ends.is_empty() {
        return Vec::new();
    }
    let registers = readings.iter().filter(|reading| is_register(reading));
    let remembered = registers.filter_map(|reading| {
        let (_, day) = ends.iter().find(|(storage, _)| *storage == reading.storage)?;
        let at = Timestamp::from_second(zone.day(*day).end().as_second() - 1).ok()?;
        (at < until).then(|| number(reading).map(|number| new_reading(device, reading, (at, number))))?
    });
    remembered.collect()
}

/// The storage of a date that is the last of its month, and the date.
fn month_end(reading: &Reading) -> Option<(u64, Date)> {
    let is_plain = reading.function == Function::Instantaneous && reading.subunit == 0;
    if reading.storage < FIRST_MEMORY || reading.quantity != QuantityKind::DateTime || !is_plain {
        return None;
    }
    let day = match reading.value {
        Value::Date(day) => day,
        Value::DateTime(moment) => day_ended(moment)?,
        _ => return None,
    };
    (day == day.last_of_month()).then_some((reading.storage, day))
}

/// The day that ends at a moment, or within its last minute: meters say both 24:00 and 23:59.
fn day_ended(moment: DateTime) -> Option<Date> {
    match (moment.hour(), moment.minute()) {
        (0, 0) => moment.date().yesterday().ok(),
        (23, 59) => Some(moment.date()),
        _ => None,
    }
}

/// Whether a record is a register that counts on, of now or of then.
fn is_register(reading: &Reading) -> bool {
    use QuantityKind as Q;
    reading.function == Function::Instantaneous
        && reading.modifiers.is_empty()
        && reading.subunit == 0
        && matches!(reading.quantity, Q::Energy | Q::Volume | Q::HcaUnits)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tidstro_model::{Decimal, Unit};

    use super::*;

    fn record(quantity: QuantityKind, storage: u64, value: Value) -> Reading {
        Reading {
            quantity,
            value,
            unit: Unit::One,
            function: Function::Instantaneous,
            storage,
            tariff: 0,
            subunit: 0,
            modifiers: Vec::new(),
            obis: None,
            offset: 0,
        }
    }

    #[track_caller]
    fn check(storage: u64, end: Value, expected: Option<&str>) {
        let value = Value::Number(Decimal::new(1234, 0));
        let readings =
            [record(QuantityKind::DateTime, storage, end), record(QuantityKind::HcaUnits, storage, value)];
        let until = "2026-03-05T00:00:00Z".parse().unwrap();
        let found = month_ends(&Zone::copenhagen(), (DeviceNo::new(1), until), &readings);
        let expected: Vec<Timestamp> = expected.iter().map(|at| at.parse().unwrap()).collect();
        assert_eq!(found.iter().map(|reading| reading.at).collect::<Vec<_>>(), expected);
        assert!(found.iter().all(|reading| reading.number == Decimal::new(1234, 0)));
    }

    #[test]
    fn the_end_of_a_month_closes_its_last_day() {
        check(8, Value::Date(date(2026, 1, 31)), Some("2026-01-31T22:59:59Z"));
        check(8, Value::DateTime(date(2026, 2, 1).at(0, 0, 0, 0)), Some("2026-01-31T22:59:59Z"));
        check(8, Value::DateTime(date(2025, 7, 31).at(23, 59, 0, 0)), Some("2025-07-31T21:59:59Z"));
    }

    #[test]
    fn other_memories_stay_in_the_telegram() {
        // The due date's, a moment within a month, one to come, and one the meter says is none.
        check(1, Value::Date(date(2025, 12, 31)), None);
        check(8, Value::Date(date(2026, 1, 30)), None);
        check(8, Value::DateTime(date(2026, 1, 31).at(12, 0, 0, 0)), None);
        check(8, Value::Date(date(2026, 3, 31)), None);
        check(8, Value::Invalid, None);
    }

    #[test]
    fn what_was_used_in_a_month_is_no_register() {
        let mut used = record(QuantityKind::Volume, 8, Value::Number(Decimal::new(9, 0)));
        used.modifiers.push(tidstro_model::Modifier::OF_PERIOD);
        let readings = [record(QuantityKind::DateTime, 8, Value::Date(date(2026, 1, 31))), used];
        let until = "2026-03-05T00:00:00Z".parse().unwrap();
        assert!(month_ends(&Zone::copenhagen(), (DeviceNo::new(1), until), &readings).is_empty());
    }
}
