//! BER of the association (ISO/IEC 8825-1): tags of one byte, lengths, contents.

use tidstro_wire::Cursor;

use crate::axdr::length;

/// A tag, the length, and the contents.
pub(super) fn write(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    length(contents.len(), &mut bytes);
    bytes.extend_from_slice(contents);
    bytes
}

/// The next tag and its contents.
pub(super) fn read<'a>(cursor: &mut Cursor<'a>) -> Option<(u8, &'a [u8])> {
    Some((cursor.byte()?, cursor.counted()?))
}

/// The contents of the first field with this tag.
pub(super) fn field(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let mut cursor = Cursor::new(bytes, 0);
    while let Some((found, contents)) = read(&mut cursor) {
        if found == tag {
            return Some(contents);
        }
    }
    None
}
