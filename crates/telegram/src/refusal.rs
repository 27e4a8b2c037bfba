//! Why a telegram gives no readings.
//!
//! Each refusal says what is wrong, at which byte of the frame (without block CRCs, from 0), and what the
//! reader can do. Refusals of layouts this version does not read yet are told apart from damage.

use tidstro_model::MeterId;

use crate::Announced;

/// Why a telegram was refused. No value of a refused telegram is ever given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too few bytes for any telegram.
    #[error("has {got} bytes, a telegram has at least {needed}; check that the whole line was copied")]
    TooShort {
        /// Bytes found.
        got: usize,
        /// Bytes the shortest telegram has.
        needed: usize,
    },
    /// More bytes than any telegram has.
    #[error("has {got} bytes, a telegram has at most {limit}; check that the line holds one telegram only")]
    TooLong {
        /// Bytes found.
        got: usize,
        /// Bytes the longest telegram has.
        limit: usize,
    },
    /// The L-field does not fit the number of bytes, in any frame format.
    #[error(
        "byte 0: L field `{stated:02X}` asks for {expected} bytes (more with CRCs), the telegram has {got}; \
         part of it is missing or two were joined"
    )]
    Length {
        /// The L-field.
        stated: u8,
        /// Bytes of a frame with this L-field and without CRCs.
        expected: usize,
        /// Bytes found.
        got: usize,
    },
    /// A block CRC of a wireless frame is wrong (EN 13757-4).
    #[error(
        "byte {offset}: CRC of block {block} is `{got:04X}`, the bytes give `{expected:04X}`; \
         the telegram was damaged on its way"
    )]
    Crc {
        /// Number of the block, from 1.
        block: usize,
        /// Offset of the CRC in the frame as received.
        offset: usize,
        /// The CRC the bytes give.
        expected: u16,
        /// The CRC found.
        got: u16,
    },
    /// The checksum of a wired frame is wrong (EN 13757-2).
    #[error(
        "byte {offset}: checksum is `{got:02X}`, the bytes give `{expected:02X}`; \
         the telegram was damaged on its way"
    )]
    Checksum {
        /// Offset of the checksum.
        offset: usize,
        /// The checksum the bytes give.
        expected: u8,
        /// The checksum found.
        got: u8,
    },
    /// A wired frame does not end with the stop byte.
    #[error("byte {offset}: a wired long frame ends with `16`, found `{got:02X}`; it is cut or damaged")]
    StopByte {
        /// Offset of the last byte.
        offset: usize,
        /// The byte found.
        got: u8,
    },
    /// A wired frame without a long transport header: it does not say which meter it is from.
    #[error(
        "byte {offset}: a wired frame with CI `{ci:02X}` does not name its meter; \
         ask the meter for long headers (CI 72)"
    )]
    NoIdentity {
        /// Offset of the CI field.
        offset: usize,
        /// The CI field.
        ci: u8,
    },
    /// A header ends before it is complete.
    #[error("{meter}: byte {offset}: the telegram ends inside its {layer}; it is cut or damaged")]
    HeaderCut {
        /// The sender, as far as known.
        meter: MeterId,
        /// Offset at which bytes are missing.
        offset: usize,
        /// The header's name.
        layer: &'static str,
    },
    /// No key is known for the meter.
    #[error("{meter}: {announced} needs a key and none is known; add the meter to the key file")]
    KeyMissing {
        /// The meter.
        meter: MeterId,
        /// What needs the key.
        announced: Announced,
    },
    /// The decrypted bytes do not begin with the check bytes (mode 5, mode 7).
    #[error(
        "{meter}: byte {offset}: the decrypted bytes do not begin with `2F2F`; the key is wrong, \
         compare it with the delivery note"
    )]
    WrongKey {
        /// The meter.
        meter: MeterId,
        /// Offset of the first encrypted byte.
        offset: usize,
    },
    /// The decrypted bytes are not what the maker's layout says they are.
    #[error(
        "{meter}: byte {offset}: the decrypted bytes do not fit the maker's layout; the key is wrong, \
         compare it with the delivery note"
    )]
    MakersKey {
        /// The meter.
        meter: MeterId,
        /// Offset of the first byte behind the CI field.
        offset: usize,
    },
    /// The checksum the maker put into data of his own does not fit.
    #[error(
        "{meter}: byte {offset}: the maker's own checksum does not fit; the telegram was changed or damaged, \
         nothing of it is used"
    )]
    MakersChecksum {
        /// The meter.
        meter: MeterId,
        /// Offset of the record, or of the first byte behind the CI field.
        offset: usize,
    },
    /// What the extended link layer encrypted does not fit its payload CRC after decryption.
    #[error(
        "{meter}: byte {offset}: the decrypted content does not fit its payload CRC; the key is wrong, \
         compare it with the delivery note"
    )]
    LinkKey {
        /// The sender.
        meter: MeterId,
        /// Offset of the payload CRC, the first encrypted byte.
        offset: usize,
    },
    /// A clear content of the extended link layer does not fit its payload CRC.
    #[error(
        "{meter}: byte {offset}: the content does not fit its payload CRC; the telegram was damaged on its way"
    )]
    PayloadCrc {
        /// The sender.
        meter: MeterId,
        /// Offset of the payload CRC.
        offset: usize,
    },
    /// The message authentication code does not fit.
    #[error(
        "{meter}: the authentication code does not fit; the key is wrong or the telegram was changed, \
         nothing of it is used"
    )]
    Mac {
        /// The meter.
        meter: MeterId,
    },
    /// A security mode that requires authentication comes without what it needs.
    #[error(
        "{meter}: security mode {mode} without {missing}; nothing proves the telegram, so nothing is used"
    )]
    Unauthenticated {
        /// The meter.
        meter: MeterId,
        /// Its security mode.
        mode: u8,
        /// The field that is missing.
        missing: &'static str,
    },
    /// The configuration field announces more encrypted blocks than there are bytes.
    #[error(
        "{meter}: byte {offset}: the header announces {stated} encrypted bytes, {got} follow; \
         the telegram is cut or damaged"
    )]
    BlockCount {
        /// The meter.
        meter: MeterId,
        /// Offset of the first encrypted byte.
        offset: usize,
        /// Encrypted bytes announced.
        stated: usize,
        /// Bytes found.
        got: usize,
    },
    /// A compact frame whose format no full frame has taught yet.
    #[error(
        "{meter}: byte {offset}: no full frame of this meter type taught format `{signature:04X}` yet; \
         keep the telegram until one is heard"
    )]
    FormatUnknown {
        /// The meter.
        meter: MeterId,
        /// Offset of the compact frame's first byte.
        offset: usize,
        /// The format signature.
        signature: u16,
    },
    /// The values of a compact frame do not fit the CRC of the full frame.
    #[error(
        "{meter}: byte {offset}: the values do not fit the CRC of the full frame with format `{signature:04X}`; \
         the telegram was damaged or its format is another one, nothing of it is used"
    )]
    FullFrameCrc {
        /// The meter.
        meter: MeterId,
        /// Offset of the compact frame's first byte.
        offset: usize,
        /// The format signature.
        signature: u16,
    },
    /// The tag does not fit, in a mode that is read from descriptions and that no published telegram has shown.
    #[error(
        "{meter}: the tag of security mode {mode} does not fit; the key is wrong or the telegram changed, or the meter makes \
         the tag otherwise: no telegram of this mode is published. Keep it and report it with its key"
    )]
    TagUnproven {
        /// The meter.
        meter: MeterId,
        /// The security mode.
        mode: u8,
    },
    /// Decrypted content without a code of its own is not whole records (mode 5).
    #[error(
        "{meter}: byte {offset}: the decrypted content is not whole records such as meters send; \
         the telegram was changed or damaged, nothing of it is used"
    )]
    Unproven {
        /// The meter.
        meter: MeterId,
        /// Offset of the record that cannot be read.
        offset: usize,
    },
    /// Sent in the clear by a meter whose key is known.
    #[error(
        "{meter}: sent in the clear although its key is known; somebody else may send in its name. \
         If the meter really does not encrypt, remove its key"
    )]
    Downgrade {
        /// The meter.
        meter: MeterId,
    },
    /// A TLS session protects it: security mode 13, profile C of OMS. Meter and gateway agree on a key for each session, and
    /// what is heard between them does not give it: no telegram can be read alone, whatever key of the meter is known.
    #[error(
        "{meter}: byte {offset}: security mode 13 (TLS): its key is made anew for each session and is in no key file, \
         only the gateway that holds the session can read it; collect its readings from the gateway"
    )]
    SessionNeeded {
        /// The meter.
        meter: MeterId,
        /// Offset of the CI field.
        offset: usize,
    },
    /// One piece of a message.
    #[error("{meter}: byte {offset}: fragment {number} of a message; it is read when the others have come")]
    Fragment {
        /// The sender.
        meter: MeterId,
        /// Offset of the authentication layer.
        offset: usize,
        /// The fragment's number, from 1.
        number: u8,
    },
    /// An application error of the meter (EN 13757-3:2018 clause 10).
    #[error(
        "{meter}: byte {offset}: the meter reports application error `{code:02X}` ({words}) and no values; \
         it answers a command, look there for the cause"
    )]
    ApplicationError {
        /// The meter.
        meter: MeterId,
        /// Offset of the code.
        offset: usize,
        /// The code.
        code: u8,
        /// What it means.
        words: &'static str,
    },
    /// An alarm report that has no bits, or more than 64.
    #[error(
        "{meter}: byte {offset}: an alarm report has 1 to 8 bytes, this one has not; \
         the telegram is cut or damaged, nothing of it is used"
    )]
    AlarmForm {
        /// The meter.
        meter: MeterId,
        /// Offset of the report's first byte.
        offset: usize,
    },
    /// A message to a meter, or between gateways.
    #[error("byte 1: C field `{c:02X}` is not that of a meter's message; nothing of a meter is lost")]
    NotFromMeter {
        /// The C-field.
        c: u8,
    },
    /// A layout that carries no values.
    #[error("{meter}: byte {offset}: {name} (CI {ci:02X}) carries no values; nothing is lost")]
    NoValues {
        /// The meter.
        meter: MeterId,
        /// Offset of the CI field.
        offset: usize,
        /// The CI field.
        ci: u8,
        /// Name of the layout.
        name: &'static str,
    },
    /// A format frame whose headers do not have the signature it states, or are none.
    #[error(
        "{meter}: byte {offset}: the format frame is no list of record headers with its signature; nothing is learned"
    )]
    FormatFrame {
        /// The meter.
        meter: MeterId,
        /// Offset of the format frame's first byte.
        offset: usize,
    },
    /// A security mode or variant this version does not read.
    #[error(
        "{meter}: security mode {mode} ({name}) is not decoded yet; keep the telegram for a later version"
    )]
    ModeNotYet {
        /// The meter.
        meter: MeterId,
        /// The mode.
        mode: u8,
        /// Its name.
        name: &'static str,
    },
    /// An encryption of the extended link layer that the standard keeps for later.
    #[error(
        "{meter}: byte {offset}: encryption {encryption} of the extended link layer is not decoded yet; \
         keep the telegram for a later version"
    )]
    LinkModeNotYet {
        /// The sender.
        meter: MeterId,
        /// Offset of the first encrypted byte.
        offset: usize,
        /// The encryption bits of the session number: 2 to 7.
        encryption: u32,
    },
    /// A layer or application layout this version does not read.
    #[error(
        "{meter}: byte {offset}: {name} (CI {ci:02X}) is not decoded yet; keep the telegram for a later version"
    )]
    LayoutNotYet {
        /// The meter.
        meter: MeterId,
        /// Offset of the CI field.
        offset: usize,
        /// The CI field.
        ci: u8,
        /// Name of the layout.
        name: &'static str,
    },
}

impl Refusal {
    /// A short stable code, for counting.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too-short",
            Self::TooLong { .. } => "too-long",
            Self::Length { .. } => "length",
            Self::Crc { .. } => "crc",
            Self::Checksum { .. } => "checksum",
            Self::StopByte { .. } => "stop-byte",
            Self::NoIdentity { .. } => "no-identity",
            Self::HeaderCut { .. } => "header-cut",
            Self::KeyMissing { .. } => "key-missing",
            Self::WrongKey { .. } | Self::MakersKey { .. } | Self::LinkKey { .. } => "wrong-key",
            Self::PayloadCrc { .. } => "payload-crc",
            Self::MakersChecksum { .. } => "makers-checksum",
            Self::FormatUnknown { .. } => "format-unknown",
            Self::FullFrameCrc { .. } => "full-frame-crc",
            Self::Mac { .. } => "mac",
            Self::Unauthenticated { .. } => "unauthenticated",
            Self::TagUnproven { .. } => "tag-unproven",
            Self::Unproven { .. } => "unproven",
            Self::Downgrade { .. } => "downgrade",
            Self::SessionNeeded { .. } => "session-needed",
            Self::Fragment { .. } => "fragment",
            Self::NotFromMeter { .. } => "not-from-meter",
            Self::ApplicationError { .. } => "application-error",
            Self::AlarmForm { .. } => "alarm-form",
            Self::NoValues { .. } => "no-values",
            Self::FormatFrame { .. } => "format-frame",
            Self::BlockCount { .. } => "block-count",
            Self::ModeNotYet { .. } | Self::LinkModeNotYet { .. } => "mode-not-yet",
            Self::LayoutNotYet { .. } => "layout-not-yet",
        }
    }

    /// Whether the telegram may be whole and only this version cannot read it.
    #[must_use]
    pub const fn is_not_yet(&self) -> bool {
        matches!(self, Self::ModeNotYet { .. } | Self::LinkModeNotYet { .. } | Self::LayoutNotYet { .. })
    }

    /// Whose telegram it was, as far as its headers were readable.
    #[must_use]
    pub const fn meter(&self) -> Option<MeterId> {
        match *self {
            Self::HeaderCut { meter, .. }
            | Self::KeyMissing { meter, .. }
            | Self::WrongKey { meter, .. }
            | Self::MakersKey { meter, .. }
            | Self::MakersChecksum { meter, .. }
            | Self::LinkKey { meter, .. }
            | Self::PayloadCrc { meter, .. }
            | Self::FormatUnknown { meter, .. }
            | Self::FullFrameCrc { meter, .. }
            | Self::LinkModeNotYet { meter, .. }
            | Self::Mac { meter }
            | Self::TagUnproven { meter, .. }
            | Self::Unproven { meter, .. }
            | Self::Downgrade { meter }
            | Self::SessionNeeded { meter, .. }
            | Self::Fragment { meter, .. }
            | Self::NoValues { meter, .. }
            | Self::ApplicationError { meter, .. }
            | Self::AlarmForm { meter, .. }
            | Self::FormatFrame { meter, .. }
            | Self::Unauthenticated { meter, .. }
            | Self::BlockCount { meter, .. }
            | Self::ModeNotYet { meter, .. }
            | Self::LayoutNotYet { meter, .. } => Some(meter),
            Self::TooShort { .. }
            | Self::TooLong { .. }
            | Self::Length { .. }
            | Self::Crc { .. }
            | Self::Checksum { .. }
            | Self::StopByte { .. }
            | Self::NoIdentity { .. }
            | Self::NotFromMeter { .. } => None,
        }
    }
}
