//! Any text as a key file, and as what a maker's key service sends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_dlms::parse_title_keys;
use tidstro_telegram::{KeyRing, parse_kem};

fuzz_target!(|text: &str| {
    if let Err(fault) = KeyRing::parse(text) {
        assert!(fault.to_string().starts_with("line "));
    }
    if let Err(fault) = parse_title_keys(text) {
        assert!(fault.to_string().starts_with("line "));
    }
    let _ = parse_kem(text, "password");
});
