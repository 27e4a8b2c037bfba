//! Each file against the telegram and the readings inside it.

use proptest::{collection, prelude::*};
use serde::Deserialize;
use tidstro_model::{Reading, Value};

use super::{FILES, File};
use crate::{DecodeOptions, KeyRing, Telegram, decode, uplink};

#[derive(Deserialize)]
struct WholeFile {
    name: String,
    sample: Sample,
}

/// A telegram of a meter that does not exist.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    telegram: String,
    /// Quantity, value, unit; tariff, subunit and refinements where there are any; OBIS code.
    readings: Vec<String>,
}

fn read(text: &str) -> (WholeFile, Telegram) {
    let file: WholeFile = toml::from_str(text).unwrap();
    let frame = uplink::parse_line(file.sample.telegram.as_bytes()).unwrap().unwrap().frame;
    let telegram = decode(&frame, &KeyRing::new(), &DecodeOptions::default()).unwrap();
    (file, telegram)
}

fn shown(reading: &Reading) -> String {
    let Value::Number(number) = reading.value else { panic!("{reading:?} is no number") };
    let mut shown = format!("{} {number} {}", reading.quantity, reading.unit);
    if reading.tariff != 0 {
        shown.push_str(&format!(" tariff {}", reading.tariff));
    }
    if reading.subunit != 0 {
        shown.push_str(&format!(" subunit {}", reading.subunit));
    }
    reading.modifiers.iter().for_each(|modifier| shown.push_str(&format!(" {:04x}", modifier.0)));
    if let Some(obis) = reading.obis {
        shown.push_str(&format!(" {obis}"));
    }
    shown
}

#[test]
fn every_file_reads_its_own_telegram() {
    for (file, text) in FILES {
        let (whole, telegram) = read(text);
        assert!(!whole.name.is_empty(), "{file}");
        let got: Vec<String> = telegram.readings.iter().map(shown).collect();
        assert_eq!(got, whole.sample.readings, "{file}");
        assert_eq!(telegram.faults, [], "{file}");
    }
}

#[test]
fn every_file_says_something_of_its_meters() {
    for (file, text) in FILES {
        let parsed = File::parse(text).unwrap();
        let (_, telegram) = read(text);
        assert!(parsed.meters.is(telegram.meter), "{file}");
        assert!(!parsed.records.is_empty() || !parsed.refinements.is_empty(), "{file}");
    }
}

#[test]
fn a_file_that_says_what_nobody_knows_is_a_fault() {
    let check = |from: &str, to: &str| {
        let (_, text) = FILES[0];
        assert!(text.contains(from), "{from}");
        assert!(File::parse(&text.replace(from, to)).is_err(), "{to}");
    };
    check("\"AXI\"", "\"AX\"");
    check("\"battery-life\"", "\"battery\"");
    check("\"%\"", "\"percent\"");
    check("\"FD 74\"", "\"FD7x\"");
    check("quantity", "quality");
}

#[test]
fn another_makers_meter_is_read_by_the_standard() {
    // The battery record of Axioma, sent by Kamstrup.
    let battery = |manufacturer: [u8; 2]| {
        let [low, high] = manufacturer;
        let frame = [0x13, 0x44, low, high, 0, 0, 0, 0, 1, 7, 0x7a, 1, 0, 0, 0, 0x01, 0xfd, 0x74, 88, 0x2f];
        let telegram = decode(&frame, &KeyRing::new(), &DecodeOptions::default()).unwrap();
        shown(&telegram.readings[0])
    };
    assert_eq!(battery([0x09, 0x07]), "battery-life 88 %");
    assert_eq!(battery([0x2d, 0x2c]), "battery-life 88 d");
}

proptest! {
    /// Any bytes of any of these meters are read without a panic, and every reading lies inside them.
    #[test]
    fn any_bytes_are_read(bytes in collection::vec(any::<u8>(), 0..64), file in 0..FILES.len()) {
        let (_, telegram) = read(FILES[file].1);
        let records = crate::apdu::read(&bytes, 0..bytes.len(), telegram.meter);
        let ends = u32::try_from(bytes.len()).unwrap();
        prop_assert!(records.readings.iter().all(|reading| reading.offset < ends));
    }

    /// Whatever the value information, the digits stay the meter's. VIFEs 78 to 7B add to them by the standard.
    #[test]
    fn no_meaning_changes_the_digits(codes in collection::vec(0_u8..0x78, 0..3), last in 0_u8..0x78, file in 0..FILES.len()) {
        let (_, telegram) = read(FILES[file].1);
        let vib: Vec<u8> = codes.iter().map(|code| code | 0x80).chain([last]).collect();
        let record = [&[0x02][..], &vib, &[0x39, 0x30]].concat();
        for reading in crate::apdu::read(&record, 0..record.len(), telegram.meter).readings {
            if let Value::Number(number) = reading.value {
                prop_assert_eq!(number.mantissa(), 12345);
            }
        }
    }
}
