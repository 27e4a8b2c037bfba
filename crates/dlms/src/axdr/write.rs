//! Values → bytes.

use super::Data;

/// Appends the value with its tag.
pub(super) fn write(data: &Data, bytes: &mut Vec<u8>) {
    match data {
        Data::Null => bytes.push(0),
        Data::Array(elements) => sequence(1, elements, bytes),
        Data::Structure(elements) => sequence(2, elements, bytes),
        Data::Boolean(is_set) => bytes.extend([3, u8::from(*is_set)]),
        Data::BitString { len, bytes: content } => {
            bytes.push(4);
            length(*len, bytes);
            bytes.extend_from_slice(content);
        }
        Data::OctetString(content) => string(9, content, bytes),
        Data::VisibleString(content) => string(10, content, bytes),
        Data::Utf8String(content) => string(12, content, bytes),
        Data::DateTime(moment) => tagged(25, moment.bytes(), bytes),
        Data::Date(content) => tagged(26, content, bytes),
        Data::Time(content) => tagged(27, content, bytes),
        Data::DontCare => bytes.push(255),
        number => self::number(number, bytes),
    }
}

fn number(data: &Data, bytes: &mut Vec<u8>) {
    match *data {
        Data::DoubleLong(number) => tagged(5, &number.to_be_bytes(), bytes),
        Data::DoubleLongUnsigned(number) => tagged(6, &number.to_be_bytes(), bytes),
        Data::Bcd(number) => tagged(13, &[number], bytes),
        Data::Integer(number) => tagged(15, &number.to_be_bytes(), bytes),
        Data::Long(number) => tagged(16, &number.to_be_bytes(), bytes),
        Data::Unsigned(number) => tagged(17, &[number], bytes),
        Data::LongUnsigned(number) => tagged(18, &number.to_be_bytes(), bytes),
        Data::Long64(number) => tagged(20, &number.to_be_bytes(), bytes),
        Data::Long64Unsigned(number) => tagged(21, &number.to_be_bytes(), bytes),
        Data::Enum(number) => tagged(22, &[number], bytes),
        Data::Float32(bits) => tagged(23, &bits.to_be_bytes(), bytes),
        Data::Float64(bits) => tagged(24, &bits.to_be_bytes(), bytes),
        _ => {}
    }
}

fn tagged(tag: u8, content: &[u8], bytes: &mut Vec<u8>) {
    bytes.push(tag);
    bytes.extend_from_slice(content);
}

fn string(tag: u8, content: &[u8], bytes: &mut Vec<u8>) {
    bytes.push(tag);
    length(content.len(), bytes);
    bytes.extend_from_slice(content);
}

fn sequence(tag: u8, elements: &[Data], bytes: &mut Vec<u8>) {
    bytes.push(tag);
    length(elements.len(), bytes);
    elements.iter().for_each(|element| write(element, bytes));
}

/// The shortest form of a length (see [`Cursor::length`](tidstro_wire::Cursor::length)).
pub(crate) fn length(len: usize, bytes: &mut Vec<u8>) {
    let wide = u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes();
    match wide {
        [0, 0, 0, small @ 0..=0x7f] => bytes.push(small),
        [0, 0, 0, small] => bytes.extend([0x81, small]),
        [0, 0, high, low] => bytes.extend([0x82, high, low]),
        [0, a, b, c] => bytes.extend([0x83, a, b, c]),
        [a, b, c, d] => bytes.extend([0x84, a, b, c, d]),
    }
}
