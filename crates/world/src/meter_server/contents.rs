//! The objects of the meter (IEC 62056-6-2) and what their attributes say at a moment.

use jiff::Timestamp;
use jiff::tz::Offset;

use super::plan::{Capture, MeterPlan};
use super::value::Value;

/// Data access results (IEC 62056-5-3 § 8.5).
pub(super) const UNDEFINED: u8 = 4;
const SCOPE: u8 = 13;

const CLOCK: [u8; 6] = [0, 0, 1, 0, 0, 255];
const STATUS: [u8; 6] = [0, 0, 96, 10, 1, 255];
const EVENT_CODE: [u8; 6] = [0, 0, 96, 11, 0, 255];
const NAME: [u8; 6] = [0, 0, 42, 0, 0, 255];
const NUMBER: [u8; 6] = [0, 0, 96, 1, 0, 255];
const TOTAL: [u8; 6] = [1, 0, 1, 8, 0, 255];
const ENERGY: [u8; 6] = [1, 0, 1, 29, 0, 255];
const LOAD_PROFILE: [u8; 6] = [1, 0, 99, 1, 0, 255];

/// The clock is set to Central European standard time all year: minutes to add for UTC.
const DEVIATION: i16 = -60;

/// Which attribute is asked for, and which rows of it.
pub(super) struct Asked<'a> {
    pub(super) class: u16,
    pub(super) name: [u8; 6],
    pub(super) attribute: u8,
    pub(super) selection: Option<(u8, &'a Value)>,
}

/// The value of an attribute, or the data access result.
pub(super) fn value(plan: &MeterPlan, asked: &Asked<'_>, now: Timestamp) -> Result<Value, u8> {
    let clock = plan.clock(now);
    let profile = Profile { plan, clock };
    match (asked.class, asked.name, asked.attribute) {
        (_, name, 1) if is_known(name) => Ok(Value::Octets(name.to_vec())),
        (1, NAME, 2) => Ok(Value::Octets([&plan.title[..], plan.serial.as_bytes()].concat())),
        (1, NUMBER, 2) => Ok(Value::Octets(plan.serial.clone().into_bytes())),
        (8, CLOCK, 2) => date_time(clock).ok_or(UNDEFINED),
        (8, CLOCK, 3) => Ok(Value::Long(DEVIATION)),
        (3, TOTAL, 2) => Ok(Value::DoubleLongUnsigned(plan.register_wh(clock))),
        (3, ENERGY, 2) => Ok(Value::DoubleLongUnsigned(0)),
        (3, TOTAL | ENERGY, 3) => Ok(Value::Structure(vec![Value::Integer(0), Value::Enum(30)])),
        (7, LOAD_PROFILE, attribute) => profile.load(attribute, asked.selection),
        (7, [0, 0, 99, 98, log, 255], attribute) => profile.log(log, attribute, asked.selection),
        _ => Err(UNDEFINED),
    }
}

const fn is_known(name: [u8; 6]) -> bool {
    matches!(name, CLOCK | NAME | NUMBER | TOTAL | ENERGY | LOAD_PROFILE | [0, 0, 99, 98, _, 255])
}

struct Profile<'a> {
    plan: &'a MeterPlan,
    clock: Timestamp,
}

impl Profile<'_> {
    fn load(&self, attribute: u8, selection: Option<(u8, &Value)>) -> Result<Value, u8> {
        let (captured, class) = match self.plan.capture {
            Capture::Register => (TOTAL, 3),
            Capture::Interval => (ENERGY, 3),
        };
        let columns = [(8, CLOCK), (1, STATUS), (class, captured)];
        let rows = || self.load_rows(selection);
        self.attribute(attribute, &columns, self.plan.period_seconds, rows)
    }

    fn log(&self, log: u8, attribute: u8, selection: Option<(u8, &Value)>) -> Result<Value, u8> {
        let events = self.plan.events.iter().filter(|event| event.log == log && event.at <= self.clock);
        if !self.plan.events.iter().any(|event| event.log == log) {
            return Err(UNDEFINED);
        }
        let rows = || {
            let of = |event: &super::LoggedEvent| (event.at, vec![Value::Unsigned(event.code)]);
            chosen(events.map(of).collect(), selection)
        };
        self.attribute(attribute, &[(8, CLOCK), (1, EVENT_CODE)], 0, rows)
    }

    fn attribute(
        &self,
        attribute: u8,
        columns: &[(u16, [u8; 6])],
        period: u32,
        rows: impl FnOnce() -> Result<Vec<Value>, u8>,
    ) -> Result<Value, u8> {
        match attribute {
            2 => rows().map(Value::Array),
            3 => Ok(Value::Array(columns.iter().map(|(class, name)| captured(*class, *name)).collect())),
            4 => Ok(Value::DoubleLongUnsigned(period)),
            7 => Ok(Value::DoubleLongUnsigned(u32::try_from(rows()?.len()).unwrap_or(u32::MAX))),
            _ => Err(UNDEFINED),
        }
    }

    /// The register is counted along with the rows; no row is there for an interval that is missing.
    fn load_rows(&self, selection: Option<(u8, &Value)>) -> Result<Vec<Value>, u8> {
        let mut register = 0_u32;
        let mut rows = Vec::new();
        for end in self.plan.ends(self.clock) {
            let energy = self.plan.energy_wh(end);
            register = register.wrapping_add(energy);
            let value = if self.plan.capture == Capture::Register { register } else { energy };
            if !self.plan.missing.contains(&end) {
                rows.push((end, vec![Value::Unsigned(0), Value::DoubleLongUnsigned(value)]));
            }
        }
        chosen(rows, selection)
    }
}

fn captured(class: u16, name: [u8; 6]) -> Value {
    Value::Structure(vec![
        Value::LongUnsigned(class),
        Value::Octets(name.to_vec()),
        Value::Integer(2),
        Value::LongUnsigned(0),
    ])
}

/// The rows a selection names (IEC 62056-6-2 § 4.3.6.2.7): by range of time or by number; all without one.
fn chosen(rows: Vec<(Timestamp, Vec<Value>)>, selection: Option<(u8, &Value)>) -> Result<Vec<Value>, u8> {
    let rows: Vec<_> = match selection {
        None => rows,
        Some((1, parameter)) => {
            let [_, from, to, ..] = parameter.elements() else { return Err(SCOPE) };
            let (from, to) = (moment(from).ok_or(SCOPE)?, moment(to).ok_or(SCOPE)?);
            rows.into_iter().filter(|(at, _)| (from..=to).contains(at)).collect()
        }
        Some((2, parameter)) => {
            let [Value::DoubleLongUnsigned(from), Value::DoubleLongUnsigned(to), ..] = parameter.elements()
            else {
                return Err(SCOPE);
            };
            let last = if *to == 0 { u32::MAX } else { *to };
            rows.into_iter()
                .zip(1..)
                .filter(|(_, number)| (*from..=last).contains(number))
                .map(|(row, _)| row)
                .collect()
        }
        Some(_) => return Err(SCOPE),
    };
    rows.into_iter().map(|(at, cells)| row(at, cells).ok_or(UNDEFINED)).collect()
}

fn row(at: Timestamp, cells: Vec<Value>) -> Option<Value> {
    Some(Value::Structure(std::iter::once(date_time(at)?).chain(cells).collect()))
}

/// A moment as the 12 bytes of a date and time, by the meter's clock.
fn date_time(at: Timestamp) -> Option<Value> {
    let offset = Offset::from_seconds(-60 * i32::from(DEVIATION)).ok()?;
    let local = offset.to_datetime(at);
    let [year_high, year_low] = u16::try_from(local.year()).ok()?.to_be_bytes();
    let [high, low] = DEVIATION.to_be_bytes();
    let parts = [
        local.month(),
        local.day(),
        local.weekday().to_monday_one_offset(),
        local.hour(),
        local.minute(),
        local.second(),
    ];
    let parts = parts.iter().map(|part| u8::try_from(*part).ok()).collect::<Option<Vec<_>>>()?;
    Some(Value::Octets([&[year_high, year_low][..], &parts, &[0, high, low, 0]].concat()))
}

/// The moment of 12 bytes; without a deviation it is meant by the meter's clock.
fn moment(value: &Value) -> Option<Timestamp> {
    let bytes: [u8; 12] = value.octets()?.try_into().ok()?;
    let [year_high, year_low, month, day, _, hour, minute, second, _, high, low, _] = bytes;
    let number = |byte: u8| if byte == 0xff { Some(0) } else { i8::try_from(byte).ok() };
    let year = i16::try_from(u16::from_be_bytes([year_high, year_low])).ok()?;
    let (month, day) = (number(month)?, number(day)?);
    let local =
        jiff::civil::DateTime::new(year, month, day, number(hour)?, number(minute)?, number(second)?, 0)
            .ok()?;
    let said = i16::from_be_bytes([high, low]);
    let deviation = if said == i16::MIN { DEVIATION } else { said };
    Offset::from_seconds(-60 * i32::from(deviation)).ok()?.to_timestamp(local).ok()
}
