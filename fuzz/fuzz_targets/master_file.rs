//! Any bytes as a file of master data: answered row by row, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_calendar::Zone;
use tidstro_metering::master_file::MasterFile;
use tidstro_model::CheckDigit;

fuzz_target!(|data: &[u8]| {
    let _ = MasterFile::parse(data, &Zone::copenhagen(), CheckDigit::Ignored);
});
