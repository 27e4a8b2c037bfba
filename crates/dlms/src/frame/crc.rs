//! FCS-16 of HDLC (ISO/IEC 13239 § 4.2.5.2, IEC 62056-46): the CRC of header and frame check sequences.

/// Polynomial x^16 + x^12 + x^5 + 1, lowest bit first.
const POLYNOMIAL: u16 = 0x8408;

const TABLE: [u16; 256] = table();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "made by the compiler, with an index below 256"
)]
const fn table() -> [u16; 256] {
    let mut table = [0_u16; 256];
    let mut index = 0;
    while index < 256 {
        let (mut value, mut bit) = (index as u16, 0);
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ POLYNOMIAL } else { value >> 1 };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
}

/// The check sequence of the bytes. On the wire its lowest byte comes first.
pub(crate) fn fcs(bytes: &[u8]) -> u16 {
    let step = |crc: u16, byte: &u8| {
        let [low, _] = (crc ^ u16::from(*byte)).to_le_bytes();
        crc >> 8 ^ TABLE.get(usize::from(low)).copied().unwrap_or_default()
    };
    !bytes.iter().fold(0xffff, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_check_value() {
        assert_eq!(fcs(b"123456789"), 0x906e);
    }
}
