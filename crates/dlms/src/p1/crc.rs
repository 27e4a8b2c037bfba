//! CRC-16 of P1 telegrams (DSMR 5.0 § 6.2): polynomial x^16 + x^15 + x^2 + 1, lowest bit first, from 0.

const POLYNOMIAL: u16 = 0xa001;

/// The CRC of everything from `/` to `!`, both included.
pub(super) fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(
            crc ^ u16::from(*byte),
            |value, _| {
                if value & 1 == 1 { value >> 1 ^ POLYNOMIAL } else { value >> 1 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_check_value() {
        assert_eq!(crc(b"123456789"), 0xbb3d);
    }
}
