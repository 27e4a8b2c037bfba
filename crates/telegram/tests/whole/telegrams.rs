//! Whole telegrams through the public interface: every first form, and every way to be refused.

use crate::encode::{CLEAR_TOO, KEY, RECORDS, clear, format_a, format_b, mode5, mode7, wired, wireless};
use jiff::civil::datetime;
use tidstro_telegram::{
    Announced, DecodeOptions, Key, KeyRing, Refusal, Security, Telegram, address, decode,
};

fn with_key(frame: &[u8]) -> Result<Telegram, Refusal> {
    decode(frame, &Key::new(KEY), &CLEAR_TOO)
}

fn kind(frame: &[u8]) -> &'static str {
    with_key(frame).unwrap_err().kind()
}

/// What every telegram of the encoder says.
fn check(frame: &[u8], security: Security) -> Telegram {
    let telegram = with_key(frame).unwrap();
    assert_eq!(telegram.meter.to_string(), "KAM 12345678 v1B t07");
    assert_eq!((telegram.security, telegram.faults.len()), (security, 0));
    let shown: Vec<String> =
        telegram.readings.iter().map(|r| format!("{} {:?} {}", r.quantity, r.value, r.storage)).collect();
    assert_eq!(
        shown[..3],
        [
            "volume Number(2850.427) 0",
            "date-time DateTime(2021-10-12T07:08:00) 0",
            "volume Number(2800.001) 1"
        ]
    );
    assert_eq!(telegram.moment(), Some(datetime(2021, 10, 12, 7, 8, 0, 0)));
    telegram
}

#[test]
fn every_security_is_decoded_in_every_frame_format() {
    for (content, security) in [
        (clear(RECORDS), Security::Clear),
        (mode5(RECORDS, &[]), Security::Mode5),
        (mode7(RECORDS, 77), Security::Mode7),
    ] {
        let plain = wireless(&content);
        let telegrams = [&plain, &format_a(&plain), &format_b(&plain)].map(|frame| check(frame, security));
        assert_eq!(telegrams[0], telegrams[1]);
        assert_eq!(telegrams[0], telegrams[2]);
        assert_eq!(telegrams[0].access_number, Some(0x2a));
        assert_eq!(address(&plain), Ok(telegrams[0].meter));
    }
}

#[test]
fn content_that_looks_like_a_crc_stays_content() {
    // Among 65,536 values of one register some end in the very CRC of format B.
    let mut coincidences = 0;
    for value in 0..=u16::MAX {
        let [low, high] = value.to_le_bytes();
        let frame = wireless(&clear(&[&[0x01, 0x6e, 0x05, 0x02, 0x13][..], &[low, high]].concat()));
        let mut as_if = frame.clone();
        as_if.truncate(frame.len() - 2);
        as_if[0] -= 2;
        coincidences += usize::from(format_b(&as_if) == frame);
        assert_eq!(with_key(&frame).unwrap().readings.len(), 2, "{value:04X}");
    }
    assert!(coincidences > 0);
}

#[test]
fn the_message_counter_is_given() {
    assert_eq!(check(&wireless(&mode7(RECORDS, 77)), Security::Mode7).message_counter, Some(77));
    assert_eq!(check(&wireless(&mode5(RECORDS, &[])), Security::Mode5).message_counter, None);
}

#[test]
fn records_behind_the_encrypted_blocks_are_read() {
    let telegram = check(&wireless(&mode5(RECORDS, &[0x01, 0x6e, 0x05])), Security::Mode5);
    assert_eq!(telegram.readings.len(), 4);
    assert_eq!(telegram.readings[3].offset, 15 + 32);
}

/// A long header of another device than the sender.
const LONG: [u8; 9] = [0x72, 0x78, 0x56, 0x34, 0x12, 0x2d, 0x2c, 0x1b, 0x07];

#[test]
fn a_long_header_names_the_meter_and_the_link_the_converter() {
    let content = [&LONG[..], &clear(RECORDS)[1..]].concat();
    let mut frame = wireless(&content);
    frame[4..10].copy_from_slice(&[0x01, 0, 0, 0, 0x02, 0x37]);
    let telegram = check(&frame, Security::Clear);
    assert_eq!(telegram.link_address.to_string(), "KAM 00000001 v02 t37");
    assert_eq!(address(&frame), Ok(telegram.meter));
    let telegram = check(&wired(&content), Security::Clear);
    assert_eq!(telegram.link_address, telegram.meter);
}

#[test]
fn damage_is_refused_by_its_kind() {
    let plain = wireless(&clear(RECORDS));
    let with = |at: usize, value: u8, frame: &[u8]| {
        let mut frame = frame.to_vec();
        frame[at] ^= value;
        frame
    };
    assert_eq!(kind(&[]), "too-short");
    assert_eq!(kind(&[0x44; 400]), "too-long");
    assert_eq!(kind(&plain[..plain.len() / 2]), "length");
    assert_eq!(kind(&with(0, 1, &plain)), "length");
    assert_eq!(kind(&with(20, 1, &format_a(&plain))), "crc");
    let long = [&LONG[..], &clear(RECORDS)[1..]].concat();
    assert_eq!(kind(&with(20, 1, &wired(&long))), "checksum");
    assert_eq!(kind(&wired(&clear(RECORDS))), "no-identity");
    // The fixed data structure of old meters, which has the number of a compact frame's CI field.
    assert_eq!(kind(&wired(&[&[0x73][..], &[0x12; 16]].concat())), "no-identity");
    assert_eq!(kind(&wired(&[&[0x73][..], &[0; 17]].concat())), "format-unknown");
    assert_eq!(kind(&wireless(&[0x7a, 0x2a])), "header-cut");
    assert_eq!(kind(&wireless(&[0x7a, 0x2a, 0, 0xf0, 0x05, 1, 2, 3])), "block-count");
}

#[test]
fn a_wrong_or_missing_key_gives_no_reading() {
    let ring = KeyRing::new();
    let wrong = Key::new([1; 16]);
    let options = DecodeOptions::default();
    for (content, expected) in [(mode5(RECORDS, &[]), "wrong-key"), (mode7(RECORDS, 1), "mac")] {
        let frame = wireless(&content);
        assert_eq!(decode(&frame, &ring, &options).unwrap_err().kind(), "key-missing");
        assert_eq!(decode(&frame, &wrong, &options).unwrap_err().kind(), expected);
    }
    let shown = decode(&wireless(&mode5(RECORDS, &[])), &wrong, &options).unwrap_err().to_string();
    assert_eq!(
        shown,
        "KAM 12345678 v1B t07: byte 15: the decrypted bytes do not begin with `2F2F`; \
         the key is wrong, compare it with the delivery note"
    );
}

#[test]
fn mode_7_without_its_proof_gives_no_reading() {
    let content = mode7(RECORDS, 9);
    let without_layer = wireless(&content[20..]);
    assert_eq!(kind(&without_layer), "unauthenticated");
    // The same message under mode 0, its code left in place.
    let mut downgraded = content.clone();
    downgraded[23..26].copy_from_slice(&[0, 0, 0]);
    assert_eq!(kind(&wireless(&downgraded)), "mode-not-yet");
}

#[test]
fn what_is_not_decoded_yet_is_refused_by_name() {
    for (content, text) in [
        (&[0x7a, 1, 0, 0, 4][..], "security mode 4 (AES-128-CBC with zero vector) is not decoded yet"),
        (&[0x7a, 1, 0, 0, 0x12], "security mode 18 (reserved) is not decoded yet"),
        (&[0xa2, 1, 2, 3], "byte 10: manufacturer-specific layout (CI A2) is not decoded yet"),
        (
            &[0x8d, 1, 2, 0, 0, 0, 0x40, 9, 9],
            "byte 17: encryption 2 of the extended link layer is not decoded yet",
        ),
        (&[0x8c, 1, 2, 0xb6], "byte 13: manufacturer-specific layout (CI B6) is not decoded yet"),
        (
            &[0x90, 3, 0x00, 0x60, 0x25, 0x7a],
            "byte 10: authentication layer with reserved bits (CI 90) is not decoded yet",
        ),
    ] {
        let refusal = with_key(&wireless(content)).unwrap_err();
        assert!(refusal.is_not_yet() && refusal.meter().is_some());
        assert!(refusal.to_string().contains(text), "{refusal}");
    }
}

#[test]
fn decrypted_payloads_pass_only_when_allowed() {
    let mut content = mode5(RECORDS, &[]);
    let payload = [&[0x2f, 0x2f][..], RECORDS, &[0x2f; 12]].concat();
    content.splice(5.., payload);
    let frame = wireless(&content);
    assert_eq!(kind(&frame), "wrong-key");
    let allowed = DecodeOptions { assume_decrypted: true, ..DecodeOptions::default() };
    let telegram = decode(&frame, &KeyRing::new(), &allowed).unwrap();
    assert_eq!(telegram.security, Security::AssumedDecrypted { announced: Announced::Mode(5) });
    assert_eq!(telegram.readings.len(), 3);
}

#[test]
fn the_meters_moment_is_in_standard_time() {
    let moment = |minute: u8, hour: u8| {
        let frame = wireless(&clear(&[0x04, 0x6d, minute, hour, 0xac, 0x2a]));
        decode(&frame, &KeyRing::new(), &DecodeOptions::default()).unwrap().moment()
    };
    assert_eq!(moment(0x08, 0x07), Some(datetime(2021, 10, 12, 7, 8, 0, 0)));
    assert_eq!(moment(0x08, 0x87), Some(datetime(2021, 10, 12, 6, 8, 0, 0)), "summer time");
    assert_eq!(moment(0x88, 0x07), None, "marked as invalid");
}
