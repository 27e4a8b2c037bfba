//! Each layout file against the telegram and the readings inside it.

use proptest::{collection::vec, prelude::*};
use serde::Deserialize;
use tidstro_model::{Function, Modifier, Reading, Value};

use super::{FILES, file::Layout};
use crate::{DecodeOptions, Key, KeyRing, Telegram, address, apdu::OF_PERIOD, decode, uplink};

/// What a file holds beside the layout.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WholeFile {
    name: String,
    sample: Sample,
    #[serde(rename = "meters")]
    _meters: Vec<toml::Table>,
    #[serde(rename = "fits")]
    _fits: toml::Table,
    #[serde(rename = "cipher")]
    _cipher: Option<toml::Table>,
    #[serde(rename = "lead")]
    _lead: Option<toml::Table>,
    #[serde(rename = "tagged")]
    _tagged: Option<toml::Table>,
    #[serde(rename = "flagged")]
    _flagged: Option<toml::Table>,
    #[serde(rename = "field")]
    _fields: Vec<toml::Table>,
}

/// A telegram made by the layout, of a meter that does not exist.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    /// Hex, format A without CRCs.
    telegram: String,
    /// The meter's key, where the maker encrypts.
    key: Option<String>,
    /// Storage, quantity, value, unit, and whether it is of a period.
    readings: Vec<String>,
}

fn sample(text: &str) -> Sample {
    toml::from_str::<WholeFile>(text).unwrap().sample
}

fn frame(sample: &Sample) -> Vec<u8> {
    uplink::parse_line(sample.telegram.as_bytes()).unwrap().unwrap().frame.to_vec()
}

fn read(frame: &[u8], sample: &Sample) -> Option<Telegram> {
    let options = DecodeOptions::default();
    match &sample.key {
        Some(key) => decode(frame, &Key::parse_hex(key).unwrap(), &options).ok(),
        None => decode(frame, &KeyRing::new(), &options).ok(),
    }
}

fn shown(reading: &Reading) -> String {
    let value = match &reading.value {
        Value::Number(number) => format!("{number} {}", reading.unit),
        Value::Date(date) => date.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        other => format!("{other:?}"),
    };
    let function = match reading.function {
        Function::Instantaneous => "",
        other => other.word(),
    };
    let modifiers = reading.modifiers.iter().map(|modifier| match *modifier {
        OF_PERIOD => "of period".to_owned(),
        Modifier::SUMMER_TIME => "summer".to_owned(),
        Modifier(code) => format!("vife {code:02x}"),
    });
    let words = [function.to_owned()].into_iter().chain(modifiers).filter(|word| !word.is_empty());
    let rest: String = words.map(|word| format!(" {word}")).collect();
    format!("{} {} {value}{rest}", reading.storage, reading.quantity)
}

#[test]
fn every_file_reads_its_own_telegram() {
    let wrong: Vec<(&str, Vec<String>)> = FILES
        .iter()
        .filter_map(|(file, text)| {
            let sample = sample(text);
            let telegram = read(&frame(&sample), &sample).unwrap_or_else(|| panic!("{file} is refused"));
            let readings: Vec<String> = telegram.readings.iter().map(shown).collect();
            (readings != sample.readings).then_some((*file, readings))
        })
        .collect();
    assert!(wrong.is_empty(), "these read otherwise: {wrong:#?}");
}

#[test]
fn every_file_is_a_layout_with_a_name_of_its_own() {
    let mut names: Vec<String> = FILES
        .iter()
        .map(|(file, text)| {
            Layout::parse(text).unwrap_or_else(|fault| panic!("{file}: {fault}"));
            toml::from_str::<WholeFile>(text).unwrap().name
        })
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), FILES.len());
}

/// Whether the layout read the frame: then every value of the sample is among the readings.
fn is_read(frame: &[u8], sample: &Sample) -> bool {
    read(frame, sample).is_some_and(|telegram| {
        let readings: Vec<String> = telegram.readings.iter().map(shown).collect();
        sample.readings.iter().all(|expected| readings.contains(expected))
    })
}

#[test]
fn a_telegram_one_byte_short_fits_no_layout() {
    for (file, text) in FILES {
        let sample = sample(text);
        let mut short = frame(&sample);
        assert!(is_read(&short, &sample), "{file}");
        short.pop();
        short[0] -= 1;
        assert!(!is_read(&short, &sample), "{file}");
    }
}

#[test]
fn only_the_makers_versions_and_types_of_the_file_are_read() {
    for (file, text) in FILES {
        let (sample, layout) = (sample(text), Layout::parse(text).unwrap());
        // Maker, version and type in the link layer.
        for byte in [2, 8, 9] {
            let mut other = frame(&sample);
            other[byte] ^= 0x10;
            let meter = address(&other).unwrap();
            // A cipher mixes the address in, so that a changed one hides the rest.
            let is_for = layout.cipher.is_none() && layout.meter(meter, other[10]).is_some();
            assert_eq!(is_read(&other, &sample), is_for, "{file}: {meter}");
        }
    }
}

#[test]
fn a_checksum_that_does_not_fit_gives_no_value() {
    let (_, text) = FILES.iter().find(|(file, _)| *file == "apa-at-wmbus-16-2").unwrap();
    let sample = sample(text);
    // From behind the DIF: with another one it is no such record.
    for byte in 16..frame(&sample).len() {
        for bit in 0..8 {
            let mut changed = frame(&sample);
            changed[byte] ^= 1 << bit;
            assert_eq!(read(&changed, &sample), None, "byte {byte} bit {bit}");
        }
    }
}

/// The samples whose maker encrypts, and those of a CI field of the maker's own that do not.
fn samples_of_own_ci() -> impl Iterator<Item = (&'static str, Sample)> {
    FILES.iter().map(|(file, text)| (*file, sample(text))).filter(|(_, sample)| frame(sample)[10] >= 0xa0)
}

#[test]
fn a_key_that_is_not_the_meters_gives_no_value() {
    let options = DecodeOptions::default();
    for (file, sample) in samples_of_own_ci().filter(|(_, sample)| sample.key.is_some()) {
        for byte in 0..=255 {
            let refusal = decode(&frame(&sample), &Key::new([byte; 16]), &options).unwrap_err();
            assert_eq!(refusal.kind(), "wrong-key", "{file}");
        }
        let refusal = decode(&frame(&sample), &KeyRing::new(), &options).unwrap_err();
        assert_eq!(refusal.kind(), "key-missing", "{file}");
    }
}

#[test]
fn a_clear_telegram_of_a_meter_with_a_key_is_a_finding() {
    let key = Key::new([7; 16]);
    let accepting = DecodeOptions { accept_clear: true, ..DecodeOptions::default() };
    for (file, sample) in samples_of_own_ci().filter(|(_, sample)| sample.key.is_none()) {
        let refusal = decode(&frame(&sample), &key, &DecodeOptions::default()).unwrap_err();
        assert_eq!(refusal.kind(), "downgrade", "{file}");
        assert!(decode(&frame(&sample), &key, &accepting).is_ok(), "{file}");
    }
}

/// A Diehl address begins with version and type where the maker's own does, and the meter is known by the number behind.
#[test]
fn a_meter_is_named_as_its_maker_names_it() {
    let (_, text) = FILES.iter().find(|(file, _)| *file == "prios").unwrap();
    let sapel = frame(&sample(text));
    assert_eq!(address(&sapel).unwrap().to_string(), "SAP 20345678 vD4 t01");
    let mut hydrometer = sapel;
    hydrometer[2..4].copy_from_slice(&[0x24, 0x23]);
    assert_eq!(address(&hydrometer).unwrap().to_string(), "HYD 01D42034 v78 t56");
}

proptest! {
    /// Whatever bytes stand where a layout looks: a refusal or readings, never a panic.
    #[test]
    fn no_bytes_break_a_layout(file in 0..FILES.len(), from in 11_usize..80, noise in vec(any::<u8>(), 0..80)) {
        let mut frame = frame(&sample(FILES[file].1));
        let from = from.min(frame.len());
        frame.truncate(from);
        frame.extend(noise);
        frame[0] = u8::try_from(frame.len() - 1).unwrap();
        let key = Key::new([7; 16]);
        let _ = decode(&frame, &KeyRing::new(), &DecodeOptions::default());
        let _ = decode(&frame, &key, &DecodeOptions { accept_clear: true, ..DecodeOptions::default() });
    }
}
