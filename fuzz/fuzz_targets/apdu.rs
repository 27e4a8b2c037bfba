//! Any records in a clear frame: every record is read, or reported with its byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_telegram::{DecodeOptions, KeyRing, decode};

const HEADER: [u8; 15] = [0, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x02, 0x7a, 0x2a, 0, 0, 0];

fuzz_target!(|records: &[u8]| {
    let mut frame = [&HEADER[..], records].concat();
    let Ok(len) = u8::try_from(frame.len() - 1) else { return };
    frame[0] = len;
    let telegram = decode(&frame, &KeyRing::new(), &DecodeOptions::default()).expect("the frame is right");
    let offsets = telegram.readings.iter().map(|reading| reading.offset as usize);
    assert!(offsets.chain(telegram.faults.iter().map(|fault| fault.offset)).all(|at| at < frame.len()));
    // Showing a value must not fail either.
    for reading in &telegram.readings {
        let _ = format!("{reading:?}");
    }
});
