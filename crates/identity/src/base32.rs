//! Bytes as 32 signs: by RFC 4648 for authenticator programs, by Crockford for people.
//!
//! What comes in: bytes, or text. What goes out: text, or bytes. Never: bytes for a text that has a sign of no alphabet.

use zeroize::Zeroizing;

/// RFC 4648, section 6.
const RFC_4648: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Crockford's: without I, L, O and U, which people misread.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Bytes by RFC 4648 without padding.
pub(crate) fn rfc_4648(bytes: &[u8]) -> Zeroizing<String> {
    encode(RFC_4648, bytes)
}

/// Bytes by Crockford's alphabet. The last sign stands for fewer than five bits if their number is no multiple of five.
pub(crate) fn crockford(bytes: &[u8]) -> Zeroizing<String> {
    encode(CROCKFORD, bytes)
}

fn encode(alphabet: &[u8; 32], bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(5) * 8));
    let (mut bits, mut held) = (0_u32, 0);
    let sign = |value: u32| alphabet.get(value as usize & 31).map_or('?', |sign| char::from(*sign));
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(sign(bits >> held));
        }
    }
    if held > 0 {
        text.push(sign(bits << (5 - held)));
    }
    text
}

/// The value of a sign, as people type it: small or large, `O` for `0`, `I` and `L` for `1`.
pub(crate) fn crockford_value(sign: char) -> Option<u8> {
    let sign = match sign.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = CROCKFORD.iter().position(|known| char::from(*known) == sign)?;
    u8::try_from(place).ok()
}

/// The bytes of a text of Crockford's alphabet. Bits left over must be 0, so that each value has one text.
pub(crate) fn crockford_bytes(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    decode(text, crockford_value)
}

/// The bytes of a text by RFC 4648, without padding, in large or small letters.
pub(crate) fn rfc_4648_bytes(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    decode(text, |sign| {
        let place = RFC_4648.iter().position(|known| char::from(*known) == sign.to_ascii_uppercase())?;
        u8::try_from(place).ok()
    })
}

fn decode(text: &str, value: impl Fn(char) -> Option<u8>) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 5 / 8));
    let (mut bits, mut held) = (0_u32, 0);
    for sign in text.chars() {
        bits = (bits << 5) | u32::from(value(sign)?);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    let left = bits & ((1 << held) - 1);
    (left == 0 && held < 5).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_of_rfc_4648_section_10() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(*rfc_4648(bytes.as_bytes()), text);
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let text = crockford(&bytes);
            prop_assert_eq!(&**crockford_bytes(&text).unwrap(), &bytes[..]);
            prop_assert_eq!(&**crockford_bytes(&text.to_lowercase()).unwrap(), &bytes[..]);
        }
    }

    #[test]
    fn misread_signs_are_what_they_look_like_and_others_are_none() {
        assert_eq!(crockford_bytes("OIL0"), crockford_bytes("0110"));
        for text in ["U0", "0-", "é0", "0"] {
            assert_eq!(crockford_bytes(text), None, "{text}");
        }
    }
}
