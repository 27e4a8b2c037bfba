//! The tables of a scenario, read into blocks, readings and master data.
//!
//! Fields are separated by `;`, the first line names them, lines with `#` are comments. Times are local and have their
//! offset, energy is kWh. A row of values says the same for `count` intervals after each other.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_metering::{ConnectionState, Dial, IntervalBlock};
use tidstro_model::{DayRange, Decimal, Interval, Quality, Resolution};

/// One row, by the names of its fields.
pub(crate) type Row = BTreeMap<String, String>;

/// The rows of a table; none if there is no such file.
pub(crate) fn table(path: &Path) -> Vec<Row> {
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let names: Vec<&str> = lines.next().unwrap().split(';').collect();
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(';').collect();
        assert_eq!(fields.len(), names.len(), "{}: {line}", path.display());
        names.iter().zip(fields).map(|(name, field)| ((*name).to_owned(), field.to_owned())).collect()
    };
    lines.map(row).collect()
}

/// What a scenario gives.
pub(crate) struct Given {
    pub(crate) days: BTreeMap<Date, IntervalBlock>,
    pub(crate) readings: Vec<MeterReading>,
    pub(crate) settings: BTreeMap<String, String>,
}

/// One reading of the register of a meter.
pub(crate) struct MeterReading {
    pub(crate) meter: String,
    pub(crate) at: Timestamp,
    pub(crate) value: Decimal,
    pub(crate) dial: Dial,
}

impl Given {
    pub(crate) fn read(folder: &Path) -> Self {
        let settings = table(&folder.join("settings.csv"));
        let settings = settings.into_iter().map(|row| (row["setting"].clone(), row["value"].clone()));
        Self {
            days: days(&table(&folder.join("values.csv"))),
            readings: table(&folder.join("readings.csv")).iter().map(reading).collect(),
            settings: settings.collect(),
        }
    }

    pub(crate) fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }
}

/// Blocks of hours in watt hours; hours without a row are missing.
fn days(rows: &[Row]) -> BTreeMap<Date, IntervalBlock> {
    let (zone, mut days) = (Zone::copenhagen(), BTreeMap::new());
    for row in rows {
        let start: Timestamp = row["from"].parse().unwrap();
        for hour in 0..row["count"].parse::<i64>().unwrap() {
            let second = start.as_second() + hour * 3_600;
            let (day, slot) =
                zone.slot_of(Timestamp::from_second(second).unwrap(), Resolution::PT1H).unwrap();
            let slots = zone.slots(day, Resolution::PT1H).unwrap();
            let block = days.entry(day).or_insert_with(|| IntervalBlock::all_missing(0, slots).unwrap());
            let quality = Quality::from_word(&row["quality"]).unwrap();
            let value =
                if quality == Quality::Missing { 0 } else { watt_hours(&row["kwh"]).in_steps_of(0).unwrap() };
            block.set(slot, value, quality).unwrap();
        }
    }
    days
}

fn reading(row: &Row) -> MeterReading {
    MeterReading {
        meter: row["meter"].clone(),
        at: row["at"].parse().unwrap(),
        value: watt_hours(&row["kwh"]),
        dial: Dial { pulse: watt_hours(&row["pulse_kwh"]), digits: row["digits"].parse().ok() },
    }
}

/// A number of kWh in watt hours.
fn watt_hours(kwh: &str) -> Decimal {
    let kwh = Decimal::parse(kwh.as_bytes()).unwrap();
    Decimal::new(kwh.mantissa(), kwh.exponent() + 3)
}

/// Master data of the point: what it was on which days, and when it was supplied.
pub(crate) struct PointFacts {
    pub(crate) exists: DayRange,
    pub(crate) supplies: Option<Vec<DayRange>>,
    states: Vec<(DayRange, ConnectionState)>,
}

impl PointFacts {
    pub(crate) fn read(path: &Path) -> Self {
        let mut facts = Self { exists: DayRange::always(), supplies: None, states: Vec::new() };
        for row in table(path) {
            let day = |name: &str| row[name].parse::<Date>();
            let days = DayRange::new(day("from_day").unwrap(), day("to_day").unwrap_or(Date::MAX)).unwrap();
            match row["fact"].as_str() {
                "supplier" => facts.supplies.get_or_insert_default().push(days),
                "exists" => facts.exists = days,
                state => facts.states.push((days, ConnectionState::from_word(state).unwrap())),
            }
        }
        facts
    }

    pub(crate) fn state(&self, day: Date) -> Option<ConnectionState> {
        self.states.iter().find(|(days, _)| days.contains(day)).map(|(_, state)| *state)
    }
}

/// An instant as local time with its offset, to the minute.
pub(crate) fn shown(at: Timestamp) -> String {
    let (day, time) = Zone::copenhagen().clock_of(at);
    let local = day.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    let hours = (local.as_second() - at.as_second()) / 3_600;
    format!("{day}T{:02}:{:02}+{hours:02}:00", time.hour(), time.minute())
}

/// The span two settings name.
pub(crate) fn span(from: &str, to: &str) -> Interval {
    Interval::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
}
