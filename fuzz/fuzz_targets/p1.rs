//! Any bytes as P1 telegrams, and any lines in a telegram whose CRC is right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_dlms::decode_p1;

fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |value, _| if value & 1 == 1 { value >> 1 ^ 0xa001 } else { value >> 1 })
    })
}

fuzz_target!(|bytes: &[u8]| {
    assert!(!decode_p1(bytes).is_empty());
    let lines: Vec<u8> = bytes.iter().copied().filter(|byte| !b"/!".contains(byte)).collect();
    let telegram = [b"/TID5\r\n\r\n", &lines[..], b"!"].concat();
    let sent = [&telegram[..], format!("{:04X}", crc(&telegram)).as_bytes()].concat();
    let telegrams = decode_p1(&sent);
    let whole = telegrams[0].as_ref().expect("the CRC is right");
    assert!(whole.readings.len() <= whole.lines.len());
});
