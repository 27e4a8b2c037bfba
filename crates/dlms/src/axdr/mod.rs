//! A-XDR data of COSEM (IEC 61334-6, IEC 62056-6-2 § 4.1.5): bytes ↔ typed values.
//!
//! What comes in: the bytes of one value, with its type tag first. What goes out: [`Data`], a tree of exactly
//! what the bytes say, or a refusal with the byte. Reals stay the bits they were: nothing here computes with
//! them. A tree is never larger than the bytes it came from allow, whatever lengths they claim.

mod compact;
mod date_time;
mod read;
mod write;

use tidstro_model::Decimal;

pub use date_time::{ClockStatus, DateTime};
pub(crate) use read::{Reader, Tree};
pub(crate) use write::length;

/// One value of a COSEM attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// Tag 0: no value.
    Null,
    /// Tag 1: values of one type. A compact array (tag 19) is given as the array it stands for.
    Array(Vec<Data>),
    /// Tag 2: values of any types.
    Structure(Vec<Data>),
    /// Tag 3.
    Boolean(bool),
    /// Tag 4: bits, the first in the highest bit of the first byte.
    BitString {
        /// How many bits there are.
        len: usize,
        /// As many bytes as they need; what is left of the last one means nothing.
        bytes: Box<[u8]>,
    },
    /// Tag 5, and delta tag 30.
    DoubleLong(i32),
    /// Tag 6, and delta tag 33.
    DoubleLongUnsigned(u32),
    /// Tag 9.
    OctetString(Box<[u8]>),
    /// Tag 10: text in ASCII.
    VisibleString(Box<[u8]>),
    /// Tag 12: text in UTF-8.
    Utf8String(Box<[u8]>),
    /// Tag 13: two digits in a byte.
    Bcd(u8),
    /// Tag 15, and delta tag 28.
    Integer(i8),
    /// Tag 16, and delta tag 29.
    Long(i16),
    /// Tag 17, and delta tag 31.
    Unsigned(u8),
    /// Tag 18, and delta tag 32.
    LongUnsigned(u16),
    /// Tag 20.
    Long64(i64),
    /// Tag 21.
    Long64Unsigned(u64),
    /// Tag 22.
    Enum(u8),
    /// Tag 23: a real of 32 bits (IEC 60559), as its bits.
    Float32(u32),
    /// Tag 24: a real of 64 bits, as its bits.
    Float64(u64),
    /// Tag 25.
    DateTime(DateTime),
    /// Tag 26: year (two bytes), month, day of month, day of week.
    Date([u8; 5]),
    /// Tag 27: hour, minute, second, hundredths.
    Time([u8; 4]),
    /// Tag 255: any value will do.
    DontCare,
}

impl Data {
    /// The value of an attribute from its bytes; they must hold nothing else.
    ///
    /// ```
    /// use tidstro_dlms::Data;
    ///
    /// let voltage = Data::read(&[0x02, 0x02, 0x12, 0x09, 0x03, 0x0a, 0x01, 0x56])?;
    /// let expected = Data::Structure(vec![Data::LongUnsigned(2307), Data::VisibleString((*b"V").into())]);
    /// assert_eq!(voltage, expected);
    /// # Ok::<(), tidstro_dlms::Refusal>(())
    /// ```
    ///
    /// # Errors
    /// [`Refusal`](crate::Refusal) with the byte, if a type is unknown, a value is cut, bytes are left over, or
    /// the tree is deeper than 16 levels.
    pub fn read(bytes: &[u8]) -> Result<Self, crate::Refusal> {
        Reader::new(bytes, 0).whole().map(|tree| tree.data)
    }

    /// The bytes of the value, tag first, lengths in their shortest form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        write::write(self, &mut bytes);
        bytes
    }

    /// The elements of an array or structure; none for every other type.
    #[must_use]
    pub fn elements(&self) -> &[Self] {
        match self {
            Self::Array(elements) | Self::Structure(elements) => elements,
            _ => &[],
        }
    }

    /// The number as an integer of 64 bits; `None` for what is no integer, or larger.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        match *self {
            Self::DoubleLong(number) => Some(number.into()),
            Self::DoubleLongUnsigned(number) => Some(number.into()),
            Self::Integer(number) => Some(number.into()),
            Self::Long(number) => Some(number.into()),
            Self::Unsigned(number) | Self::Enum(number) => Some(number.into()),
            Self::LongUnsigned(number) => Some(number.into()),
            Self::Long64(number) => Some(number),
            Self::Long64Unsigned(number) => i64::try_from(number).ok(),
            Self::Boolean(is_set) => Some(is_set.into()),
            Self::Bcd(digits) if digits >> 4 <= 9 && digits & 0x0f <= 9 => {
                Some(i64::from(digits >> 4) * 10 + i64::from(digits & 0x0f))
            }
            _ => None,
        }
    }

    /// The number: an integer as it is, a real as the shortest decimal that reads back as its bits.
    #[must_use]
    pub fn decimal(&self) -> Option<Decimal> {
        match *self {
            Self::Float32(bits) => Decimal::of_real_32(bits),
            Self::Float64(bits) => Decimal::of_real_64(bits),
            _ => self.integer().map(|number| Decimal::new(number, 0)),
        }
    }

    /// The text of a string, and of an octet string whose bytes are all printable ASCII.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::VisibleString(bytes) | Self::Utf8String(bytes) => std::str::from_utf8(bytes).ok(),
            Self::OctetString(bytes) => {
                let is_printable = bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
                std::str::from_utf8(bytes).ok().filter(|_| is_printable)
            }
            _ => None,
        }
    }

    /// The bytes of an octet string.
    #[must_use]
    pub fn octets(&self) -> Option<&[u8]> {
        match self {
            Self::OctetString(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The date and time, with its own tag or as the octet string of 12 bytes that most meters send.
    #[must_use]
    pub fn date_time(&self) -> Option<DateTime> {
        match self {
            Self::DateTime(moment) => Some(*moment),
            Self::OctetString(bytes) => bytes.as_ref().try_into().ok().and_then(DateTime::new),
            _ => None,
        }
    }

    /// How many values the tree has, itself included.
    pub(crate) fn count(&self) -> usize {
        1 + self.elements().iter().map(Self::count).sum::<usize>()
    }
}
