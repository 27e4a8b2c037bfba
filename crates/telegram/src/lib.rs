//! EN 13757 and OMS telegrams: bytes in, authenticated readings out.
//!
//! What comes in: the bytes of one telegram as a gateway heard it (wireless M-Bus format A or B, with
//! or without block CRCs, or a wired long frame), the keys the operator knows, and no clock. What goes
//! out: a [`Telegram`] with typed readings, or a [`Refusal`] that says what is wrong, at which byte, and
//! what to do. A value never leaves this crate if the telegram's checksum, authentication code or
//! decryption check failed. Outside bytes never panic here.
//!
//! Read in the order the data takes: [`uplink`] (a line of a file) → `link` (frame, checksums) →
//! `security::ell` (extended link layer) → `layers` (who speaks, which security) → `security` (verify,
//! decrypt) → `formats` (compact frames) → `apdu` (records → readings) → `layouts` (what only makers define).
//!
//! ```
//! use tidstro_telegram::{DecodeOptions, KeyRing, decode};
//!
//! // A clear telegram of a water meter: format A without CRCs, short transport header, one volume.
//! let frame = [
//!     0x14, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x07, // L, C, KAM 12345678, version, water
//!     0x7a, 0x2a, 0x00, 0x00, 0x00, // short header: access number, status, configuration
//!     0x0c, 0x13, 0x27, 0x04, 0x85, 0x02, // 8 digits of litres: 02850427
//! ];
//! let telegram = decode(&frame, &KeyRing::new(), &DecodeOptions::default())?;
//! assert_eq!(telegram.meter.to_string(), "KAM 12345678 v1B t07");
//! assert_eq!(telegram.readings[0].obis.unwrap().to_string(), "8-0:1.0.0");
//! # Ok::<(), tidstro_telegram::Refusal>(())
//! ```

mod apdu;
mod batch;
mod fingerprint;
mod formats;
mod fragments;
mod keys;
mod layers;
mod layouts;
mod link;
mod received;
mod refusal;
mod security;
mod telegram;
pub mod uplink;

use tidstro_model::MeterId;

pub use apdu::{RecordFault, RecordFaultKind};
pub use batch::decode_batch;
pub use formats::{Format, FormatFault, FormatId, FormatSource, Formats, NoFormats};
pub use fragments::{Fragments, Joined, join};
pub use keys::{
    KemFault, Key, KeyEntry, KeyFault, KeyFileEntry, KeyFileFault, KeyRing, KeySource, LineKey, parse_kem,
    parse_key_file,
};
pub use received::Received;
pub use refusal::Refusal;
pub use security::replay::{Hearing, KeyMark, MeterCounters, Replay, ReplayState, ReplayStateFault};
pub use telegram::{Announced, Security, Telegram};

use layers::{
    ContentKind, Layers,
    ell::{self, Ell, Found},
};
use link::{Frame, Opened};
use security::{Content, ell::Unwrapped};

/// What the caller allows beyond the standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DecodeOptions {
    /// Accept a telegram whose header announces encryption but whose payload is in the clear already
    /// (it begins with the check bytes `2F2F`), as test data and some gateways deliver it. Nothing is
    /// authenticated then, and the telegram says so ([`Security::AssumedDecrypted`]). Default: no.
    pub assume_decrypted: bool,
    /// Accept a telegram in the clear from a meter whose key is known. Nothing is proved then; anybody can send it.
    /// Default: no ([`Refusal::Downgrade`]).
    pub accept_clear: bool,
}

/// Decodes one telegram: proves the frame, verifies and decrypts, and reads every record.
///
/// `frame` holds the whole telegram, L-field (or wired start byte) first, at most 290 bytes.
///
/// # Errors
/// [`Refusal`] if the frame is damaged, the key is missing or wrong, the authentication code does not
/// fit, or the layout is one this version does not read. No value of a refused telegram is given.
pub fn decode(frame: &[u8], keys: &impl KeySource, options: &DecodeOptions) -> Result<Telegram, Refusal> {
    decode_with(frame, keys, &NoFormats, options)
}

/// As [`decode`], and compact frames too whose format is known; a full frame brings its format if that is new.
///
/// The readings of a compact frame have the offsets they would have in its full frame.
///
/// # Errors
/// As [`decode`]; [`Refusal::FormatUnknown`] for a compact frame that waits for a full one.
pub fn decode_with(
    frame: &[u8],
    keys: &impl KeySource,
    formats: &impl FormatSource,
    options: &DecodeOptions,
) -> Result<Telegram, Refusal> {
    decode_opened(link::open(frame)?, keys, formats, options)
}

/// As [`decode_with`], of a frame whose link layer was opened already.
fn decode_opened(
    Opened { frame, or_plain }: Opened<'_>,
    keys: &impl KeySource,
    formats: &impl FormatSource,
    options: &DecodeOptions,
) -> Result<Telegram, Refusal> {
    let decoded = decode_frame(frame, keys, formats, options);
    match or_plain {
        Some(plain) if !is_whole(&decoded) => {
            let otherwise = decode_frame(plain, keys, formats, options);
            if is_whole(&otherwise) { otherwise } else { decoded }
        }
        _ => decoded,
    }
}

fn decode_frame(
    frame: Frame<'_>,
    keys: &impl KeySource,
    formats: &impl FormatSource,
    options: &DecodeOptions,
) -> Result<Telegram, Refusal> {
    let fingerprint = fingerprint::of(&frame);
    let Unwrapped { frame, ell, security } = security::ell::open(frame, keys, options)?;
    let mut telegram = match layers::read(&frame, ell.as_ref()) {
        Ok(layers) => {
            read_content(frame, &layers, ell.as_ref(), security, &Sources { keys, formats, options })?
        }
        Err(refusal) => layouts::makers_own(&frame, security, refusal, keys, options)?,
    };
    telegram.fingerprint = fingerprint;
    Ok(telegram)
}

/// What a telegram is opened and understood with.
struct Sources<'s, K, F> {
    keys: &'s K,
    formats: &'s F,
    options: &'s DecodeOptions,
}

/// Verifies, decrypts and reads what stands behind the headers. `security` is what the extended link layer proved.
fn read_content(
    frame: Frame<'_>,
    layers: &Layers,
    ell: Option<&Ell>,
    security: Security,
    sources: &Sources<'_, impl KeySource, impl FormatSource>,
) -> Result<Telegram, Refusal> {
    let &Sources { keys, formats, options } = sources;
    let content = security::open(frame, layers, keys, options)?;
    let transport = content.security;
    let security = if transport == Security::Clear { security } else { transport };
    let has_values = layers.content != ContentKind::Error;
    if security == Security::Clear && has_values && !options.accept_clear && is_key_known(layers, keys) {
        return Err(Refusal::Downgrade { meter: layers.meter });
    }
    let content = match layers.content {
        ContentKind::Full => content,
        ContentKind::Compact => made_full(&content, layers, security.is_protected(), formats)?,
        ContentKind::Format => return format_only(&content, layers, ell, security, formats),
        ContentKind::Alarm => return alarm_only(&content, layers, ell, security),
        ContentKind::Error => return Err(error_only(&content, layers)),
    };
    let records = apdu::read(&content.bytes, content.records.clone(), layers.meter);
    let mut telegram = Telegram::new(layers, ell, security, records);
    if layers.content == ContentKind::Full && formats.learns() && telegram.faults.is_empty() {
        telegram.format = new_format(&content, &telegram, formats);
    }
    layouts::refine(&content, layers, &mut telegram)?;
    match security {
        Security::Mode5 => unchanged(telegram, layers, &content),
        _ => Ok(telegram),
    }
}

/// The telegram if no byte of it was evidently changed: nothing else tells, where no code does. What was decrypted must be
/// whole records such as meters send. A few bytes behind the encrypted blocks may be anything; a block or more of them was
/// encrypted, whatever the header says.
fn unchanged(telegram: Telegram, layers: &Layers, content: &Content<'_>) -> Result<Telegram, Refusal> {
    let encrypted_end = layers.payload + layers.config.encrypted_len.unwrap_or_default();
    let tail = content.records.end.saturating_sub(encrypted_end);
    let mut faults = telegram.faults.iter().map(|fault| fault.offset);
    let broken = faults.find(|offset| *offset < encrypted_end || tail >= security::BLOCK);
    match broken.or_else(|| apdu::odd::first(&content.bytes, &telegram.readings)) {
        Some(offset) => Err(Refusal::Unproven { meter: layers.meter, offset }),
        None => Ok(telegram),
    }
}

/// Whether a key of the meter, or of the converter that sends for it, is known.
fn is_key_known(layers: &Layers, keys: &impl KeySource) -> bool {
    keys.key(&layers.meter).is_some()
        || (layers.link_address != layers.meter && keys.key(&layers.link_address).is_some())
}

/// A format frame: it has no values, and teaches the compact frames of its meter type.
fn format_only(
    content: &Content<'_>,
    layers: &Layers,
    ell: Option<&Ell>,
    security: Security,
    formats: &impl FormatSource,
) -> Result<Telegram, Refusal> {
    let (meter, offset) = (layers.meter, content.records.start);
    let (signature, headers) =
        apdu::compact::format_frame(stated(content)).ok_or(Refusal::FormatFrame { meter, offset })?;
    let id = FormatId::of(meter, signature, security.is_protected());
    let mut telegram = Telegram::new(layers, ell, security, apdu::Records::default());
    if formats.learns() && formats.headers(&id).is_none() {
        telegram.format = Format::new(id, headers).ok();
    }
    Ok(telegram)
}

/// An alarm report: its bits are the only reading. An unknown state of an alarm is not guessed from damaged bytes.
fn alarm_only(
    content: &Content<'_>,
    layers: &Layers,
    ell: Option<&Ell>,
    security: Security,
) -> Result<Telegram, Refusal> {
    let (meter, offset) = (layers.meter, content.records.start);
    let is_padded = !matches!(content.security, Security::Clear | Security::Authenticated { .. });
    let reading = apdu::report::alarm(stated(content), is_padded, offset)
        .ok_or(Refusal::AlarmForm { meter, offset })?;
    let records = apdu::Records { readings: vec![reading], ..apdu::Records::default() };
    Ok(Telegram::new(layers, ell, security, records))
}

/// An application error: it has no values.
fn error_only(content: &Content<'_>, layers: &Layers) -> Refusal {
    let (meter, offset) = (layers.meter, content.records.start);
    match stated(content).first() {
        Some(code) => {
            Refusal::ApplicationError { meter, offset, code: *code, words: apdu::report::error_words(*code) }
        }
        None => Refusal::HeaderCut { meter, offset, layer: "application error" },
    }
}

/// What a compact or format frame states: what the transport layer encrypted with check bytes begins after them.
fn stated<'c>(content: &'c Content<'_>) -> &'c [u8] {
    let bytes = content.bytes.get(content.records.clone()).unwrap_or_default();
    match content.security {
        Security::Clear | Security::Authenticated { mode: 0 } => bytes,
        _ => bytes.strip_prefix(&security::CHECK).unwrap_or(bytes),
    }
}

/// The full frame of a compact one.
fn made_full(
    content: &Content<'_>,
    layers: &Layers,
    is_protected: bool,
    formats: &impl FormatSource,
) -> Result<Content<'static>, Refusal> {
    let (meter, offset) = (layers.meter, content.records.start);
    let cut = Refusal::HeaderCut { meter, offset: content.records.end, layer: "compact frame" };
    let compact = apdu::compact::read(stated(content)).ok_or(cut)?;
    let signature = compact.signature;
    let learned = formats.headers(&FormatId::of(meter, signature, is_protected));
    let full = match learned {
        Some(headers) => {
            compact.rebuild(headers).ok_or(Refusal::FullFrameCrc { meter, offset, signature })?
        }
        // Many formats share a signature by coincidence, so that one that does not fit says nothing of the frame.
        None => formats::shipped::candidates(meter.manufacturer, signature)
            .iter()
            .find_map(|headers| compact.rebuild(headers))
            .ok_or(Refusal::FormatUnknown { meter, offset, signature })?,
    };
    let bytes = [content.bytes.get(..offset).unwrap_or_default(), &full].concat();
    Ok(Content { records: offset..bytes.len(), bytes: bytes.into(), security: content.security })
}

/// The format of a full frame if `formats` does not know it.
fn new_format(content: &Content<'_>, telegram: &Telegram, formats: &impl FormatSource) -> Option<Format> {
    let headers = apdu::compact::headers(&content.bytes, content.records.clone())?;
    let format = Format::learned(telegram.meter, telegram.security.is_protected(), headers);
    formats.headers(&format.id()).is_none().then_some(format)
}

/// Whether every record was read to the frame's end.
fn is_whole(decoded: &Result<Telegram, Refusal>) -> bool {
    decoded.as_ref().is_ok_and(|telegram| telegram.faults.is_empty())
}

/// Whose telegram this is, from its headers alone; no key is needed.
///
/// The meter of the long transport header if there is one (the radio may belong to a converter), else
/// the sender of the link layer. That is also who is named where the extended link layer encrypts the rest.
///
/// # Errors
/// [`Refusal`] if the frame is damaged, or names its meter in a layer this version does not read.
pub fn address(frame: &[u8]) -> Result<MeterId, Refusal> {
    named(link::open(frame)?.frame)
}

/// As [`address`], of a frame whose link layer was opened already.
fn named(mut frame: Frame<'_>) -> Result<MeterId, Refusal> {
    let ell = match ell::read(&frame) {
        Found::Whole(Ell { session: Some(_), .. }) => return Ok(layers::sender(&frame)),
        Found::Cut(_) => return Ok(layers::sender(&frame)),
        Found::Whole(ell) => Some(ell),
        Found::None => None,
    };
    if let Some(ell) = ell {
        frame.content.start = ell.end;
    }
    match layers::read(&frame, ell.as_ref()) {
        Ok(Layers { meter, .. }) => Ok(meter),
        Err(refusal) => layouts::named(&refusal).or(refusal.meter()).ok_or(refusal),
    }
}

/// A telegram as its meter sent it: without the length field and CRCs, which frame formats and gateways handle differently,
/// and without the bits that a repeater sets. Two receptions are of one telegram if this is equal; no key is needed.
///
/// # Errors
/// [`Refusal`] if the frame is damaged.
pub fn as_sent(frame: &[u8]) -> Result<Vec<u8>, Refusal> {
    let Opened { frame, .. } = link::open(frame)?;
    Ok(fingerprint::as_sent(&frame).into_owned())
}

/// The CI field that says how a telegram goes on after its extended link layer, or the layer's own where it encrypts the
/// rest; no key is needed. `None` for a damaged frame.
#[must_use]
pub fn ci(frame: &[u8]) -> Option<u8> {
    going_on(&link::open(frame).ok()?.frame)
}

/// As [`ci`], of a frame whose link layer was opened already.
fn going_on(frame: &Frame<'_>) -> Option<u8> {
    let at = match ell::read(frame) {
        Found::Whole(Ell { session: None, end, .. }) => end,
        Found::Whole(_) | Found::Cut(_) | Found::None => frame.content.start,
    };
    frame.bytes.get(at).copied()
}
