//! The extended link layer, ELL (EN 13757-4:2019 § 13).
//!
//! What comes in: a proven frame. What goes out: the layer's fields, and where they end. Nothing is decrypted or
//! believed here. That the address of CI 8E and 8F is the receiver's, so that the sender stays the link layer's,
//! rests on memory of the standard and on no telegram.

use tidstro_wire::Cursor;

use crate::link::{Frame, Wire};

/// Bytes of the receiver's address: manufacturer, number, version, type.
const ADDRESS: usize = 8;

/// The extended link layer of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ell {
    /// Communication control field.
    pub(crate) control: u8,
    /// Access number.
    pub(crate) access_number: u8,
    /// The session, where the layer protects what follows (CI 8D and 8F).
    pub(crate) session: Option<Session>,
    /// Offset of the first byte after the layer; with a session that is its payload CRC.
    pub(crate) end: usize,
}

/// The session number field: bits 0 to 3 session, 4 to 28 time in minutes, 29 to 31 encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Session(pub(crate) u32);

impl Session {
    /// 0 none, 1 AES-128-CTR, others reserved.
    pub(crate) const fn encryption(self) -> u32 {
        self.0 >> 29
    }
}

/// What a frame begins with after its link layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Another layer.
    None,
    /// An extended link layer that is whole.
    Whole(Ell),
    /// One that ends too early, at this offset.
    Cut(usize),
}

/// Reads the layer if the frame has one.
pub(crate) fn read(frame: &Frame<'_>) -> Found {
    let content = frame.bytes.get(..frame.content.end).unwrap_or_default();
    let mut cursor = Cursor::new(content, frame.content.start);
    let (has_receiver, has_session) = match (frame.wire, cursor.byte()) {
        (_, Some(0x8c)) => (false, false),
        (Wire::Wireless, Some(0x8d)) => (false, true),
        (Wire::Wireless, Some(0x8e)) => (true, false),
        (Wire::Wireless, Some(0x8f)) => (true, true),
        _ => return Found::None,
    };
    fields(&mut cursor, has_receiver, has_session).map_or(Found::Cut(content.len()), Found::Whole)
}

fn fields(cursor: &mut Cursor<'_>, has_receiver: bool, has_session: bool) -> Option<Ell> {
    let [control, access_number] = cursor.array()?;
    if has_receiver {
        cursor.take(ADDRESS)?;
    }
    let session = if has_session { Some(Session(u32::from_le_bytes(cursor.array()?))) } else { None };
    Some(Ell { control, access_number, session, end: cursor.at() })
}
