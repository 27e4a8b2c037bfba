//! What a meter sends, written down here a second time: frames, blocks, notifications. Written from the standards and
//! not from the decoder, so that the two can disagree.

use tidstro_dlms::{CipherHeader, Data, DateTime, Key, Keys, SystemTitle, protect};

pub(crate) const TITLE: SystemTitle = SystemTitle(*b"TID\0\0\0\x12\x34");

pub(crate) fn keys() -> Keys {
    Keys { encryption: Key::Aes128([0x2b; 16]), authentication: Some(Key::Aes128([0x4d; 16])) }
}

/// Keys of suite 2.
pub(crate) fn long_keys() -> Keys {
    Keys { encryption: Key::Aes256([0x2b; 32]), authentication: Some(Key::Aes256([0x4d; 32])) }
}

/// CET, winter.
pub(crate) fn clock() -> DateTime {
    DateTime::new([0x07, 0xe8, 1, 15, 1, 12, 30, 10, 0, 0xff, 0xc4, 0]).unwrap()
}

pub(crate) fn octets(bytes: &[u8]) -> Data {
    Data::OctetString(bytes.into())
}

/// Scaler and unit.
pub(crate) fn scale(scaler: i8, unit: u8) -> Data {
    Data::Structure(vec![Data::Integer(scaler), Data::Enum(unit)])
}

/// A list that says everything: 1234.5 kWh, 230.7 V, −1.5 A, number of the meter.
pub(crate) fn list() -> Data {
    let register = |code: [u8; 6], value, scale| Data::Structure(vec![octets(&code), value, scale]);
    Data::Array(vec![
        Data::Structure(vec![octets(&[0, 0, 96, 1, 0, 255]), Data::VisibleString((*b"5700000017").into())]),
        register([1, 0, 1, 8, 0, 255], Data::DoubleLongUnsigned(12345), scale(2, 30)),
        register([1, 0, 32, 7, 0, 255], Data::LongUnsigned(2307), scale(-1, 35)),
        register([1, 0, 31, 7, 0, 255], Data::Long(-150), scale(-2, 33)),
    ])
}

/// Data-notification with a time.
pub(crate) fn notification(body: &Data) -> Vec<u8> {
    [&[0x0f, 0x00, 0x00, 0x10, 0x01, 0x0c][..], clock().bytes(), &body.to_bytes()].concat()
}

pub(crate) fn header(control: u8, invocation_counter: u32) -> CipherHeader {
    CipherHeader { title: TITLE, is_dedicated: false, control, invocation_counter, protected_len: 0 }
}

/// Authenticated and encrypted.
pub(crate) fn protected(body: &Data) -> Vec<u8> {
    protect(header(0x30, 7), &keys(), &notification(body)).unwrap()
}

/// CRC-16/X.25, bit by bit.
fn fcs(bytes: &[u8]) -> [u8; 2] {
    let mut crc = 0xffff_u16;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0x8408 } else { crc >> 1 };
        }
    }
    (!crc).to_le_bytes()
}

/// One frame with its flags; addresses 1, 2 or 4 bytes long, with their end bits.
pub(crate) fn hdlc_frame(
    destination: &[u8],
    source: &[u8],
    information: &[u8],
    is_segmented: bool,
) -> Vec<u8> {
    let len = 2 + destination.len() + source.len() + 1 + 2 + information.len() + 2;
    let format = 0xa000 | u16::from(is_segmented) << 11 | u16::try_from(len).unwrap();
    let mut frame = [&format.to_be_bytes()[..], destination, source, &[0x13]].concat();
    let check = fcs(&frame);
    frame.extend(check);
    frame.extend(information);
    let check = fcs(&frame);
    frame.extend(check);
    [&[0x7e][..], &frame, &[0x7e]].concat()
}

/// The APDU behind an LLC header, cut into segments of at most `size` bytes.
pub(crate) fn hdlc(apdu: &[u8], size: usize) -> Vec<u8> {
    let information = [&[0xe6, 0xe7, 0x00][..], apdu].concat();
    let count = information.chunks(size).count();
    let segments = information.chunks(size).zip(1..);
    segments.flat_map(|(part, number)| hdlc_frame(&[0x02, 0x23], &[0x03], part, number < count)).collect()
}

/// The APDU in long frames of at most `size` payload bytes.
pub(crate) fn mbus(apdu: &[u8], size: usize) -> Vec<u8> {
    mbus_frames(apdu, size).concat()
}

/// The same, each frame for itself.
pub(crate) fn mbus_frames(apdu: &[u8], size: usize) -> Vec<Vec<u8>> {
    let count = apdu.chunks(size).count();
    let segments = apdu.chunks(size).zip(0_u8..);
    segments
        .map(|(part, number)| {
            let is_last = usize::from(number) + 1 == count;
            let ci = number & 0x0f | u8::from(is_last) << 4;
            let content = [&[0x53, 0xff, ci, 0x01, 0x67][..], part].concat();
            let [_, len] = u16::try_from(content.len()).unwrap().to_be_bytes();
            let sum = content.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
            [&[0x68, len, len, 0x68][..], &content, &[sum, 0x16]].concat()
        })
        .collect()
}

/// General block transfer: the APDU in blocks of at most `size` bytes.
pub(crate) fn blocks(apdu: &[u8], size: usize) -> Vec<Vec<u8>> {
    let count = apdu.chunks(size).count();
    let block = |(part, number): (&[u8], u16)| {
        let control = 0x40 | u8::from(usize::from(number) == count) << 7;
        let [high, low] = number.to_be_bytes();
        [&[0xe0, control, high, low, 0, 0, u8::try_from(part.len()).unwrap()][..], part].concat()
    };
    apdu.chunks(size).zip(1_u16..).map(block).collect()
}
