//! Any text as a key file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_telegram::KeyRing;

fuzz_target!(|text: &str| {
    if let Err(fault) = KeyRing::parse(text) {
        assert!(fault.to_string().starts_with("line "));
    }
});
