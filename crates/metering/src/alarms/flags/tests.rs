//! Flags of meters nobody has, by the tables that come with the program.

use tidstro_model::{Decimal, Function, Manufacturer, Medium, MeterNumber, Unit};

use super::super::{Change, raised};
use super::*;

fn meter(maker: &str, medium: u8, version: u8) -> MeterId {
    let manufacturer = Manufacturer::parse(maker).unwrap();
    let number = MeterNumber::parse("12345678").unwrap();
    MeterId { manufacturer, number, version, medium: Medium(medium) }
}

fn record(quantity: QuantityKind, vifes: &[u16], value: Value) -> Reading {
    let modifiers = vifes.iter().copied().map(Modifier).collect();
    let function = Function::Instantaneous;
    Reading {
        quantity,
        unit: Unit::One,
        value,
        storage: 0,
        tariff: 0,
        subunit: 0,
        function,
        modifiers,
        obis: None,
        offset: 0,
    }
}

fn error_flags(bytes: &[u8]) -> Reading {
    record(QuantityKind::ErrorFlags, &[], Value::Bytes(bytes.into()))
}

fn words(flags: &[Flag]) -> Vec<String> {
    let word = |flag: &Flag| match flag.meaning {
        Some(meaning) => meaning.word.clone(),
        None => format!("{}/{}={}", flag.bit, flag.bits, flag.value),
    };
    flags.iter().map(word).collect()
}

fn alarms(meter: MeterId, status: Option<u8>, readings: &[Reading]) -> Vec<AlarmCode> {
    raised(&signals(meter, status, readings)).into_iter().map(|signal| signal.code).collect()
}

#[test]
fn the_shipped_files_are_read() {
    let tables = Tables::read().unwrap();
    assert_eq!(tables.standard.signals(0, Source::StatusByte).count(), 5);
    assert!(tables.status.iter().all(|table| table.place == Place::StatusByte && !table.makers.is_empty()));
    assert!(tables.records.iter().all(|table| table.place != Place::StatusByte && !table.makers.is_empty()));
}

#[test]
fn each_bit_of_the_standard_says_one_thing() {
    let unknown = meter("ABC", 0x07, 1);
    let of = |status| alarms(unknown, Some(status), &[]);
    assert_eq!(of(0x00), []);
    assert_eq!(of(0x01), [], "busy is no alarm");
    assert_eq!(of(0x02), [AlarmCode::ApplicationError]);
    assert_eq!(of(0x03), [AlarmCode::Abnormal]);
    assert_eq!(of(0x1c), [AlarmCode::PermanentError, AlarmCode::LowBattery, AlarmCode::TemporaryError]);
    assert_eq!(of(0xe0), [], "the maker's bits are no alarm by themselves");
    assert_eq!(words(&flags_of(unknown, Some(0x61), &[])), ["busy", "5/1=1", "6/1=1"], "but they are shown");
}

#[test]
fn makers_explain_their_bits_and_leave_others_as_they_are() {
    let sensor = meter("LAS", 0x1b, 7);
    assert_eq!(words(&flags_of(sensor, Some(0x68), &[])), ["permanent-error", "5/1=1", "enclosure-opened"]);
    assert_eq!(alarms(sensor, Some(0x68), &[]), [AlarmCode::PermanentError, AlarmCode::Tamper]);
    let water = meter("BMT", 0x07, 0x15);
    assert_eq!(
        alarms(water, Some(0x13), &[]),
        [AlarmCode::Burst, AlarmCode::Leak],
        "not abnormal, not temporary"
    );
}

#[test]
fn flags_say_what_the_maker_means() {
    let water = meter("KAM", 0x16, 0x1b);
    assert_eq!(alarms(water, None, &[error_flags(&[0b0101, 0])]), [AlarmCode::Leak, AlarmCode::Dry]);
    assert_eq!(alarms(water, None, &[error_flags(&[0, 0x80])]), [AlarmCode::Abnormal]);
    let unknown = meter("ABC", 0x07, 1);
    assert_eq!(alarms(unknown, None, &[error_flags(&[4])]), [AlarmCode::Abnormal]);
    assert_eq!(words(&flags_of(unknown, None, &[error_flags(&[4, 1])])), ["2/1=1", "8/1=1"]);
    assert_eq!(flags_of(unknown, Some(0), &[error_flags(&[0, 0])]), []);
    assert_eq!(alarms(unknown, None, &[error_flags(&[0])]), []);
}

/// Burst now, and its time bits up to the highest: the record is negative as a number.
#[test]
fn a_negative_number_is_the_same_bits() {
    let water = meter("KAM", 0x16, 0x1b);
    let info = |number| {
        record(QuantityKind::ManufacturerSpecific, &[0x7f20], Value::Number(Decimal::new(number, 0)))
    };
    assert_eq!(words(&flags_of(water, None, &[info(-8184)])), ["burst", "burst-lately-22-31-days"]);
    assert_eq!(alarms(water, None, &[info(-8184)]), [AlarmCode::Burst]);
    let other = record(QuantityKind::ManufacturerSpecific, &[0x7f21], Value::Number(Decimal::new(8, 0)));
    assert_eq!(flags_of(water, None, &[other]), [], "another record of the maker's is no flags");
}

#[test]
fn a_memory_has_flags_and_raises_nothing() {
    let water = meter("APA", 0x07, 0x14);
    let before = Reading { storage: 1, ..error_flags(&[0x80]) };
    let flags = flags_of(water, None, std::slice::from_ref(&before));
    assert_eq!((words(&flags), flags[0].storage), (vec!["minimum-flow".to_owned()], 1));
    assert_eq!(signals(water, None, &[before]), []);
}

#[test]
fn a_code_that_is_not_listed_is_shown_as_it_is() {
    let single = meter("GSS", 0x02, 1);
    assert_eq!(words(&flags_of(single, None, &[error_flags(&[0, 0, 2, 1])])), ["single-phase-meter"]);
    assert_eq!(alarms(single, None, &[error_flags(&[0, 0, 2, 1])]), []);
    assert_eq!(words(&flags_of(single, None, &[error_flags(&[0, 0, 2, 0])])), ["16/16=2"]);
    assert_eq!(alarms(single, None, &[error_flags(&[0, 0, 2, 0])]), [AlarmCode::Abnormal]);
}

#[test]
fn every_alarm_a_table_tells_is_cleared_when_its_bit_is_not_set() {
    let heat = meter("KAM", 0x04, 0x35);
    let info = |number| {
        record(QuantityKind::ManufacturerSpecific, &[0x7f22], Value::Number(Decimal::new(number, 0)))
    };
    let cleared = signals(heat, None, &[info(0)]);
    assert!(cleared.iter().all(|signal| signal.change == Change::Cleared));
    assert!(cleared.iter().any(|signal| signal.code == AlarmCode::SensorError));
    assert_eq!(alarms(heat, None, &[info(0x0001_0060)]), [AlarmCode::SensorError]);
}

#[test]
fn bad_tables_say_what_is_wrong() {
    let fault = |lines: &str| {
        let text = format!("[[table]]\nname = \"x\"\nplace = \"error-flags\"\nmakers = [\"KAM\"]\n{lines}\n");
        tables(&text).unwrap_err().to_string()
    };
    let with = |lines: &str| fault(&format!("source = \"observed\"\n{lines}"));
    assert!(fault("source = \" \"").contains("does not say where it is from"));
    assert!(with("bits = [{ bit = 64, word = \"a\" }]").contains("bit 64 of `a`"));
    assert!(with("bits = [{ bit = 1, word = \"a\", code = \"fire\" }]").contains("`fire` is no alarm"));
    assert!(with("bits = [{ bit = 1, word = \"a\", phase = \"L4\" }]").contains("`L4` is no phase"));
    assert!(with("codes = [{ bits = [60, 5], values = [] }]").contains("bit 60"));
    assert!(with("bits = [{ bit = 1, word = \"a\" }]\nnumbers = [[0, 4]]").contains("said twice"));
}
