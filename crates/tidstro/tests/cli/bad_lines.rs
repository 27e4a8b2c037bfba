//! Lines that are no telegrams, and telegrams that are damaged: each says what, where and what to do, and the
//! lines around it go through.

use tidstro_model::{Manufacturer, Medium, MeterId, MeterNumber};
use tidstro_world::encode::{Data, Envelope, Protection, Record, Vif, encode, with_crc_a};

use crate::common::{Place, Ran, clear_telegram, hex, ran, tidstro};

const VOLUME: [u8; 6] = [0x0c, 0x13, 0x56, 0x34, 0x12, 0x00];
const KEY: [u8; 16] = [0x11; 16];

/// A line, the kind it is counted under, and what must be said about it.
struct Bad {
    line: Vec<u8>,
    kind: &'static str,
    says: &'static [&'static str],
}

fn bad(line: impl Into<Vec<u8>>, kind: &'static str, says: &'static [&'static str]) -> Bad {
    Bad { line: line.into(), kind, says }
}

fn good() -> String {
    hex(&clear_telegram(&VOLUME))
}

/// A telegram in mode 5, and its meter's number.
fn encrypted(access_number: u8) -> String {
    let meter = MeterId {
        manufacturer: Manufacturer::parse("TDA").unwrap(),
        number: MeterNumber(0x5200_0099),
        version: 2,
        medium: Medium::WATER,
    };
    let envelope = Envelope { meter, converter: None, access_number, status: 0 };
    let record = Record::now(Vif::VolumeLitre, Data::Bcd8(4711));
    hex(&encode(&envelope, &Protection::Mode5 { key: &KEY }, &[record]).unwrap())
}

fn json(telegram: &str, key: &str) -> String {
    format!("{{\"telegram\":\"{telegram}\",\"key\":\"{key}\"}}")
}

/// Lines from which no telegram can be read.
fn refused_lines() -> Vec<Bad> {
    let whole = clear_telegram(&VOLUME);
    let mut wrong_length = whole.clone();
    wrong_length[0] += 3;
    let mut wrong_crc = with_crc_a(&whole);
    wrong_crc[14] ^= 1;
    let wrong_key = json(&encrypted(1), &"22".repeat(16));
    vec![
        bad(&good()[1..], "odd-hex", &["41 hexadecimal digits, an odd number", "a digit is missing"]),
        bad("2e44zz", "not-hex", &["character 5", "`z`", "write the telegram as pairs of 0-9 and A-F"]),
        bad(
            hex(&whole[..whole.len() / 2]),
            "too-short",
            &["has 10 bytes", "check that the whole line was copied"],
        ),
        bad(hex(&whole[..whole.len() - 3]), "length", &["byte 0: L field `14`", "part of it is missing"]),
        bad(
            hex(&wrong_length),
            "length",
            &["byte 0: L field `17`", "asks for 24 bytes", "the telegram has 21"],
        ),
        bad(hex(&wrong_crc), "crc", &["CRC of block 2", "the bytes give", "damaged on its way"]),
        bad(wrong_key, "wrong-key", &["TDA 52000099", "byte 15", "`2F2F`", "the key is wrong"]),
        bad(
            encrypted(2),
            "key-missing",
            &["TDA 52000099", "mode 5 needs a key", "add the meter to the key file"],
        ),
        bad(json(&good(), "00"), "key-form", &["the key has 2 characters", "32 hexadecimal digits"]),
        bad("{\"telegram\":12}", "json", &["column", "write an object with `telegram`"]),
        bad("{\"telegram\":", "json", &["column", "write an object with `telegram`"]),
        bad("T1;1;1;2026-03-01 00:03:12.000;-71", "fields", &["has 5 fields", "8: MODE;crc;3of6"]),
        bad(format!("T1;0;1;2026-03-01 00:03:12.000;-71;;1;0x{}", good()), "receiver-refused", &["crc is 0"]),
        bad(format!("T1;1;1;soon;-71;;1;0x{}", good()), "time", &["`soon` is not a time", "RFC 3339"]),
        bad([0x00, 0xff, 0x1b, 0x5b, 0x32, 0x4a], "not-text", &["byte 1 is not text", "not as raw bytes"]),
        bad("\u{1b}[2J", "not-hex", &["character 1", "`\\u{1b}`"]),
        bad("ab".repeat(150_000), "line-too-long", &["has 300000 bytes", "look for a missing line break"]),
        bad("ab".repeat(400), "too-long", &["has 400 bytes", "holds one telegram only"]),
    ]
}

/// Telegrams of which a record cannot be read.
fn broken_records() -> Vec<(Vec<u8>, &'static [&'static str])> {
    vec![
        (vec![0x84; 40], &["byte 15: more than 10 DIFE", "what follows it cannot be read"]),
        ([&[0x04][..], &[0xff; 40]].concat(), &["byte 15: more than 10 VIFE"]),
        (
            vec![0x0d, 0x78, 0x40, 0x31, 0x32],
            &["byte 15", "ends inside the variable-length data", "the record is cut"],
        ),
        (vec![0x0d, 0x13, 0xff, 0x12], &["byte 15: variable length code `FF` is reserved"]),
        (vec![0x0c, 0x13, 0x56], &["byte 15", "ends inside the data", "the record is cut"]),
        ([&VOLUME[..], &[0x0c]].concat(), &["byte 21", "ends inside the value information"]),
    ]
}

fn decode(place: &Place, lines: &[u8]) -> Ran {
    ran(tidstro(&["decode", &place.write("lines.txt", lines)]))
}

#[test]
fn a_bad_line_is_refused_and_the_others_go_through() {
    let place = Place::new();
    for Bad { line, kind, says } in refused_lines() {
        let lines = [good().as_bytes(), b"\n", &line, b"\n", good().as_bytes(), b"\n"].concat();
        let told = decode(&place, &lines).exits(1).says(says).says(&[
            "line 2: refused: ",
            "3 lines: 2 telegrams with 2 readings",
            &format!("refused {kind}: 1"),
        ]);
        assert_eq!(told.out.matches("123.456 m3").count(), 2, "{told}");
        assert!(!told.out.contains('\u{1b}'), "{told}");
    }
}

#[test]
fn a_broken_record_leaves_the_others() {
    let place = Place::new();
    for (records, says) in broken_records() {
        let lines = format!("{}\n{}\n", hex(&clear_telegram(&records)), good());
        decode(&place, lines.as_bytes()).exits(1).says(says).says(&[
            "not decoded: ",
            "1 unreadable record",
            "123.456 m3",
        ]);
    }
}

#[test]
fn dates_no_calendar_has_are_no_dates() {
    let place = Place::new();
    for date in [
        &[0x02, 0x6c, 0x5f, 0x12][..],         // 31 February 2010.
        &[0x02, 0x6c, 0xff, 0xff],             // The meter says: none.
        &[0x04, 0x6d, 0x1e, 0x0f, 0x5f, 0x12], // 31 February with a clock time.
        &[0x04, 0x6d, 0xff, 0xff, 0xff, 0xff], // None, with a clock time.
    ] {
        let line = hex(&clear_telegram(&[date, &VOLUME].concat()));
        decode(&place, line.as_bytes()).exits(0).says(&[
            "no value: byte 15: date-time: no calendar has this date",
            "without a value: 1 reading",
            "123.456 m3",
        ]);
        let file = place.write("line.txt", &line);
        let values = ran(tidstro(&["decode", "--json", &file])).exits(0).json_lines();
        assert_eq!(
            (&values[0]["value"], &values[0]["quality"]),
            (&serde_json::Value::Null, &"missing".into())
        );
        assert_eq!(values[1]["value"].to_string(), "123.456");
    }
}

#[test]
fn refusals_are_json_too() {
    let place = Place::new();
    let file = place.write("lines.txt", format!("{}\n{}\n", encrypted(1), good()));
    let lines = ran(tidstro(&["decode", "--json", &file])).exits(1).json_lines();
    assert_eq!((lines.len(), &lines[0]["refused"], &lines[0]["line"]), (2, &"key-missing".into(), &1.into()));
    assert_eq!((&lines[0]["manufacturer"], &lines[0]["id"]), (&"TDA".into(), &"52000099".into()));
}

#[test]
fn ingest_counts_each_kind_and_keeps_the_rest() {
    let place = Place::new();
    let mut lines = Vec::new();
    for (Bad { line, .. }, access_number) in refused_lines().into_iter().zip(1..) {
        lines.extend([&line, b"\n".as_slice(), numbered(access_number).as_bytes(), b"\n"].concat());
    }
    let file = place.write("lines.txt", &lines);
    let told = place.run(&["ingest", &file]).exits(1);
    let count = refused_lines().len();
    let report = format!("{:>12}  lines\n{:>12}  telegrams kept", 2 * count, count + 2);
    let mut told =
        told.says(&[&report, &format!("{count:>12}  decoded"), &format!("{count:>12}  register readings")]);
    for (Bad { kind, says, .. }, line) in refused_lines().into_iter().zip((1..).step_by(2)) {
        told = told.says(&[&format!("({kind})")]);
        // Of two lines of one kind, the first is told.
        if told.out.contains(&format!("lines.txt line {line}: ")) {
            told = told.says(says);
        }
    }
    assert!(!told.out.contains('\u{1b}'), "{told}");
    assert!(told.out.contains("kept as received, no reading (wrong-key)"), "{told}");
}

/// A good telegram unlike the others.
fn numbered(access_number: u8) -> String {
    let mut telegram = clear_telegram(&VOLUME);
    telegram[11] = access_number;
    hex(&telegram)
}

#[test]
fn an_input_without_lines() {
    let place = Place::new();
    for empty in ["", "\n\n\r\n", "# only a comment\n"] {
        let file = place.write("empty.txt", empty);
        ran(tidstro(&["decode", &file]))
            .exits(0)
            .says(&["0 lines", "no telegram in the input; give lines of hex"]);
        place
            .run(&["ingest", &file])
            .exits(0)
            .says(&["0  lines", "nothing in the input; give telegrams line by line"]);
    }
}

#[test]
fn rubbish_of_any_size_is_refused_line_by_line() {
    let place = Place::new();
    // Every byte there is, in no order a telegram has; the seed is the multiplier.
    let rubbish: Vec<u8> =
        (0_u32..200_000).map(|i| (i.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    let file = place.write("rubbish.bin", &rubbish);
    let decoded = ran(tidstro(&["decode", &file])).exits(1).says(&["0 telegrams", "refused not-text"]);
    assert!(decoded.out.lines().all(|line| line.is_empty() || line.starts_with("line ")), "{decoded}");
    place.run(&["ingest", &file]).exits(1).says(&["refused (not-text)", "rubbish.bin line "]);
}

#[test]
fn files_that_cannot_be_read() {
    let place = Place::new();
    let folder = place.path("folder");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    let good = place.write("good.txt", good());
    let rubbish = place.write("rubbish.csv", [0xff, 0xfe]);
    for command in ["decode", "ingest"] {
        place.run(&[command, "nowhere.txt"]).exits(1).says(&["`nowhere.txt`", "check the path"]);
        place.run(&[command, folder]).exits(1).says(&[folder, "directory", "name a file in it"]);
        place.run(&[command, &good, "--keys", "no.csv"]).exits(1).says(&["`no.csv`", "check the path"]);
        place
            .run(&[command, &good, "--keys", &rubbish])
            .exits(1)
            .says(&["rubbish.csv", "give a text file in UTF-8"]);
    }
    assert!(!place.data().exists());
}

#[test]
fn key_files_name_the_line() {
    let place = Place::new();
    let good = place.write("good.txt", good());
    let header = "manufacturer,id,version,type,key\n";
    let key = hex(&KEY);
    for (content, says) in [
        ("nonsense\n".to_owned(), "line 1: neither a `[[key]]` table nor the header"),
        (format!("{header}TDA,1,2\n"), "line 2: has 3 fields, expected 5"),
        (format!("{header}TDA,52000099,02,07,zz\n"), "line 2: the key has 2 characters"),
        (format!("{header}TDA,52000099,xx,07,{key}\n"), "line 2: version `xx` is not a byte"),
        (
            format!("{header}TDA,00000005,,,{key}\nTDA,00000005,,,{key}\n"),
            "line 3: a second key for the same meter",
        ),
        (format!("[[key]]\nmanufacturer = \"TDA\"\nid = \"1\"\nkei = \"{key}\"\n"), "line 4"),
    ] {
        let file = place.write("keys.csv", content);
        let told = ran(tidstro(&["decode", &good, "--keys", &file])).exits(1).says(&["keys.csv", says]);
        assert!(!told.err.contains(&key), "a key is shown: {told}");
    }
}
