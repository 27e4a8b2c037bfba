//! Any bytes as a row of a head-end's interval file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_metering::interval_file::parse_row;
use tidstro_model::{CheckDigit, Quality};

fuzz_target!(|line: &[u8]| {
    if let Ok(row) = parse_row(line, CheckDigit::Ignored) {
        assert_eq!(row.value.is_none(), row.quality == Quality::Missing, "missing has no value, and only it");
    }
});
