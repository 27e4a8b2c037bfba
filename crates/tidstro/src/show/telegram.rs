//! Telegrams and their readings as tables and JSON.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use tidstro_metering::alarms::{AlarmCode, Flag, Phase, flags_of, of_telegram, raised};
use tidstro_model::{MeterId, Quality, QuantityKind, Reading, Value};
use tidstro_telegram::{RecordFault, Telegram};

use super::{Table, exact, shown};

/// A telegram with where it stood and when it was heard.
pub(crate) struct Heard<'a> {
    pub(crate) line: u64,
    pub(crate) received: Option<Timestamp>,
    pub(crate) telegram: &'a Telegram,
}

/// The telegram as people read it.
pub(crate) fn telegram_table(heard: &Heard<'_>) -> String {
    let telegram = heard.telegram;
    let mut head = format!("line {}: {} ({})", heard.line, telegram.meter, telegram.meter.medium);
    if let Some(received) = heard.received {
        head.push_str(&format!(", heard {received}"));
    }
    if let Some(moment) = telegram.moment() {
        head.push_str(&format!(", meter clock {moment}"));
    }
    head.push_str(&format!(", {}", telegram.security.word()));
    let mut table = Table::new(&[
        "quantity", ">value", "quality", ">storage", ">tariff", ">subunit", "function", "obis", ">byte",
    ]);
    for reading in &telegram.readings {
        table.row(row(reading));
    }
    let alarms = alarms(telegram);
    if !alarms.is_empty() {
        head.push_str(&format!("\n  alarm: {}", alarms.join(", ")));
    }
    for flag in flags(telegram) {
        head.push_str(&format!("\n  flag: {}", flag_text(&flag)));
    }
    let readings = if telegram.readings.is_empty() { String::new() } else { table.to_string() };
    let invalid = telegram.readings.iter().filter(|reading| is_invalid(reading)).map(invalid_text);
    let faults = telegram.faults.iter().map(|fault| format!("  not decoded: {fault}\n"));
    format!("{head}\n{readings}{}", invalid.chain(faults).collect::<String>())
}

/// What the telegram says is wrong, the most severe first, in the words of the catalogue.
fn alarms(telegram: &Telegram) -> Vec<&'static str> {
    let signals = of_telegram(telegram.meter, telegram.status, &telegram.readings);
    raised(&signals).into_iter().map(|signal| signal.code.word()).collect()
}

/// Every flag that is set, also one that nobody explained.
fn flags(telegram: &Telegram) -> Vec<Flag> {
    flags_of(telegram.meter, telegram.status, &telegram.readings)
}

/// Where it was read with all that was there, which bits, and what they say.
fn flag_text(flag: &Flag) -> String {
    let Flag { source, storage, raw, bit, bits, value, meaning } = flag;
    let memory = if *storage == 0 { String::new() } else { format!(" of storage {storage}") };
    let which = match bits {
        1 => format!("bit {bit}"),
        _ => format!("bits {bit} to {} = {value}", bit + bits - 1),
    };
    let word = meaning.map_or("not explained", |meaning| &meaning.word);
    format!("{}{memory} {raw:02X}, {which}: {word}", source.word())
}

/// A flag as a program reads it.
#[derive(Serialize)]
struct FlagJson {
    source: &'static str,
    storage: u64,
    /// In hexadecimal.
    raw: String,
    bit: u8,
    bits: u8,
    value: u64,
    word: Option<&'static str>,
    alarm: Option<&'static str>,
    phase: Option<&'static str>,
}

impl FlagJson {
    fn of(flag: &Flag) -> Self {
        let Flag { source, storage, raw, bit, bits, value, meaning } = *flag;
        Self {
            source: source.word(),
            storage,
            raw: format!("{raw:02X}"),
            bit,
            bits,
            value,
            word: meaning.map(|meaning| meaning.word.as_str()),
            alarm: meaning.and_then(|meaning| meaning.code).map(AlarmCode::word),
            phase: meaning.and_then(|meaning| meaning.phase).map(Phase::word),
        }
    }
}

/// Whether a record was read and holds no value.
pub(crate) fn is_invalid(reading: &Reading) -> bool {
    reading.value == Value::Invalid
}

fn invalid_text(reading: &Reading) -> String {
    let what = match reading.quantity {
        QuantityKind::DateTime => "no calendar has this date, or the meter marks it as invalid",
        _ => "the meter marks its value as invalid",
    };
    format!("  no value: byte {}: {}: {what}; ask the meter again\n", reading.offset, reading.quantity)
}

fn row(reading: &Reading) -> Vec<String> {
    let modifiers: String =
        reading.modifiers.iter().map(|modifier| format!(" ·{:02X}", modifier.0)).collect();
    vec![
        format!("{}{modifiers}", reading.quantity),
        value_text(reading),
        quality(reading).word().to_owned(),
        reading.storage.to_string(),
        reading.tariff.to_string(),
        reading.subunit.to_string(),
        reading.function.word().to_owned(),
        reading.obis.map(|obis| obis.to_string()).unwrap_or_default(),
        reading.offset.to_string(),
    ]
}

/// What the meter itself marks as invalid is missing; the rest it measured.
fn quality(reading: &Reading) -> Quality {
    if is_invalid(reading) { Quality::Missing } else { Quality::Measured }
}

pub(super) fn value_text(reading: &Reading) -> String {
    match &reading.value {
        Value::Number(number) => shown(*number, reading.unit),
        Value::Date(date) => date.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::TimeOfDay(seconds) => clock(*seconds),
        Value::Text(text) => text.to_string(),
        Value::Bytes(bytes) => hex(bytes),
        Value::Invalid => "invalid".to_owned(),
    }
}

fn clock(seconds: u32) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// One reading, with everything that says whose it is.
#[derive(Serialize)]
pub(crate) struct ReadingJson {
    line: u64,
    manufacturer: String,
    id: String,
    version: String,
    #[serde(rename = "type")]
    device_type: String,
    medium: &'static str,
    received: Option<String>,
    meter_time: Option<String>,
    access_number: Option<u8>,
    status: Option<u8>,
    alarms: Vec<&'static str>,
    flags: Vec<FlagJson>,
    security: &'static str,
    quantity: &'static str,
    value: Option<Box<RawValue>>,
    unit: &'static str,
    quality: &'static str,
    function: &'static str,
    storage: u64,
    tariff: u32,
    subunit: u16,
    modifiers: Vec<String>,
    obis: Option<String>,
    offset: u32,
}

pub(crate) fn reading_json(heard: &Heard<'_>, reading: &Reading) -> Result<ReadingJson, serde_json::Error> {
    let telegram = heard.telegram;
    let meter = telegram.meter;
    Ok(ReadingJson {
        line: heard.line,
        manufacturer: meter.manufacturer.to_string(),
        id: meter.number.to_string(),
        version: format!("{:02X}", meter.version),
        device_type: format!("{:02X}", meter.medium.0),
        medium: meter.medium.word(),
        received: heard.received.map(|at| at.to_string()),
        meter_time: telegram.moment().map(|moment| moment.to_string()),
        access_number: telegram.access_number,
        status: telegram.status,
        alarms: alarms(telegram),
        flags: flags(telegram).iter().map(FlagJson::of).collect(),
        security: telegram.security.word(),
        quantity: reading.quantity.code(),
        value: value_json(&reading.value)?,
        unit: reading.unit.code(),
        quality: quality(reading).word(),
        function: reading.function.word(),
        storage: reading.storage,
        tariff: reading.tariff,
        subunit: reading.subunit,
        modifiers: reading.modifiers.iter().map(|modifier| format!("{:02X}", modifier.0)).collect(),
        obis: reading.obis.map(|obis| obis.to_string()),
        offset: reading.offset,
    })
}

/// The flags of a telegram without readings, which have no line to stand on; `None` if there are none, or readings.
pub(crate) fn flags_alone_json(heard: &Heard<'_>) -> Option<serde_json::Value> {
    let telegram = heard.telegram;
    let flags: Vec<FlagJson> = flags(telegram).iter().map(FlagJson::of).collect();
    let is_alone = telegram.readings.is_empty() && !flags.is_empty();
    is_alone.then(|| {
        serde_json::json!({
            "line": heard.line,
            "manufacturer": telegram.meter.manufacturer.to_string(),
            "id": telegram.meter.number.to_string(),
            "received": heard.received.map(|at| at.to_string()),
            "status": telegram.status,
            "alarms": alarms(telegram),
            "flags": flags,
        })
    })
}

pub(super) fn value_json(value: &Value) -> Result<Option<Box<RawValue>>, serde_json::Error> {
    let text = match value {
        Value::Number(number) => return exact(*number).map(Some),
        Value::Date(date) => date.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::TimeOfDay(seconds) => clock(*seconds),
        Value::Text(text) => text.to_string(),
        Value::Bytes(bytes) => hex(bytes),
        Value::Invalid => return Ok(None),
    };
    serde_json::value::to_raw_value(&text).map(Some)
}

/// A record that could not be read.
pub(crate) fn fault_json(heard: &Heard<'_>, fault: &RecordFault) -> serde_json::Value {
    let meter = heard.telegram.meter;
    serde_json::json!({
        "line": heard.line,
        "manufacturer": meter.manufacturer.to_string(),
        "id": meter.number.to_string(),
        "offset": fault.offset,
        "not_decoded": fault.to_string(),
    })
}

/// A line that gave nothing.
pub(crate) fn refusal_json(line: u64, kind: &str, what: &str, meter: Option<MeterId>) -> serde_json::Value {
    serde_json::json!({
        "line": line,
        "manufacturer": meter.map(|meter| meter.manufacturer.to_string()),
        "id": meter.map(|meter| meter.number.to_string()),
        "refused": kind,
        "reason": what,
    })
}
