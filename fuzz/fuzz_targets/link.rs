//! Any bytes as a frame: lengths, checksums, headers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_telegram::address;

fuzz_target!(|bytes: &[u8]| {
    let _ = address(bytes);
});
