//! The extended link layer: what is proved, and what is refused.

use crate::encode::{CLEAR_TOO, KEY, RECORDS, clear, extended_link, format_a, mode5, wireless};
use proptest::prelude::*;
use tidstro_telegram::{
    Announced, DecodeOptions, Key, KeyRing, Refusal, Security, Telegram, address, decode,
};

/// Session 1 of the meter's minute 0x1234, encrypted.
const ENCRYPTED: u32 = 0x2001_2341;
const IN_THE_CLEAR: u32 = 0x0001_2341;

fn with_key(frame: &[u8]) -> Result<Telegram, Refusal> {
    decode(frame, &Key::new(KEY), &CLEAR_TOO)
}

fn sent(ci: u8, session: u32) -> Vec<u8> {
    wireless(&extended_link(ci, session, &[&[0x78][..], RECORDS].concat()))
}

#[test]
fn every_form_gives_the_same_readings() {
    for (ci, session, security) in [
        (0x8c, None, Security::Clear),
        (0x8e, None, Security::Clear),
        (0x8d, Some(IN_THE_CLEAR), Security::Clear),
        (0x8f, Some(IN_THE_CLEAR), Security::Clear),
        (0x8d, Some(ENCRYPTED), Security::ExtendedLink),
        (0x8f, Some(ENCRYPTED), Security::ExtendedLink),
    ] {
        let frame = sent(ci, session.unwrap_or_default());
        let telegram = with_key(&frame).unwrap();
        assert_eq!(with_key(&format_a(&frame)).as_ref(), Ok(&telegram));
        assert_eq!((telegram.security, telegram.session_number), (security, session));
        assert_eq!((telegram.readings.len(), telegram.access_number), (3, Some(0x2a)), "CI {ci:02X}");
        assert_eq!(address(&frame), Ok(telegram.meter));
        assert_eq!(telegram.meter.to_string(), "KAM 12345678 v1B t07");
    }
}

#[test]
fn a_transport_layer_inside_keeps_its_own_security() {
    let telegram = with_key(&wireless(&extended_link(0x8d, ENCRYPTED, &mode5(RECORDS, &[])))).unwrap();
    assert_eq!((telegram.security, telegram.readings.len()), (Security::Mode5, 3));
    let telegram = with_key(&wireless(&extended_link(0x8d, ENCRYPTED, &clear(RECORDS)))).unwrap();
    assert_eq!((telegram.security, telegram.status), (Security::ExtendedLink, Some(0)));
}

#[test]
fn what_is_not_proved_is_refused() {
    let options = DecodeOptions::default();
    let frame = sent(0x8d, ENCRYPTED);
    let missing = decode(&frame, &KeyRing::new(), &options).unwrap_err();
    assert_eq!(missing.kind(), "key-missing");
    assert!(missing.to_string().contains("the encrypted extended link layer needs a key"), "{missing}");
    let wrong = decode(&frame, &Key::new([1; 16]), &options).unwrap_err();
    assert_eq!(wrong.kind(), "wrong-key");
    assert_eq!(
        wrong.to_string(),
        "KAM 12345678 v1B t07: byte 17: the decrypted content does not fit its payload CRC; \
         the key is wrong, compare it with the delivery note"
    );
    let mut damaged = sent(0x8d, IN_THE_CLEAR);
    damaged[22] ^= 1;
    assert_eq!(with_key(&damaged).unwrap_err().kind(), "payload-crc");
    assert_eq!(with_key(&sent(0x8d, 0x4000_0000)).unwrap_err().kind(), "mode-not-yet");
    // The CRC of nothing.
    assert_eq!(with_key(&wireless(&extended_link(0x8d, ENCRYPTED, &[]))).unwrap_err().kind(), "wrong-key");
    for cut in 1..7 {
        let refusal = with_key(&wireless(&extended_link(0x8d, ENCRYPTED, &[])[..cut])).unwrap_err();
        assert_eq!(refusal.kind(), "header-cut", "{cut}");
    }
}

#[test]
fn a_decrypted_session_passes_only_when_allowed() {
    let mut frame = sent(0x8d, IN_THE_CLEAR);
    // As a gateway leaves it: decrypted, and still announced as encrypted.
    frame[16] = 0x20;
    assert_eq!(with_key(&frame).unwrap_err().kind(), "wrong-key");
    let allowed = DecodeOptions { assume_decrypted: true, ..DecodeOptions::default() };
    let telegram = decode(&frame, &KeyRing::new(), &allowed).unwrap();
    assert_eq!(telegram.security, Security::AssumedDecrypted { announced: Announced::ExtendedLink });
    frame[25] ^= 1;
    assert_eq!(decode(&frame, &KeyRing::new(), &allowed).unwrap_err().kind(), "key-missing");
}

proptest! {
    /// From the second byte on: the length, and the link layer's own C field are not part of what is proved.
    #[test]
    fn a_changed_byte_gives_no_reading(session in 0_u32..1 << 29, at in 0_usize..64, change in 1_u8..) {
        let frame = sent(0x8d, session | 1 << 29);
        // Of the session number only the lower three bytes: its top bits announce the encryption.
        let covered: Vec<usize> = (2..10).chain([11]).chain(13..16).chain(17..frame.len()).collect();
        let mut changed = frame.clone();
        changed[covered[at % covered.len()]] ^= change;
        // Two bytes of CRC pass another key stream once in 65,536 times, and then a first byte must be a layer.
        let is_read = with_key(&changed).is_ok();
        prop_assert!(!is_read, "{changed:02x?}");
    }
}
