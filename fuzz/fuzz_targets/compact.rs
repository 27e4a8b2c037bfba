//! Any records as a full frame; what it teaches, with any data, as a compact frame.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_telegram::{DecodeOptions, Formats, KeyRing, Refusal, decode_with};

/// L is filled in; the CI follows.
const LINK: [u8; 10] = [0, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x02];

fn frame(ci: u8, parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut frame = [&LINK[..], &[ci], &parts.concat()].concat();
    frame[0] = u8::try_from(frame.len() - 1).ok()?;
    Some(frame)
}

fuzz_target!(|input: (Vec<u8>, [u8; 2], Vec<u8>)| {
    let (records, crc, data) = input;
    let (keys, options) = (KeyRing::new(), DecodeOptions::default());
    let mut formats = Formats::new();
    let Some(full) = frame(0x78, &[&records]) else { return };
    let taught = decode_with(&full, &keys, &formats, &options).expect("the frame is right");
    let Some(format) = taught.format else { return };
    let signature = format.id().signature;
    assert!(formats.insert(format));
    assert_eq!(decode_with(&full, &keys, &formats, &options).expect("as before").format, None);
    let Some(compact) = frame(0x79, &[&signature.to_le_bytes(), &crc, &data]) else { return };
    match decode_with(&compact, &keys, &formats, &options) {
        // A profile may have fewer values than in the full frame, yet never none.
        Ok(telegram) => assert!(taught.readings.is_empty() || !telegram.readings.is_empty()),
        // The last two bytes may be the CRC of frame format B by chance; what is left without data is cut then.
        Err(Refusal::HeaderCut { .. }) if data.len() < 2 => {}
        Err(refusal) => assert!(matches!(refusal, Refusal::FullFrameCrc { .. }), "{refusal}"),
    }
});
