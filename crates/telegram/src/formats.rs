//! Formats of compact frames: which records the values of a meter type belong to.
//!
//! What comes in: the record headers of full frames. What goes out: [`Formats`], which finds them again by the
//! signature a compact frame states. A format serves every meter of its manufacturer, version and type. What a clear
//! telegram taught never serves a protected one: anybody can send a clear telegram.

pub(crate) mod shipped;

use std::collections::BTreeMap;

use tidstro_model::{Manufacturer, Medium, MeterId};

use crate::{apdu::compact, link::crc::crc};

/// Which format: the meter type, the signature, and whether a key protected what taught it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FormatId {
    /// The manufacturer.
    pub manufacturer: Manufacturer,
    /// The version.
    pub version: u8,
    /// The device type.
    pub medium: Medium,
    /// Format signature: CRC of the record headers (EN 13757-3:2018 annex G).
    pub signature: u16,
    /// Learned from, and good for, telegrams that were decrypted with the meter's key; else those that were not.
    pub is_protected: bool,
}

impl FormatId {
    pub(crate) const fn of(meter: MeterId, signature: u16, is_protected: bool) -> Self {
        let MeterId { manufacturer, version, medium, .. } = meter;
        Self { manufacturer, version, medium, signature, is_protected }
    }
}

/// The record headers of a full frame, DIF to last VIFE of each record, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    id: FormatId,
    headers: Box<[u8]>,
}

/// Why stored bytes are no format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormatFault {
    /// The headers do not have the signature.
    #[error(
        "the headers have signature `{got:04X}`, stored as `{stated:04X}`; forget the format, it is learned again"
    )]
    Signature {
        /// The signature stored.
        stated: u16,
        /// The signature of the headers.
        got: u16,
    },
    /// The bytes are no record headers.
    #[error(
        "the bytes of format `{signature:04X}` are no record headers; forget the format, it is learned again"
    )]
    Headers {
        /// The signature stored.
        signature: u16,
    },
}

impl Format {
    /// A format as it was stored.
    ///
    /// # Errors
    /// [`FormatFault`] if the headers are none, or not those of the signature.
    pub fn new(id: FormatId, headers: &[u8]) -> Result<Self, FormatFault> {
        if !compact::are_headers(headers) {
            return Err(FormatFault::Headers { signature: id.signature });
        }
        let got = crc(headers);
        if got != id.signature {
            return Err(FormatFault::Signature { stated: id.signature, got });
        }
        Ok(Self { id, headers: headers.into() })
    }

    pub(crate) fn learned(meter: MeterId, is_protected: bool, headers: Vec<u8>) -> Self {
        Self { id: FormatId::of(meter, crc(&headers), is_protected), headers: headers.into() }
    }

    /// Which format this is.
    #[must_use]
    pub const fn id(&self) -> FormatId {
        self.id
    }

    /// The record headers, at most 245 bytes.
    #[must_use]
    pub const fn headers(&self) -> &[u8] {
        &self.headers
    }
}

/// Where the decoder asks for the format of a compact frame.
pub trait FormatSource {
    /// The record headers of this format, if they are known.
    fn headers(&self, id: &FormatId) -> Option<&[u8]>;

    /// Whether the format of each full frame is to be worked out.
    fn learns(&self) -> bool {
        true
    }
}

/// Knows no format and learns none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFormats;

impl FormatSource for NoFormats {
    fn headers(&self, _id: &FormatId) -> Option<&[u8]> {
        None
    }

    fn learns(&self) -> bool {
        false
    }
}

/// The formats known so far, in the order of their ids.
#[derive(Debug, Clone, Default)]
pub struct Formats {
    by_id: BTreeMap<FormatId, Box<[u8]>>,
}

impl Formats {
    /// No format yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a format; returns whether it was new. The first one of an id stays: another one with the same signature
    /// is a coincidence or an attempt.
    pub fn insert(&mut self, Format { id, headers }: Format) -> bool {
        let is_new = !self.by_id.contains_key(&id);
        self.by_id.entry(id).or_insert(headers);
        is_new
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

impl FormatSource for Formats {
    fn headers(&self, id: &FormatId) -> Option<&[u8]> {
        self.by_id.get(id).map(AsRef::as_ref)
    }
}
