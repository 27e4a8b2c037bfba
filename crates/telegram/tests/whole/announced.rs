//! Every CI field: decoded, or refused by what it announces.

use tidstro_model::{QuantityKind, Value};
use tidstro_telegram::{DecodeOptions, Key, KeyRing, Refusal, Telegram, decode};

use crate::encode::{KEY, LINK, mode5, wireless};

/// CI fields that the tables of EN 13757-7:2018 (table 2) and EN 13757-3 keep for later.
fn is_reserved(ci: u8) -> bool {
    matches!(ci, 0x20..=0x4f | 0x57..=0x59 | 0x5d | 0x5e | 0x62 | 0x63 | 0x91..=0x9d | 0xc6..=0xff)
}

/// A telegram in the clear with this CI field: a header where it has one, zeros behind.
fn telegram(ci: u8) -> Result<Telegram, Refusal> {
    let frame = wireless(&[&[ci][..], &[0; 24]].concat());
    decode(&frame, &KeyRing::new(), &DecodeOptions::default())
}

#[test]
fn every_ci_field_is_decoded_or_named() {
    for ci in 0..=u8::MAX {
        let shown = match telegram(ci) {
            Ok(_) => continue,
            Err(refusal) => refusal.to_string(),
        };
        assert!(shown.contains("byte "), "{ci:02X}: {shown}");
        assert_eq!(shown.contains("reserved layout"), is_reserved(ci), "{ci:02X}: {shown}");
    }
}

#[test]
fn what_carries_no_records_says_what_it_is() {
    let decoded: Vec<u8> = (0..=u8::MAX).filter(|ci| telegram(*ci).is_ok()).collect();
    assert_eq!(decoded, [0x72, 0x78, 0x7a]);
    for (ci, kind) in [
        (0x50, "no-values"),
        (0x5f, "session-needed"),
        (0x66, "no-values"),
        (0x69, "format-frame"),
        (0x6c, "no-values"),
        (0x6d, "no-values"),
        (0x70, "application-error"),
        (0x71, "alarm-form"),
        (0x79, "format-unknown"),
        (0x7c, "layout-not-yet"),
        (0x81, "layout-not-yet"),
        (0x86, "layout-not-yet"),
        (0x8a, "no-values"),
        (0x8b, "no-values"),
        (0xb2, "layout-not-yet"),
        (0xc1, "no-values"),
    ] {
        assert_eq!(telegram(ci).unwrap_err().kind(), kind, "{ci:02X}");
    }
}

/// The content behind a short header, a long one, and none.
fn with_headers([short, long, none]: [u8; 3], content: &[u8]) -> [Vec<u8>; 3] {
    let address = [&LINK[4..8], &LINK[2..4], &LINK[8..]].concat();
    let fields = [0x2a, 0x03, 0, 0];
    [
        [&[short], &fields[..], content].concat(),
        [&[long], &address[..], &fields, content].concat(),
        [&[none], content].concat(),
    ]
}

#[test]
fn an_alarm_report_gives_its_bits() {
    for content in with_headers([0x74, 0x75, 0x71], &[0x81]) {
        let telegram = decode(&wireless(&content), &KeyRing::new(), &DecodeOptions::default()).unwrap();
        assert_eq!(telegram.readings.len(), 1);
        let alarm = &telegram.readings[0];
        assert_eq!(alarm.quantity, QuantityKind::ManufacturerSpecific);
        assert_eq!(alarm.value, Value::Bytes([0x81].into()));
        assert_eq!(telegram.status.is_some(), content[0] != 0x71);
    }
}

#[test]
fn an_encrypted_alarm_report_is_proven_by_its_fillers() {
    let mut content = mode5(&[0x81], &[]);
    content[0] = 0x74;
    let read = |content: &[u8]| decode(&wireless(content), &Key::new(KEY), &DecodeOptions::default());
    assert_eq!(read(&content).unwrap().readings[0].value, Value::Bytes([0x81].into()));
    for at in 5..content.len() {
        let mut changed = content.clone();
        changed[at] ^= 1;
        assert!(read(&changed).is_err(), "{at}");
    }
}

#[test]
fn an_application_error_is_named() {
    for content in with_headers([0x6e, 0x6f, 0x70], &[0x14]) {
        let refusal = decode(&wireless(&content), &KeyRing::new(), &DecodeOptions::default()).unwrap_err();
        assert_eq!(refusal.kind(), "application-error");
        let offset = 10 + content.len() - 1;
        let shown = format!(
            "KAM 12345678 v1B t07: byte {offset}: the meter reports application error `14` (decryption failed) \
             and no values; it answers a command, look there for the cause"
        );
        assert_eq!(refusal.to_string(), shown);
    }
}
