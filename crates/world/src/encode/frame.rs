//! Frame formats A and B with their checksums (EN 13757-4:2019 § 12).
//!
//! What comes in: a frame without checksums, as gateways usually pass it on: the length field and that many
//! bytes. What goes out: the same frame as it goes over the air. It never changes what the frame says.

use super::EncodeFault;

/// Bytes of the first block: length, C field, manufacturer, address.
const FIRST_BLOCK: usize = 10;

/// Data bytes of the following blocks of format A.
const BLOCK_A: usize = 16;

/// Data bytes that the first checksum of format B covers (blocks 1 and 2), and the second one at most.
const SPAN_B: usize = 126;

/// The checksum of EN 13757-4 (polynomial `0x3D65`, start 0, complemented at the end), sent high byte first.
#[must_use]
pub fn crc(bytes: &[u8]) -> u16 {
    !bytes.iter().fold(0, |crc, byte| (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| shifted(crc)))
}

/// One bit of the division.
const fn shifted(crc: u16) -> u16 {
    if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x3d65 }
}

/// The frame in format A: a checksum after the first 10 bytes and after every 16 bytes from there.
/// The length field stays as it is, because in format A it does not count the checksums.
#[must_use]
pub fn with_crc_a(frame: &[u8]) -> Vec<u8> {
    let (first, rest) = frame.split_at(FIRST_BLOCK.min(frame.len()));
    let mut out = Vec::with_capacity(frame.len() + 2 * (frame.len() / BLOCK_A + 2));
    append_block(&mut out, first);
    for block in rest.chunks(BLOCK_A) {
        append_block(&mut out, block);
    }
    out
}

/// The frame in format B: one checksum over the first 126 bytes, and one over the rest if there is any.
/// In format B the length field counts the checksums, so it is raised.
///
/// # Errors
/// [`EncodeFault::TooLong`] if the raised length does not fit in one byte.
pub fn with_crc_b(frame: &[u8]) -> Result<Vec<u8>, EncodeFault> {
    let crcs = frame.len().div_ceil(SPAN_B);
    let length = frame.len().saturating_sub(1) + 2 * crcs;
    let field = u8::try_from(length).map_err(|_| EncodeFault::TooLong { length })?;
    let mut raised = frame.to_vec();
    if let Some(first) = raised.first_mut() {
        *first = field;
    }
    let mut out = Vec::with_capacity(length + 1);
    for span in raised.chunks(SPAN_B) {
        append_block(&mut out, span);
    }
    Ok(out)
}

/// The block and its checksum.
fn append_block(out: &mut Vec<u8>, block: &[u8]) {
    out.extend_from_slice(block);
    out.extend_from_slice(&crc(block).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_has_the_published_check_value() {
        // The catalogue of CRC parameters gives 0xC2B7 for CRC-16/EN-13757 of the digits 1 to 9.
        assert_eq!(crc(b"123456789"), 0xc2b7);
    }

    #[test]
    fn format_a_has_a_checksum_per_block() {
        let mut frame = vec![46];
        frame.extend(1..=46);
        let out = with_crc_a(&frame);
        assert_eq!(out.len(), 47 + 2 * 4);
        assert_eq!(out[0], 46);
        for (block, sum) in [(0..10, 10..12), (12..28, 28..30), (30..46, 46..48), (48..53, 53..55)] {
            assert_eq!(crc(&out[block]).to_be_bytes(), out[sum]);
        }
    }

    #[test]
    fn format_b_counts_its_checksums() {
        for (bytes, crcs) in [(47, 1), (126, 1), (127, 2), (250, 2)] {
            let mut frame = vec![u8::try_from(bytes - 1).unwrap()];
            frame.resize(bytes, 0x5a);
            let out = with_crc_b(&frame).unwrap();
            assert_eq!(out.len(), bytes + 2 * crcs, "{bytes}");
            assert_eq!(usize::from(out[0]) + 1, out.len(), "{bytes}");
        }
        assert_eq!(with_crc_b(&[0xff; 253]), Err(EncodeFault::TooLong { length: 258 }));
    }
}
