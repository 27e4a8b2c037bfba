//! Any bytes as the fields of a JSON line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_telegram::uplink::parse_line;

fuzz_target!(|bytes: &[u8]| {
    let lines = [[&b"{"[..], bytes, b"}"].concat(), [&b"{\"telegram\":\"0B44\","[..], bytes, b"}"].concat()];
    for line in lines {
        if let Err(fault) = parse_line(&line) {
            assert!(!fault.to_string().is_empty());
        }
    }
});
