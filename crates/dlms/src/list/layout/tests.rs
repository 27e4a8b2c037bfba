//! Each layout file against the push and the readings inside it.

use serde::Deserialize;
use tidstro_model::{Reading, Value};

use super::{FILES, file::Layout};
use crate::{CipherHeader, Framing, Key, Keys, Options, Push, SystemTitle, decode, protect};

/// A push made by the layout, of a meter that does not exist.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    /// System title in hex, where the layout is of protected pushes.
    title: Option<String>,
    /// The clear APDU in hex.
    apdu: String,
    /// Code, quantity, value and unit.
    readings: Vec<String>,
}

#[derive(Deserialize)]
struct WholeFile {
    sample: Sample,
}

fn sample(text: &str) -> Sample {
    toml::from_str::<WholeFile>(text).unwrap().sample
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn keys() -> Keys {
    Keys { encryption: Key::Aes128([7; 16]), authentication: Some(Key::Aes128([9; 16])) }
}

/// The sample as it is sent, with one byte of its clear APDU changed if asked.
fn push(sample: &Sample, apdu: &[u8]) -> Option<Push> {
    let sent = match &sample.title {
        None => apdu.to_vec(),
        Some(title) => protected(&bytes(title), apdu),
    };
    let mut pushes = decode(&sent, Framing::Raw, &keys(), &Options::default());
    assert_eq!(pushes.len(), 1);
    pushes.pop().unwrap().ok()
}

fn protected(title: &[u8], apdu: &[u8]) -> Vec<u8> {
    let title = SystemTitle(title.try_into().unwrap());
    let header =
        CipherHeader { title, is_dedicated: false, control: 0x30, invocation_counter: 1, protected_len: 0 };
    protect(header, &keys(), apdu).unwrap()
}

fn shown(reading: &Reading) -> String {
    let value = match &reading.value {
        Value::Number(number) => format!("{number} {}", reading.unit),
        Value::DateTime(moment) => moment.to_string(),
        Value::Text(text) => text.to_string(),
        other => format!("{other:?}"),
    };
    format!("{} {} {value}", reading.obis.unwrap(), reading.quantity)
}

#[test]
fn every_file_reads_its_own_push() {
    for (file, text) in FILES {
        let layout = Layout::parse(text).unwrap_or_else(|fault| panic!("{file}: {fault}"));
        let sample = sample(text);
        let push = push(&sample, &bytes(&sample.apdu)).unwrap_or_else(|| panic!("{file} is refused"));
        let readings: Vec<String> = push.readings.iter().map(shown).collect();
        assert_eq!(readings, sample.readings, "{file}");
        assert_eq!(push.layout, Some(layout.name.as_str()), "{file}");
    }
}

#[test]
fn every_file_has_a_name_of_its_own() {
    let mut names: Vec<String> = FILES.iter().map(|(_, text)| Layout::parse(text).unwrap().name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), FILES.len());
}

#[test]
fn offsets_lead_to_the_values() {
    for (file, text) in FILES {
        let sample = sample(text);
        let apdu = bytes(&sample.apdu);
        for item in push(&sample, &apdu).unwrap().items {
            let value = item.value.to_bytes();
            assert_eq!(apdu.get(item.offset..item.offset + value.len()), Some(value.as_slice()), "{file}");
        }
    }
}

#[test]
fn a_text_that_names_another_list_leaves_the_values_without_units() {
    for (file, text) in FILES {
        let (sample, layout) = (sample(text), Layout::parse(text).unwrap());
        let Some(named) = layout.fits.texts.last() else { continue };
        let apdu = bytes(&sample.apdu);
        let begin = named.begins[0].as_bytes();
        let at = apdu.windows(begin.len()).position(|window| window == begin).unwrap();
        let mut other = apdu.clone();
        other[at + begin.len() - 1] ^= 0x0f;
        assert_eq!(push(&sample, &other).unwrap().layout, None, "{file}");
    }
}

#[test]
fn one_value_more_or_less_fits_no_layout_of_bare_values() {
    for (file, text) in FILES.iter().filter(|(_, text)| text.contains("form = \"values\"")) {
        let sample = sample(text);
        let mut apdu = bytes(&sample.apdu);
        let body = 5 + usize::from(apdu[5] == 9) + 13;
        assert_eq!(apdu[body], 2, "{file}");
        apdu[body + 1] += 1;
        apdu.extend([0x06, 0, 0, 0, 0]);
        assert_eq!(push(&sample, &apdu).unwrap().readings, [], "{file}");
    }
}

/// A meter behind current transformers sends the same list with other scales.
#[test]
fn powers_that_do_not_agree_leave_the_values_without_units() {
    let (_, text) = FILES.iter().find(|(file, _)| *file == "kamstrup-denmark").unwrap();
    let sample = sample(text);
    let apdu = bytes(&sample.apdu);
    // Three currents of the sample: 1.13, 1.14 and 1.15 A become 113 A.
    let mut other = apdu.clone();
    for phase in [31, 51, 71] {
        let code = [1, 1, phase, 7, 0, 255, 0x06];
        let at = apdu.windows(7).position(|window| window == code).unwrap() + code.len();
        other[at..at + 4].copy_from_slice(&11_300_u32.to_be_bytes());
    }
    assert!(push(&sample, &apdu).unwrap().layout.is_some());
    let other = push(&sample, &other).unwrap();
    assert_eq!((other.layout, other.items.len()), (None, 32));
    assert!(other.readings.iter().all(|reading| reading.unit == tidstro_model::Unit::One));
}
