//! Any pieces of messages, one after the other: never a panic, never more memory than the limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_telegram::{DecodeOptions, Fragments, Key, NoFormats, ReplayState};

/// L, the first byte of the meter's number and the authentication layer's length are filled in.
const HEAD: [u8; 12] = [0, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x07, 0x90, 0];

fuzz_target!(|pieces: Vec<(u8, Vec<u8>, Vec<u8>)>| {
    let (key, options) = (Key::new(*b"sixteen bytes k."), DecodeOptions::default());
    let mut fragments = Fragments::new();
    for (number, layer, piece) in &pieces {
        let mut frame = [&HEAD[..], layer, piece].concat();
        let (Ok(len), Ok(layer_len)) = (u8::try_from(frame.len() - 1), u8::try_from(layer.len())) else { continue };
        (frame[0], frame[4], frame[11]) = (len, *number, layer_len);
        if let Ok(Some(telegram)) = fragments.add(&frame, &key, &NoFormats, &options) {
            assert!(telegram.security.is_protected());
        }
        let _ = ReplayState::from_bytes(piece);
    }
    assert!(fragments.len() <= pieces.len());
});
