//! Hexadecimal digits → bytes.

use super::LineFault;
use tidstro_wire::hex_byte;

/// Reads pairs of digits. `0x` in front and the separators space, tab, `|`, `_`, `-` and `:` are passed over.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, LineFault> {
    let prefix = if text.starts_with("0x") || text.starts_with("0X") { 2 } else { 0 };
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high: Option<u8> = None;
    let mut digits = 0;
    for (index, byte) in text.bytes().enumerate().skip(prefix) {
        if matches!(byte, b' ' | b'\t' | b'|' | b'_' | b'-' | b':') {
            continue;
        }
        digits += 1;
        let first = high.take();
        // A lone digit is checked at once, so that the fault names its own place.
        let value = hex_byte([first.unwrap_or(b'0'), byte]).map_err(|_| not_hex(text, index))?;
        match first {
            Some(_) => bytes.push(value),
            None => high = Some(byte),
        }
    }
    if high.is_some() { Err(LineFault::OddHex { digits }) } else { Ok(bytes) }
}

fn not_hex(text: &str, index: usize) -> LineFault {
    let before = text.get(..index).unwrap_or_default();
    let found = text.get(index..).and_then(|rest| rest.chars().next()).unwrap_or(char::REPLACEMENT_CHARACTER);
    LineFault::NotHex { position: before.chars().count() + 1, found }
}
