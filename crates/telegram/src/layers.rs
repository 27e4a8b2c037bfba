//! The headers between link layer and application: who speaks, and how the content is protected.
//!
//! What comes in: a proven [`Frame`] without its extended link layer. What goes out: [`Layers`], which names the
//! meter, its security mode and where the protected content begins. Nothing is decrypted or believed here. Layouts
//! this version does not read are refused by their name.

mod afl;
mod ci;
mod config;
pub(crate) mod ell;

use tidstro_model::{Manufacturer, Medium, MeterId, MeterNumber};

pub(crate) use afl::{Afl, Authentication, FragmentNo};
use ci::About;
pub(crate) use config::{Config, KeyChoice};
use ell::Ell;

use tidstro_wire::Cursor;

use crate::{
    Refusal,
    link::{Frame, Wire},
};

/// The authentication and fragmentation layer.
const AFL: u8 = 0x90;
/// Transport layer with long header: it names the meter.
const TPL_LONG: u8 = 0x72;
/// Transport layer with short header.
const TPL_SHORT: u8 = 0x7a;
/// Records without transport header.
const TPL_NONE: u8 = 0x78;
/// The same three, with a compact frame in place of records.
const COMPACT_LONG: u8 = 0x73;
const COMPACT_SHORT: u8 = 0x7b;
const COMPACT_NONE: u8 = 0x79;
/// The same three, with a format frame in place of records.
const FORMAT_LONG: u8 = 0x6b;
const FORMAT_SHORT: u8 = 0x6a;
const FORMAT_NONE: u8 = 0x69;

/// The same three, with an alarm report in place of records.
const ALARM_LONG: u8 = 0x75;
const ALARM_SHORT: u8 = 0x74;
const ALARM_NONE: u8 = 0x71;
/// The same three, with an application error in place of records.
const ERROR_LONG: u8 = 0x6f;
const ERROR_SHORT: u8 = 0x6e;
const ERROR_NONE: u8 = 0x70;

/// Bytes of the fixed data structure.
const FIXED_STRUCTURE: usize = 16;

/// What stands behind the headers (EN 13757-3:2018 clauses 6, 9 and 10 and annex G).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentKind {
    /// Records.
    Full,
    /// Values without their record headers.
    Compact,
    /// Record headers without values.
    Format,
    /// The state of an alarm.
    Alarm,
    /// The code of an error.
    Error,
}

/// What the headers say.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    /// The meter: long transport header, else link layer.
    pub(crate) meter: MeterId,
    /// The sender.
    pub(crate) link_address: MeterId,
    /// The meter's address as sent, in the order of the link layer: a [`MeterId`] leaves out the top bit of the
    /// manufacturer, and vectors and nonces have it.
    pub(crate) address: [u8; 8],
    /// Access number of the transport layer, else of the extended link layer.
    pub(crate) access_number: Option<u8>,
    /// Status byte of the transport layer.
    pub(crate) status: Option<u8>,
    /// Security of the transport layer; clear without a header.
    pub(crate) config: Config,
    /// The authentication layer.
    pub(crate) afl: Option<Afl>,
    /// What the content is.
    pub(crate) content: ContentKind,
    /// Offset of the transport layer's CI: what an authentication code covers begins here.
    pub(crate) transport: usize,
    /// Offset of the first byte after the headers.
    pub(crate) payload: usize,
}

impl Layers {
    /// The message counter: the authentication layer's, else the transport header's (EN 13757-7:2018 § 6.3.5).
    pub(crate) fn message_counter(&self) -> Option<u32> {
        self.afl.and_then(|afl| afl.message_counter).or(self.config.message_counter)
    }
}

/// The sender of a wireless frame. A wired frame does not say: the manufacturer and number are then zero.
pub(crate) fn sender(frame: &Frame<'_>) -> MeterId {
    const NOBODY: MeterId = MeterId {
        manufacturer: Manufacturer::from_field(0),
        number: MeterNumber(0),
        version: 0,
        medium: Medium(0x0f),
    };
    wireless_sender(frame).unwrap_or(NOBODY)
}

fn wireless_sender(frame: &Frame<'_>) -> Option<MeterId> {
    match frame.wire {
        // L and C come before the address.
        Wire::Wireless => Cursor::new(&frame.bytes, 2).array().map(link_address),
        Wire::Wired => None,
    }
}

/// Reads the headers of a frame whose content begins after the extended link layer `ell`.
pub(crate) fn read(frame: &Frame<'_>, ell: Option<&Ell>) -> Result<Layers, Refusal> {
    let mut reader = Reader::new(frame, ell);
    let mut ci = reader.ci()?;
    if ci == AFL {
        reader.authentication()?;
        ci = reader.ci()?;
    }
    reader.transport(ci)
}

/// As [`read`], for a message put together from fragments: its content begins with the transport layer.
pub(crate) fn read_joined(frame: &Frame<'_>, ell: Option<&Ell>, afl: Afl) -> Result<Layers, Refusal> {
    let mut reader = Reader::new(frame, ell);
    reader.afl = Some(afl);
    let ci = reader.ci()?;
    reader.transport(ci)
}

/// A piece of a message: who sends it, its authentication layer, and where its part of the message begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    /// The sender.
    pub(crate) sender: MeterId,
    /// Its layer, with its number.
    pub(crate) afl: Afl,
    /// Which fragment.
    pub(crate) no: FragmentNo,
    /// Offset of the first byte after the layer.
    pub(crate) start: usize,
}

/// Reads a frame that is a fragment; `None` for any other.
pub(crate) fn read_piece(frame: &Frame<'_>, ell: Option<&Ell>) -> Result<Option<Piece>, Refusal> {
    let mut reader = Reader::new(frame, ell);
    if reader.ci()? != AFL {
        return Ok(None);
    }
    let afl = Afl::read(&mut reader.cursor).ok_or_else(|| reader.cut("authentication layer"))?;
    let sender = reader.require_sender()?;
    Ok(afl.fragment.map(|no| Piece { sender, afl, no, start: reader.cursor.at() }))
}

/// Reads header after header; every failure names the sender as far as it is known.
struct Reader<'a> {
    cursor: Cursor<'a>,
    wire: Wire,
    /// Who sent the frame, as far as it says.
    sender: MeterId,
    /// The link layer's address; `None` on a wire.
    link_address: Option<MeterId>,
    /// The meter's address as sent, once a layer named it.
    address: [u8; 8],
    access_number: Option<u8>,
    afl: Option<Afl>,
    /// The CI read last, and its offset.
    ci: u8,
    ci_at: usize,
}

impl<'a> Reader<'a> {
    fn new(frame: &'a Frame<'_>, ell: Option<&Ell>) -> Self {
        let content = frame.bytes.get(..frame.content.end).unwrap_or_default();
        Self {
            cursor: Cursor::new(content, frame.content.start),
            wire: frame.wire,
            sender: sender(frame),
            link_address: wireless_sender(frame),
            address: Cursor::new(&frame.bytes, 2).array().unwrap_or_default(),
            access_number: ell.map(|ell| ell.access_number),
            afl: None,
            ci: 0,
            ci_at: 0,
        }
    }

    /// The address to blame.
    fn sender(&self) -> MeterId {
        self.link_address.unwrap_or(self.sender)
    }

    fn cut(&self, layer: &'static str) -> Refusal {
        Refusal::HeaderCut { meter: self.sender(), offset: self.cursor.at() + self.cursor.left(), layer }
    }

    /// Why a layer with this CI field gives no readings.
    fn unread(&self, ci: u8) -> Refusal {
        let (meter, offset) = (self.meter_ahead(ci), self.ci_at);
        match ci::about(ci) {
            About::Values(name) => Refusal::LayoutNotYet { meter, offset, ci, name },
            About::NoValues(name) => Refusal::NoValues { meter, offset, ci, name },
            About::Session => Refusal::SessionNeeded { meter, offset },
        }
    }

    /// The meter of a layer that is not read: some layouts begin with a long header all the same.
    fn meter_ahead(&self, ci: u8) -> MeterId {
        let ahead = self.cursor.clone().array().map(header_address);
        if ci::has_long_header(ci) { ahead.unwrap_or_else(|| self.sender()) } else { self.sender() }
    }

    fn ci(&mut self) -> Result<u8, Refusal> {
        self.ci_at = self.cursor.at();
        self.ci = self.cursor.byte().ok_or_else(|| self.cut("application layer"))?;
        Ok(self.ci)
    }

    fn authentication(&mut self) -> Result<(), Refusal> {
        let afl = Afl::read(&mut self.cursor).ok_or_else(|| self.cut("authentication layer"))?;
        let (meter, offset) = (self.sender(), self.ci_at);
        if let Some(FragmentNo { number, .. }) = afl.fragment {
            return Err(Refusal::Fragment { meter, offset, number });
        }
        if afl.has_reserved {
            let name = "authentication layer with reserved bits";
            return Err(Refusal::LayoutNotYet { meter, offset, ci: AFL, name });
        }
        self.afl = Some(afl);
        Ok(())
    }

    /// The transport layer that begins with this CI field.
    fn transport(self, ci: u8) -> Result<Layers, Refusal> {
        match ci {
            COMPACT_LONG if self.is_fixed_structure() => Err(self.nobody()),
            TPL_LONG | COMPACT_LONG | FORMAT_LONG | ALARM_LONG | ERROR_LONG => self.long_header(),
            TPL_SHORT | COMPACT_SHORT | FORMAT_SHORT | ALARM_SHORT | ERROR_SHORT => self.short_header(),
            TPL_NONE | COMPACT_NONE | FORMAT_NONE | ALARM_NONE | ERROR_NONE => self.no_header(),
            other => Err(self.unread(other)),
        }
    }

    /// EN 13757-7:2018 § 7.4: the meter's address, then the fields of the short header.
    fn long_header(mut self) -> Result<Layers, Refusal> {
        let address = self.cursor.array().ok_or_else(|| self.cut("long header"))?;
        let meter = header_address(address);
        let link_address = self.link_address.unwrap_or(meter);
        self.link_address = Some(meter);
        self.address = link_order(address);
        self.header_fields(meter, link_address)
    }

    fn short_header(self) -> Result<Layers, Refusal> {
        let meter = self.require_sender()?;
        self.header_fields(meter, meter)
    }

    fn no_header(self) -> Result<Layers, Refusal> {
        let meter = self.require_sender()?;
        Ok(Layers {
            meter,
            link_address: meter,
            address: self.address,
            access_number: self.access_number,
            status: None,
            config: Config::CLEAR,
            content: self.content(),
            afl: self.afl,
            transport: self.ci_at,
            payload: self.cursor.at(),
        })
    }

    /// Access number, status, configuration field (EN 13757-7:2018 § 7.5).
    fn header_fields(mut self, meter: MeterId, link_address: MeterId) -> Result<Layers, Refusal> {
        let [access, status] = self.cursor.array().ok_or_else(|| self.cut("transport header"))?;
        let config = Config::read(&mut self.cursor).ok_or_else(|| self.cut("transport header"))?;
        Ok(Layers {
            meter,
            link_address,
            address: self.address,
            access_number: Some(access),
            status: Some(status),
            config,
            content: self.content(),
            afl: self.afl,
            transport: self.ci_at,
            payload: self.cursor.at(),
        })
    }

    const fn content(&self) -> ContentKind {
        match self.ci {
            COMPACT_LONG | COMPACT_SHORT | COMPACT_NONE => ContentKind::Compact,
            FORMAT_LONG | FORMAT_SHORT | FORMAT_NONE => ContentKind::Format,
            ALARM_LONG | ALARM_SHORT | ALARM_NONE => ContentKind::Alarm,
            ERROR_LONG | ERROR_SHORT | ERROR_NONE => ContentKind::Error,
            _ => ContentKind::Full,
        }
    }

    fn require_sender(&self) -> Result<MeterId, Refusal> {
        match (self.wire, self.link_address) {
            (Wire::Wireless, Some(address)) => Ok(address),
            _ => Err(self.nobody()),
        }
    }

    const fn nobody(&self) -> Refusal {
        Refusal::NoIdentity { offset: self.ci_at, ci: self.ci }
    }

    /// On a wire CI 73 was the fixed data structure until EN 13757-3:2004: always 16 bytes, with a number and no maker. A
    /// compact frame of 16 bytes would have no values.
    const fn is_fixed_structure(&self) -> bool {
        matches!(self.wire, Wire::Wired) && self.cursor.left() == FIXED_STRUCTURE
    }
}

/// Link layer order: manufacturer, number, version, type (EN 13757-4).
pub(crate) fn link_address([m0, m1, n0, n1, n2, n3, version, medium]: [u8; 8]) -> MeterId {
    MeterId {
        manufacturer: Manufacturer::from_field(u16::from_le_bytes([m0, m1])),
        number: MeterNumber(u32::from_le_bytes([n0, n1, n2, n3])),
        version,
        medium: Medium(medium),
    }
}

/// Transport layer order: number, manufacturer, version, type (EN 13757-7).
fn header_address(address: [u8; 8]) -> MeterId {
    link_address(link_order(address))
}

const fn link_order([n0, n1, n2, n3, m0, m1, version, medium]: [u8; 8]) -> [u8; 8] {
    [m0, m1, n0, n1, n2, n3, version, medium]
}
