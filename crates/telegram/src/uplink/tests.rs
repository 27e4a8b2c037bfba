//! Lines, good and bad.

use super::*;

fn frame(line: &str) -> Vec<u8> {
    parse_line(line.as_bytes()).unwrap().unwrap().frame
}

fn fault(line: &[u8]) -> LineFault {
    parse_line(line).unwrap_err()
}

#[test]
fn every_form_gives_the_bytes() {
    for line in [
        "0b442d2c",
        "0x0B442D2C",
        " 0B 44|2D_2C\r",
        "T1;1;1;2019-04-03 19:00:42.000;97;148;88888888;0x0b442d2c",
        r#"{"telegram":"0B442D2C","other":{"a":[1]}}"#,
    ] {
        assert_eq!(frame(line), [0x0b, 0x44, 0x2d, 0x2c], "{line}");
    }
    for line in ["", "  \t", "# a note; with; semicolons"] {
        assert_eq!(parse_line(line.as_bytes()), Ok(None));
    }
}

#[test]
fn what_the_gateway_says_is_kept() {
    let uplink = parse_line(b"C1;1;1;2026-01-31 12:00:00.500;-71;148;;0x0b44").unwrap().unwrap();
    assert_eq!(uplink.received.unwrap().to_string(), "2026-01-31T12:00:00.5Z");
    assert_eq!(uplink.rssi_dbm, Some(-71));
    let json = r#"{"telegram":"0B44","received":"2026-01-31T13:00:00+01:00","rssi_dbm":-80,"gateway":"roof",
        "key":"000102030405060708090A0B0C0D0E0F"}"#;
    let uplink = parse_line(json.as_bytes()).unwrap().unwrap();
    assert_eq!(uplink.received.unwrap().to_string(), "2026-01-31T12:00:00Z");
    assert_eq!((uplink.rssi_dbm, uplink.gateway.as_deref()), (Some(-80), Some("roof")));
    assert!(uplink.key.is_some());
}

#[test]
fn lines_without_a_usable_key_have_none() {
    for key in ["", "NOKEY", "0102030405060708"] {
        let line = format!(r#"{{"telegram":"0B44","key":"{key}"}}"#);
        assert_eq!(parse_line(line.as_bytes()).unwrap().unwrap().key, None);
    }
}

#[test]
fn bad_lines_say_what_and_where() {
    for (line, kind, text) in [
        (&b"0B442"[..], "odd-hex", "has 5 hexadecimal digits, an odd number; a digit is missing"),
        (b"0B44xz", "not-hex", "character 5: `x` is not a hexadecimal digit"),
        ("0B4\u{e5}".as_bytes(), "not-hex", "character 4: `\u{e5}` is not a hexadecimal digit"),
        (b"\xff\xfe\x00", "not-text", "byte 0 is not text"),
        (b"0B\x80", "not-text", "byte 2 is not text"),
        (b"T1;1;1;0x44", "fields", "has 4 fields"),
        (b"T1;1;1;2019-04-03 19:00:42;0x44", "fields", "has 5 fields"),
        (b"gw;05047168;2009-12-17 00:00:00;00;0844;", "fields", "has 6 fields"),
        (b"gw;05047168;17.12.2009;00;0B44", "time", "`17.12.2009` is not a time"),
        (
            br#"{"media":"water","id":"12345678","total_m3":6.408}"#,
            "decoded-elsewhere",
            "has values that another",
        ),
        (b"T1;0;1;2019-04-03 19:00:42;97;148;8;0x0b44", "receiver-refused", "the receiver marks"),
        (b"T1;1;1;yesterday;97;148;8;0x0b44", "time", "`yesterday` is not a time"),
        (br#"{"telegram":"0B44""#, "json", "column 18: the object ends too early"),
        (br#"{"key":"NOKEY"}"#, "json", "column 15: a field is missing"),
        (br#"{"telegram":"0B44","key":"12"}"#, "key-form", "the key has 2 characters"),
        (br#"{"telegram":"0B4"}"#, "odd-hex", "has 3 hexadecimal digits"),
    ] {
        let fault = fault(line);
        assert_eq!(fault.kind(), kind);
        assert!(fault.to_string().starts_with(text), "{fault}");
    }
}

#[test]
fn long_lines_are_refused_by_their_length() {
    let line = vec![b'A'; 1_000_000];
    assert_eq!(fault(&line), LineFault::TooLong { got: 1_000_000 });
    let telegram = [&br#"{"telegram":""#[..], &vec![b'0'; 300_000], b"\"}"].concat();
    assert_eq!(fault(&telegram).kind(), "line-too-long");
}

/// A wired answer of a heat meter 05047168 with one value, as a report has it.
const UNFRAMED: &str = "08147268710405ac484103470000000c1480769604";

#[test]
fn a_reported_wired_telegram_gets_its_frame_back() {
    let row = format!("00000161;05047168;2009-12-17 01:00:00;00;{UNFRAMED}");
    let uplink = parse_line(row.as_bytes()).unwrap().unwrap();
    assert_eq!(uplink.gateway.as_deref(), Some("00000161"));
    assert_eq!(uplink.received.unwrap().to_string(), "2009-12-17T01:00:00Z");
    let telegram = crate::decode(&uplink.frame, &crate::KeyRing::new(), &crate::DecodeOptions::default());
    let telegram = telegram.unwrap();
    assert_eq!(telegram.meter.number.to_string(), "05047168");
    assert_eq!(telegram.readings.len(), 1);
    let header = b"serial-number;device-identification;created;value-data-count;mbus-raw-value";
    assert_eq!(parse_line(header), Ok(None));
}

#[test]
fn a_report_may_name_no_other_meter() {
    let row = format!("00000161;05047169;2009-12-17 01:00:00;00;{UNFRAMED}");
    let fault = fault(row.as_bytes());
    assert_eq!(fault.kind(), "other-meter");
    assert!(
        fault.to_string().starts_with("names meter `05047169`, its telegram is of `05047168`"),
        "{fault}"
    );
    // What is no identification number is not compared.
    let row = format!("00000161;17;2009-12-17 01:00:00;00;{UNFRAMED}");
    assert!(parse_line(row.as_bytes()).unwrap().is_some());
}

#[test]
fn whole_frames_in_a_report_stay_as_they_are() {
    // A wireless one, whose length could be a C-field, and a wired one.
    let wireless = [&[0x18_u8, 0x44, 0x72][..], &[0; 22]].concat();
    let wired = [0x68, 3, 3, 0x68, 8, 1, 0x72, 0x7b, 0x16];
    for bytes in [&wireless[..], &wired] {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(frame(&format!("gw;;2009-12-17 01:00:00;00;{digits}")), bytes);
    }
}

#[test]
fn a_row_cut_anywhere_is_no_other_telegram() {
    let row = format!("gw;05047168;2009-12-17 01:00:00;00;{UNFRAMED}");
    let whole = frame(&row);
    for cut in 0..row.len() {
        // A cut telegram is another frame whose records end too early, never this one.
        if let Ok(Some(uplink)) = parse_line(&row.as_bytes()[..cut]) {
            assert_ne!(uplink.frame, whole);
        }
    }
}

#[test]
fn what_wmbusmeters_calls_things_is_understood() {
    let line = br#"{"_":"telegram","media":"water","telegram":"0B44","timestamp":"2026-01-31T12:00:00Z",
        "device":"rtlwmbus[00000001]","rssi_dbm":-80,"total_m3":1.5}"#;
    let uplink = parse_line(line).unwrap().unwrap();
    assert_eq!(uplink.received.unwrap().to_string(), "2026-01-31T12:00:00Z");
    assert_eq!((uplink.rssi_dbm, uplink.gateway.as_deref()), (Some(-80), Some("rtlwmbus[00000001]")));
    // An amplitude of a receiver is no strength in dBm.
    let line = br#"{"telegram":"0B44","rssi_dbm":30}"#;
    assert_eq!(parse_line(line).unwrap().unwrap().rssi_dbm, None);
}
