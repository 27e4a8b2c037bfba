//! A reading position in bytes that never runs past the end.
//!
//! What comes in: a slice. What goes out: its pieces in order, or `None` when too few bytes are left (the
//! position then stays where it was).

/// A position in `bytes`.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Starts at byte `at` of `bytes`.
    #[must_use]
    #[inline]
    pub const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The offset of the next byte.
    #[must_use]
    #[inline]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    #[must_use]
    #[inline]
    pub const fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// The next byte, without moving.
    #[must_use]
    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte.
    #[inline]
    pub fn byte(&mut self) -> Option<u8> {
        let [byte] = self.array()?;
        Some(byte)
    }

    /// The next `N` bytes.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let array = *self.bytes.get(self.at..)?.first_chunk::<N>()?;
        self.at += N;
        Some(array)
    }

    /// The next two bytes as a number, the highest first.
    #[inline]
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// The next four bytes as a number, the highest first.
    #[inline]
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// The next `len` bytes.
    #[inline]
    pub fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(len)?)?;
        self.at += len;
        Some(taken)
    }

    /// The bytes between an earlier position and the next byte.
    #[must_use]
    #[inline]
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// All bytes left.
    #[inline]
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at = self.at.max(self.bytes.len());
        rest
    }

    /// A length (IEC 61334-6 A-XDR, ISO 8825-1 BER): one byte below 80, else 81 to 84 and as many bytes.
    #[inline]
    pub fn length(&mut self) -> Option<usize> {
        let begin = self.at;
        let length = self.read_length();
        if length.is_none() {
            self.at = begin;
        }
        length
    }

    fn read_length(&mut self) -> Option<usize> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(usize::from(first));
        }
        let count = usize::from(first & 0x7f);
        if !(1..=4).contains(&count) {
            return None;
        }
        let bytes = self.take(count)?;
        Some(bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    /// A length and as many bytes.
    #[inline]
    pub fn counted(&mut self) -> Option<&'a [u8]> {
        let begin = self.at;
        let taken = self.length().and_then(|length| self.take(length));
        if taken.is_none() {
            self.at = begin;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_where_it_was_when_too_few_are_left() {
        let mut cursor = Cursor::new(&[1, 2, 3], 1);
        assert_eq!((cursor.array::<3>(), cursor.take(usize::MAX)), (None, None));
        assert_eq!((cursor.at(), cursor.left()), (1, 2));
        assert_eq!((cursor.byte(), cursor.rest()), (Some(2), &[3][..]));
        assert_eq!((cursor.byte(), cursor.left()), (None, 0));
        let mut counted = Cursor::new(&[0x82, 0, 5, 1], 0);
        assert_eq!((counted.counted(), counted.at()), (None, 0));
    }

    #[test]
    fn lengths_have_a_short_and_a_long_form() {
        for (bytes, expected) in [
            (&[0x7f][..], Some(0x7f)),
            (&[0x81, 0xf8], Some(0xf8)),
            (&[0x82, 0x01, 0xd0], Some(0x1d0)),
            (&[0x80], None),
            (&[0x85, 0, 0, 0, 0, 0], None),
            (&[0x82, 0x01], None),
            (&[], None),
        ] {
            assert_eq!(Cursor::new(bytes, 0).length(), expected, "{bytes:02x?}");
        }
    }
}
