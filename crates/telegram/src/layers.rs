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

pub(crate) use afl::Afl;
pub(crate) use config::Config;
use ell::Ell;

use crate::{
    Refusal,
    cursor::Cursor,
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

/// What the headers say.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    /// The meter: long transport header, else link layer.
    pub(crate) meter: MeterId,
    /// The sender.
    pub(crate) link_address: MeterId,
    /// Access number of the transport layer, else of the extended link layer.
    pub(crate) access_number: Option<u8>,
    /// Status byte of the transport layer.
    pub(crate) status: Option<u8>,
    /// Security of the transport layer; clear without a header.
    pub(crate) config: Config,
    /// The authentication layer.
    pub(crate) afl: Option<Afl>,
    /// The content is a compact frame: values without their record headers.
    pub(crate) is_compact: bool,
    /// Offset of the transport layer's CI: what an authentication code covers begins here.
    pub(crate) transport: usize,
    /// Offset of the first byte after the headers.
    pub(crate) payload: usize,
}

impl Layers {
    /// The message counter, where the authentication layer carries one.
    pub(crate) fn message_counter(&self) -> Option<u32> {
        self.afl.as_ref()?.message_counter
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
    match ci {
        TPL_LONG | COMPACT_LONG => reader.long_header(),
        TPL_SHORT | COMPACT_SHORT => reader.short_header(),
        TPL_NONE | COMPACT_NONE => reader.no_header(),
        other => Err(reader.not_yet(other)),
    }
}

/// Reads header after header; every failure names the sender as far as it is known.
struct Reader<'a> {
    cursor: Cursor<'a>,
    wire: Wire,
    /// Who sent the frame, as far as it says.
    sender: MeterId,
    /// The link layer's address; `None` on a wire.
    link_address: Option<MeterId>,
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

    fn not_yet(&self, ci: u8) -> Refusal {
        let name = ci::name(ci);
        Refusal::LayoutNotYet { meter: self.meter_ahead(ci), offset: self.ci_at, ci, name }
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
        if afl.is_fragment {
            let (meter, offset) = (self.sender(), self.ci_at);
            return Err(Refusal::LayoutNotYet { meter, offset, ci: AFL, name: "fragmented message" });
        }
        self.afl = Some(afl);
        Ok(())
    }

    /// EN 13757-7:2018 § 7.4: the meter's address, then the fields of the short header.
    fn long_header(mut self) -> Result<Layers, Refusal> {
        let address = self.cursor.array().ok_or_else(|| self.cut("long header"))?;
        let meter = header_address(address);
        let link_address = self.link_address.unwrap_or(meter);
        self.link_address = Some(meter);
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
            access_number: self.access_number,
            status: None,
            config: Config::CLEAR,
            is_compact: self.is_compact(),
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
            access_number: Some(access),
            status: Some(status),
            config,
            is_compact: self.is_compact(),
            afl: self.afl,
            transport: self.ci_at,
            payload: self.cursor.at(),
        })
    }

    fn is_compact(&self) -> bool {
        matches!(self.ci, COMPACT_LONG | COMPACT_SHORT | COMPACT_NONE)
    }

    fn require_sender(&self) -> Result<MeterId, Refusal> {
        match (self.wire, self.link_address) {
            (Wire::Wireless, Some(address)) => Ok(address),
            _ => Err(Refusal::NoIdentity { offset: self.ci_at, ci: self.ci }),
        }
    }
}

/// Link layer order: manufacturer, number, version, type (EN 13757-4).
fn link_address([m0, m1, n0, n1, n2, n3, version, medium]: [u8; 8]) -> MeterId {
    MeterId {
        manufacturer: Manufacturer::from_field(u16::from_le_bytes([m0, m1])),
        number: MeterNumber(u32::from_le_bytes([n0, n1, n2, n3])),
        version,
        medium: Medium(medium),
    }
}

/// Transport layer order: number, manufacturer, version, type (EN 13757-7).
fn header_address([n0, n1, n2, n3, m0, m1, version, medium]: [u8; 8]) -> MeterId {
    link_address([m0, m1, n0, n1, n2, n3, version, medium])
}
