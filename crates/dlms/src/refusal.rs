//! Why a push gives no readings.
//!
//! Each refusal says what is wrong, at which byte, and what the reader can do. Offsets of frames count in the
//! input, offsets of values in the application data (after decryption), both from 0.

use crate::{CipherHeader, Framing};

/// Why something was refused. No value of what was refused is ever given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No message at all.
    #[error("holds no {} message; check that the whole frame was copied, and its framing", .framing.word())]
    Nothing {
        /// The framing that was looked for.
        framing: Framing,
    },
    /// A frame begins and the input ends inside it. In a stream the rest is still to come.
    #[error("byte {offset}: the {} frame that begins here is not finished; the rest is missing", .framing.word())]
    Unfinished {
        /// Where the frame begins.
        offset: usize,
        /// Its framing.
        framing: Framing,
    },
    /// Bytes between frames that belong to none.
    #[error("byte {offset}: {len} bytes belong to no frame; the line is disturbed or a frame was cut")]
    Junk {
        /// The first of them.
        offset: usize,
        /// How many there are.
        len: usize,
    },
    /// No HDLC frame of type 3.
    #[error("byte {offset}: `{got:04X}` is no format field of an HDLC frame of type 3; the frame is damaged")]
    FrameFormat {
        /// Offset of the format field.
        offset: usize,
        /// The field.
        got: u16,
    },
    /// An HDLC frame without a flag where its length says.
    #[error("byte {offset}: the frame ends with `7E`, found `{got:02X}`; it is cut or damaged")]
    ClosingFlag {
        /// Where the flag should be.
        offset: usize,
        /// The byte found.
        got: u8,
    },
    /// An HDLC address without an end.
    #[error("byte {offset}: the HDLC address has more than 4 bytes; the frame is damaged")]
    Address {
        /// Offset of the address.
        offset: usize,
    },
    /// The header check sequence of an HDLC frame is wrong.
    #[error(
        "byte {offset}: header check is `{got:04X}`, the bytes give `{expected:04X}`; the frame was damaged"
    )]
    HeaderCheck {
        /// Offset of the check sequence.
        offset: usize,
        /// The check sequence the bytes give.
        expected: u16,
        /// The one found.
        got: u16,
    },
    /// The frame check sequence of an HDLC frame is wrong.
    #[error(
        "byte {offset}: frame check is `{got:04X}`, the bytes give `{expected:04X}`; the frame was damaged"
    )]
    FrameCheck {
        /// Offset of the check sequence.
        offset: usize,
        /// The check sequence the bytes give.
        expected: u16,
        /// The one found.
        got: u16,
    },
    /// No wired M-Bus long frame.
    #[error("byte {offset}: a long frame begins with `68`, twice its length, `68`; the frame is damaged")]
    LongFrame {
        /// Where it should begin.
        offset: usize,
    },
    /// The checksum of a wired M-Bus frame is wrong.
    #[error("byte {offset}: checksum is `{got:02X}`, the bytes give `{expected:02X}`; the frame was damaged")]
    Checksum {
        /// Offset of the checksum.
        offset: usize,
        /// The checksum the bytes give.
        expected: u8,
        /// The checksum found.
        got: u8,
    },
    /// A wired M-Bus frame does not end with the stop byte.
    #[error("byte {offset}: a long frame ends with `16`, found `{got:02X}`; it is cut or damaged")]
    StopByte {
        /// Offset of the last byte.
        offset: usize,
        /// The byte found.
        got: u8,
    },
    /// A CI field that does not count segments: the frame carries no DLMS.
    #[error("byte {offset}: CI `{ci:02X}` is not of DLMS; decode the frame as an M-Bus telegram")]
    SegmentField {
        /// Offset of the CI field.
        offset: usize,
        /// The CI field.
        ci: u8,
    },
    /// The wrapper's version is not 1.
    #[error(
        "byte {offset}: a wrapper begins with version `0001`, found `{got:04X}`; the stream is out of step"
    )]
    WrapperVersion {
        /// Where the wrapper begins.
        offset: usize,
        /// The version found.
        got: u16,
    },
    /// A segment or block is not the next one.
    #[error(
        "byte {offset}: segment {got} follows where {expected} is due; one was lost, the message is dropped"
    )]
    SegmentLost {
        /// Offset of the segment's content.
        offset: usize,
        /// The number that is due.
        expected: u32,
        /// The number found.
        got: u32,
    },
    /// A segment or block whose message did not begin before it.
    #[error(
        "byte {offset}: the message this piece belongs to did not begin before it; nothing of it is used"
    )]
    BeginningMissing {
        /// Offset of the piece.
        offset: usize,
    },
    /// The last segment of a message never came.
    #[error("byte {offset}: the message that begins here lacks its last segment; nothing of it is used")]
    MessageIncomplete {
        /// Where the message begins.
        offset: usize,
    },
    /// An APDU that is no push, or none at all.
    #[error(
        "byte {offset}: `{tag:02X}` is no APDU of a push; check the framing, or keep it for a later version"
    )]
    ApduUnknown {
        /// Offset of the tag.
        offset: usize,
        /// The tag.
        tag: u8,
    },
    /// An APDU ends before it is complete.
    #[error("byte {offset}: the APDU ends inside its {part}; it is cut or damaged")]
    ApduCut {
        /// Where bytes are missing.
        offset: usize,
        /// What is cut.
        part: &'static str,
    },
    /// Protection inside protection, more often than anybody does.
    #[error(
        "byte {offset}: protected content inside protected content, more than twice; nothing of it is used"
    )]
    Nested {
        /// Offset of the inner APDU.
        offset: usize,
    },
    /// No key is known for the sender.
    #[error("{header}: no key is known for this system title; add its keys to the key file")]
    KeyMissing {
        /// What the APDU says of its protection.
        header: CipherHeader,
    },
    /// The APDU is authenticated and no authentication key is known.
    #[error("{header}: it is authenticated and no authentication key is known; add it to the key file")]
    AuthenticationKeyMissing {
        /// What the APDU says of its protection.
        header: CipherHeader,
    },
    /// The key has another length than the suite asks for.
    #[error(
        "{header}: the key has {got} bytes, the suite asks for {expected}; compare it with the delivery note"
    )]
    KeyLength {
        /// What the APDU says of its protection.
        header: CipherHeader,
        /// Bytes the suite asks for.
        expected: usize,
        /// Bytes of the key.
        got: usize,
    },
    /// The authentication tag does not fit.
    #[error("{header}: the tag does not fit; a key is wrong or the APDU was changed, nothing of it is used")]
    Tag {
        /// What the APDU says of its protection.
        header: CipherHeader,
    },
    /// What was encrypted without a tag decrypts to no APDU.
    #[error("{header}: the decrypted bytes are no push; the key is wrong, compare it with the delivery note")]
    WrongKey {
        /// What the APDU says of its protection.
        header: CipherHeader,
    },
    /// Neither authenticated nor encrypted, in an APDU that exists to be one of them.
    #[error("{header}: neither authenticated nor encrypted; nothing proves it, so nothing is used")]
    NotProtected {
        /// What the APDU says of its protection.
        header: CipherHeader,
    },
    /// A suite or option this version does not read.
    #[error("{header}: {what} is not decoded yet; keep it for a later version")]
    ProtectionNotYet {
        /// What the APDU says of its protection.
        header: CipherHeader,
        /// The name of it.
        what: &'static str,
    },
    /// A value of a type nobody defined.
    #[error("byte {offset}: `{tag}` is no type of COSEM data; the list has a layout nobody described yet")]
    TypeUnknown {
        /// Offset of the tag.
        offset: usize,
        /// The tag.
        tag: u8,
    },
    /// A value is cut, or a length says more than there is.
    #[error(
        "byte {offset}: the value that begins here needs more bytes than there are; it is cut or damaged"
    )]
    ValueCut {
        /// Offset of the value.
        offset: usize,
    },
    /// Arrays and structures inside each other, too deep.
    #[error("byte {offset}: more than {limit} structures inside each other; no meter nests them so")]
    TooDeep {
        /// Offset of the value.
        offset: usize,
        /// The depth allowed.
        limit: u8,
    },
    /// More values than the bytes can hold.
    #[error("byte {offset}: more than {limit} values; the lengths in it cannot be true")]
    TooMany {
        /// Offset of the value.
        offset: usize,
        /// The number allowed.
        limit: usize,
    },
    /// Bytes behind the end of what was read.
    #[error("byte {offset}: {len} bytes are left over; it is damaged or has a layout nobody described yet")]
    LeftOver {
        /// The first of them.
        offset: usize,
        /// How many there are.
        len: usize,
    },
    /// Twelve bytes that should be a date and time are none.
    #[error("byte {offset}: is no date and time; the notification is damaged")]
    DateTime {
        /// Where it begins.
        offset: usize,
    },
}

impl Refusal {
    /// A short stable code, for counting.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Nothing { .. } => "nothing",
            Self::Unfinished { .. } => "unfinished",
            Self::Junk { .. } => "junk",
            Self::FrameFormat { .. } | Self::Address { .. } | Self::LongFrame { .. } => "frame-format",
            Self::ClosingFlag { .. } | Self::StopByte { .. } => "stop-byte",
            Self::HeaderCheck { .. } | Self::FrameCheck { .. } => "crc",
            Self::Checksum { .. } => "checksum",
            Self::SegmentField { .. } => "not-dlms",
            Self::WrapperVersion { .. } => "wrapper-version",
            Self::SegmentLost { .. } => "segment-lost",
            Self::MessageIncomplete { .. } | Self::BeginningMissing { .. } => "incomplete",
            Self::ApduUnknown { .. } => "apdu-unknown",
            Self::ApduCut { .. } => "apdu-cut",
            Self::Nested { .. } => "nested",
            Self::KeyMissing { .. } | Self::AuthenticationKeyMissing { .. } => "key-missing",
            Self::KeyLength { .. } => "key-length",
            Self::Tag { .. } => "tag",
            Self::WrongKey { .. } => "wrong-key",
            Self::NotProtected { .. } => "unauthenticated",
            Self::ProtectionNotYet { .. } => "protection-not-yet",
            Self::TypeUnknown { .. } => "type-unknown",
            Self::ValueCut { .. } => "value-cut",
            Self::TooDeep { .. } | Self::TooMany { .. } => "too-large",
            Self::LeftOver { .. } => "left-over",
            Self::DateTime { .. } => "date-time",
        }
    }

    /// What the protected APDU said of itself, where one was refused.
    #[must_use]
    pub const fn header(&self) -> Option<CipherHeader> {
        match *self {
            Self::KeyMissing { header }
            | Self::AuthenticationKeyMissing { header }
            | Self::KeyLength { header, .. }
            | Self::Tag { header }
            | Self::WrongKey { header }
            | Self::NotProtected { header }
            | Self::ProtectionNotYet { header, .. } => Some(header),
            _ => None,
        }
    }
}
