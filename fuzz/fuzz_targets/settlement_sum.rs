//! Any bytes as a stored settlement sum. What decodes encodes to the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_metering::settlement::SettlementSum;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(sum) = SettlementSum::decode(bytes) {
        let mut again = Vec::new();
        sum.encode(&mut again);
        assert_eq!(again, bytes);
    }
});
