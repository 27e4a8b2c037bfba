//! Any bytes as the fields of a row of a gateway's report.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_telegram::uplink::parse_line;

fuzz_target!(|bytes: &[u8]| {
    let line = [b"gw;05047168;2009-12-17 01:00:00;00;", bytes].concat();
    for line in [&line[..], bytes] {
        if let Err(fault) = parse_line(line) {
            assert!(!fault.to_string().is_empty());
        }
    }
});
