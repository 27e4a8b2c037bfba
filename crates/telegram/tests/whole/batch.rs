//! Several telegrams at once give what each of them gives alone.

use tidstro_model::{Manufacturer, Medium, MeterNumber};
use tidstro_telegram::{DecodeOptions, Key, KeyEntry, KeyRing, NoFormats, decode_batch, decode_with};

use crate::encode::{KEY, LINK, RECORDS, clear, extended_link, format_a, mode5, mode7, wired, wireless};

fn ring(key: [u8; 16]) -> KeyRing {
    let mut ring = KeyRing::new();
    ring.insert(KeyEntry {
        manufacturer: Manufacturer::from_field(u16::from_le_bytes([LINK[2], LINK[3]])),
        number: MeterNumber(u32::from_le_bytes([LINK[4], LINK[5], LINK[6], LINK[7]])),
        version: None,
        medium: Some(Medium(LINK[9])),
        key: Key::new(key),
    });
    ring
}

/// The long header of another meter than the sender, clear.
fn of_a_converter() -> Vec<u8> {
    let header = [0x72, 1, 0, 0, 0, 0x2d, 0x2c, 1, 7, 0x2a, 0, 0, 0];
    wireless(&[&header[..], RECORDS].concat())
}

#[test]
fn a_batch_gives_what_each_telegram_gives() {
    let mut frames = vec![
        wireless(&mode5(RECORDS, &[])),
        format_a(&wireless(&mode7(RECORDS, 9))),
        wireless(&clear(RECORDS)),
        of_a_converter(),
        wired(&[&[0x72, 1, 0, 0, 0, 0x2d, 0x2c, 1, 7, 0x2a, 0, 0, 0][..], RECORDS].concat()),
        wireless(&extended_link(0x8d, 0x2000_0001, &[&[0x78][..], RECORDS].concat())),
        vec![],
        vec![0x44; 5],
    ];
    // More than are looked up together.
    frames = frames.iter().cycle().take(100).cloned().collect();
    for ring in [KeyRing::new(), ring(KEY), ring([7; 16])] {
        let options = DecodeOptions::default();
        let alone: Vec<_> =
            frames.iter().map(|frame| decode_with(frame, &ring, &NoFormats, &options)).collect();
        assert_eq!(decode_batch(&frames, &ring, &NoFormats, &options), alone);
    }
}
