//! Any bytes as a line of a gateway's file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_telegram::uplink::parse_line;

fuzz_target!(|line: &[u8]| {
    if let Err(fault) = parse_line(line) {
        assert!(!fault.to_string().is_empty());
    }
});
