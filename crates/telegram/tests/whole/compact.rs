//! Compact frames: what a full frame teaches, and what is proved of a compact one.

use crate::encode::{CLEAR_TOO, KEY, crc, extended_link, mode5, wireless};
use proptest::prelude::*;
use tidstro_telegram::{
    DecodeOptions, Format, FormatFault, FormatId, Formats, Key, KeyRing, Refusal, Telegram, decode,
    decode_with,
};

/// Volume, text of any length, temperature: header and data of each.
const FIELDS: [(&[u8], &[u8]); 3] = [
    (&[0x04, 0x13], &[0x40, 0x2b, 0x01, 0x00]),
    (&[0x0d, 0xfd, 0x0a], &[0x02, b'b', b'a']),
    (&[0x42, 0x5b], &[0x15, 0x00]),
];
const ENCRYPTED: u32 = 0x2001_2341;

fn headers() -> Vec<u8> {
    FIELDS.iter().flat_map(|(header, _)| header.to_vec()).collect()
}

fn full() -> Vec<u8> {
    FIELDS.iter().flat_map(|(header, data)| [*header, *data].concat()).collect()
}

/// Signature, CRC of the full frame, data.
fn compact() -> Vec<u8> {
    let low_first = |bytes: &[u8]| {
        let [high, low] = crc(bytes);
        [low, high]
    };
    let data = FIELDS.iter().flat_map(|(_, data)| data.to_vec());
    [low_first(&headers()), low_first(&full())].concat().into_iter().chain(data).collect()
}

fn clear(ci: u8, content: &[u8]) -> Vec<u8> {
    wireless(&[&[ci][..], content].concat())
}

fn encrypted(ci: u8, content: &[u8]) -> Vec<u8> {
    wireless(&extended_link(0x8d, ENCRYPTED, &[&[ci][..], content].concat()))
}

/// Security mode 5 with a short header, CI 7A or 7B.
fn in_mode_5(ci: u8, content: &[u8]) -> Vec<u8> {
    let mut message = mode5(content, &[]);
    message[0] = ci;
    wireless(&message)
}

fn with(frame: &[u8], formats: &Formats) -> Result<Telegram, Refusal> {
    decode_with(frame, &Key::new(KEY), formats, &CLEAR_TOO)
}

fn learned_from(frame: &[u8]) -> Formats {
    let mut formats = Formats::new();
    let format = with(frame, &formats).unwrap().format.unwrap();
    assert_eq!(format.headers(), headers());
    assert!(formats.insert(format.clone()) && !formats.insert(format));
    // What is known is not given again.
    assert_eq!(with(frame, &formats).unwrap().format, None);
    formats
}

#[test]
fn a_full_frame_teaches_the_compact_ones_of_its_kind() {
    for (teacher, frame) in [
        (clear(0x78, &full()), clear(0x79, &compact())),
        (encrypted(0x78, &full()), encrypted(0x79, &compact())),
        (in_mode_5(0x7a, &full()), in_mode_5(0x7b, &compact())),
        // A format serves every security that proves the key.
        (in_mode_5(0x7a, &full()), encrypted(0x79, &compact())),
    ] {
        let unknown = with(&frame, &Formats::new()).unwrap_err();
        assert_eq!((unknown.kind(), unknown.is_not_yet()), ("format-unknown", false));
        let formats = learned_from(&teacher);
        let (said, taught) = (with(&frame, &formats).unwrap(), with(&teacher, &formats).unwrap());
        let values = |telegram: &Telegram| {
            telegram.readings.iter().map(|r| (r.quantity, r.value.clone(), r.storage)).collect::<Vec<_>>()
        };
        assert_eq!(values(&said), values(&taught));
        assert_eq!((said.readings.len(), said.faults.len(), said.format), (3, 0, None));
    }
}

#[test]
fn a_clear_frame_teaches_nothing_about_protected_ones() {
    let formats = learned_from(&clear(0x78, &full()));
    assert_eq!(with(&encrypted(0x79, &compact()), &formats).unwrap_err().kind(), "format-unknown");
    let formats = learned_from(&encrypted(0x78, &full()));
    assert_eq!(with(&clear(0x79, &compact()), &formats).unwrap_err().kind(), "format-unknown");
}

#[test]
fn another_meter_type_has_its_own_formats() {
    let formats = learned_from(&clear(0x78, &full()));
    let frame = clear(0x79, &compact());
    for (at, is_served) in [(2, false), (4, true), (8, false), (9, false)] {
        let mut other = frame.clone();
        other[at] ^= 1;
        assert_eq!(with(&other, &formats).is_ok(), is_served, "byte {at}");
    }
}

#[test]
fn what_is_not_proved_is_refused() {
    let formats = learned_from(&clear(0x78, &full()));
    let mut frame = clear(0x79, &compact());
    let refusal = decode(&frame, &KeyRing::new(), &DecodeOptions::default()).unwrap_err();
    let [high, low] = crc(&headers());
    assert_eq!(
        refusal.to_string(),
        format!(
            "KAM 12345678 v1B t07: byte 11: no full frame of this meter type taught format `{high:02X}{low:02X}` \
             yet; keep the telegram until one is heard"
        )
    );
    *frame.last_mut().unwrap() ^= 1;
    assert_eq!(with(&frame, &formats).unwrap_err().kind(), "full-frame-crc");
    let longer = clear(0x79, &[&compact()[..], &[0]].concat());
    assert_eq!(with(&longer, &formats).unwrap_err().kind(), "full-frame-crc");
    assert_eq!(with(&clear(0x79, &compact()[..3]), &formats).unwrap_err().kind(), "header-cut");
}

#[test]
fn makers_own_data_and_broken_records_teach_nothing() {
    for tail in [&[0x0f, 1, 2][..], &[0x04, 0x13, 1], &[0x3e]] {
        let frame = clear(0x78, &[&full()[..], tail].concat());
        assert_eq!(with(&frame, &Formats::new()).unwrap().format, None, "{tail:02X?}");
    }
}

#[test]
fn a_stored_format_is_checked() {
    let format = with(&clear(0x78, &full()), &Formats::new()).unwrap().format.unwrap();
    let (id, headers) = (format.id(), format.headers());
    assert_eq!(Format::new(id, headers), Ok(format.clone()));
    let got = id.signature;
    let other = FormatId { signature: got ^ 1, ..id };
    assert_eq!(Format::new(other, headers), Err(FormatFault::Signature { stated: got ^ 1, got }));
    for broken in [&[][..], &headers[..headers.len() - 1], &[0x0f]] {
        assert_eq!(Format::new(id, broken), Err(FormatFault::Headers { signature: got }));
    }
}

proptest! {
    /// From the signature on; a burst of one byte never passes a CRC of two.
    #[test]
    fn a_changed_byte_gives_no_reading(at in 0_usize..64, change in 1_u8..) {
        let formats = learned_from(&clear(0x78, &full()));
        let mut frame = clear(0x79, &compact());
        let at = 11 + at % (frame.len() - 11);
        frame[at] ^= change;
        prop_assert!(with(&frame, &formats).is_err());
    }
}
