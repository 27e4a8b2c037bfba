//! Hexadecimal digits.

/// The byte two digits stand for, upper or lower case.
///
/// # Errors
/// Which of the two is no digit: 0 or 1.
#[inline]
pub fn hex_byte([high, low]: [u8; 2]) -> Result<u8, usize> {
    let digit = |character: u8| match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    };
    Ok(digit(high).ok_or(0_usize)? << 4 | digit(low).ok_or(1_usize)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits() {
        for byte in 0..=u8::MAX {
            for text in [format!("{byte:02x}"), format!("{byte:02X}")] {
                assert_eq!(hex_byte(text.as_bytes().try_into().unwrap()), Ok(byte));
            }
        }
        assert_eq!((hex_byte(*b"g0"), hex_byte(*b"0/"), hex_byte(*b":@")), (Err(0), Err(1), Err(0)));
    }
}
