//! Any bytes as a whole telegram, with a key at hand and every option allowed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_telegram::{DecodeOptions, Key, decode};

fuzz_target!(|bytes: &[u8]| {
    let key = Key::new(*b"sixteen bytes k.");
    for assume_decrypted in [false, true] {
        match decode(bytes, &key, &DecodeOptions { assume_decrypted, accept_clear: true }) {
            // A value and its date may come of one byte of a profile.
            Ok(telegram) => assert!(telegram.readings.len() < 2 * bytes.len()),
            Err(refusal) => assert!(!refusal.to_string().is_empty() && !refusal.kind().is_empty()),
        }
    }
});
