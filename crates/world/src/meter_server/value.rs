//! Values as the meter writes and reads them (A-XDR, IEC 62056-6-2 § 4.1.5): the types this meter has.

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Array(Vec<Self>),
    Structure(Vec<Self>),
    DoubleLongUnsigned(u32),
    Octets(Vec<u8>),
    Integer(i8),
    Long(i16),
    Unsigned(u8),
    LongUnsigned(u16),
    Enum(u8),
}

impl Value {
    pub(super) fn write(&self, to: &mut Vec<u8>) {
        match self {
            Self::Null => to.push(0),
            Self::Array(elements) => list(1, elements, to),
            Self::Structure(elements) => list(2, elements, to),
            Self::DoubleLongUnsigned(number) => tagged(6, &number.to_be_bytes(), to),
            Self::Octets(bytes) => {
                to.push(9);
                length(bytes.len(), to);
                to.extend(bytes);
            }
            Self::Integer(number) => tagged(15, &number.to_be_bytes(), to),
            Self::Long(number) => tagged(16, &number.to_be_bytes(), to),
            Self::Unsigned(number) => tagged(17, &[*number], to),
            Self::LongUnsigned(number) => tagged(18, &number.to_be_bytes(), to),
            Self::Enum(number) => tagged(22, &[*number], to),
        }
    }

    /// The next value, if it is of a type this meter knows and at most `deep` lists deep.
    pub(super) fn read(bytes: &mut Reader<'_>, deep: u8) -> Option<Self> {
        let tag = bytes.byte()?;
        Some(match tag {
            0 => Self::Null,
            1 | 2 => {
                let (count, deeper) = (bytes.length()?, deep.checked_sub(1)?);
                let elements = (0..count).map(|_| Self::read(bytes, deeper)).collect::<Option<_>>()?;
                if tag == 1 { Self::Array(elements) } else { Self::Structure(elements) }
            }
            6 => Self::DoubleLongUnsigned(bytes.u32()?),
            9 => Self::Octets({
                let len = bytes.length()?;
                bytes.take(len)?.to_vec()
            }),
            15 => Self::Integer(i8::from_be_bytes([bytes.byte()?])),
            16 => Self::Long(i16::from_be_bytes(bytes.array()?)),
            17 => Self::Unsigned(bytes.byte()?),
            18 => Self::LongUnsigned(u16::from_be_bytes(bytes.array()?)),
            22 => Self::Enum(bytes.byte()?),
            _ => return None,
        })
    }

    pub(super) fn octets(&self) -> Option<&[u8]> {
        match self {
            Self::Octets(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(super) fn elements(&self) -> &[Self] {
        match self {
            Self::Array(elements) | Self::Structure(elements) => elements,
            _ => &[],
        }
    }
}

fn tagged(tag: u8, bytes: &[u8], to: &mut Vec<u8>) {
    to.push(tag);
    to.extend(bytes);
}

fn list(tag: u8, elements: &[Value], to: &mut Vec<u8>) {
    to.push(tag);
    length(elements.len(), to);
    elements.iter().for_each(|element| element.write(to));
}

/// A length: one byte below 128, else the number of its bytes and the bytes. BER counts alike.
pub(super) fn length(len: usize, to: &mut Vec<u8>) {
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(short @ ..=0x7f), _) => to.push(short),
        (Ok(byte), _) => to.extend([0x81, byte]),
        (_, Ok(word)) => tagged(0x82, &word.to_be_bytes(), to),
        _ => tagged(0x84, &u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes(), to),
    }
}

/// Bytes that are read from the front.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn length(&mut self) -> Option<usize> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(first.into());
        }
        let bytes = self.take(usize::from(first & 0x7f)).filter(|bytes| bytes.len() <= 4)?;
        Some(bytes.iter().fold(0, |len, byte| len << 8 | usize::from(*byte)))
    }

    /// The tag and contents of the next field of BER.
    pub(super) fn field(&mut self) -> Option<(u8, &'a [u8])> {
        let tag = self.byte()?;
        let len = self.length()?;
        Some((tag, self.take(len)?))
    }
}

/// The contents of the first field with this tag.
pub(super) fn field(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let mut reader = Reader(bytes);
    std::iter::from_fn(|| reader.field()).find(|(found, _)| *found == tag).map(|(_, contents)| contents)
}

/// A field of BER.
pub(super) fn ber(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    length(contents.len(), &mut bytes);
    bytes.extend(contents);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let value = Value::Structure(vec![
            Value::Array(vec![Value::Null, Value::Octets(vec![7; 200])]),
            Value::DoubleLongUnsigned(70_000),
            Value::Integer(-1),
            Value::Long(-60),
            Value::Unsigned(3),
            Value::LongUnsigned(900),
            Value::Enum(30),
        ]);
        let mut bytes = Vec::new();
        value.write(&mut bytes);
        assert_eq!(Value::read(&mut Reader(&bytes), 4), Some(value));
        assert_eq!(Value::read(&mut Reader(&bytes), 1), None);
        assert_eq!(Value::read(&mut Reader(&[1, 0x84, 0xff, 0xff, 0xff, 0xff]), 4), None);
    }
}
