//! The CRC of wireless frames (EN 13757-4:2019 § 12.5.4): polynomial 0x3D65, first value 0, result inverted.

/// CRC of each byte value, so that a byte costs one look-up.
static TABLE: [u16; 256] = table();

const fn table() -> [u16; 256] {
    let mut table = [0_u16; 256];
    let mut index: u16 = 0;
    while index < 256 {
        let mut crc = index << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x3d65 };
            bit += 1;
        }
        #[expect(clippy::indexing_slicing, reason = "the index is below 256 and checked at compile time")]
        {
            table[index as usize] = crc;
        }
        index += 1;
    }
    table
}

/// The CRC of `bytes`, as sent high byte first.
pub(crate) fn crc(bytes: &[u8]) -> u16 {
    let step = |crc: u16, byte: &u8| {
        let [high, _] = crc.to_be_bytes();
        crc << 8 ^ TABLE.get(usize::from(high ^ byte)).copied().unwrap_or_default()
    };
    !bytes.iter().fold(0, step)
}

#[cfg(test)]
mod tests {
    use super::crc;

    #[test]
    fn published_check_values() {
        // The catalogue value of CRC-16/EN-13757 and the first block of the example in EN 13757-4 annex C.
        assert_eq!(crc(b"123456789"), 0xc2b7);
        assert_eq!(crc(&[0x0f, 0x44, 0xae, 0x0c, 0x78, 0x56, 0x34, 0x12, 0x01, 0x07]), 0x44_47);
    }
}
