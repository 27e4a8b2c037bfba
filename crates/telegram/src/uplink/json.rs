//! JSON lines: an object with `telegram` and, where known, `key`, `received`, `rssi_dbm` and `gateway`.
//! `timestamp` and `device` are what wmbusmeters calls `received` and `gateway`. Other fields are passed over.
//!
//! An object without `telegram` may hold values that another program decoded. They are refused: nothing in it proves
//! them, and they could not be decoded again.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use super::rtl::only_dbm;
use super::{LineFault, Uplink, cut, hex};
use crate::Key;

const MISSING: &str = "a field is missing or of the wrong kind";

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default, borrow)]
    telegram: Option<Cow<'a, str>>,
    #[serde(default)]
    key: Option<Zeroizing<String>>,
    #[serde(default, borrow)]
    received: Option<Cow<'a, str>>,
    #[serde(default)]
    rssi_dbm: Option<i16>,
    #[serde(default)]
    gateway: Option<String>,
    #[serde(default, borrow)]
    timestamp: Option<Cow<'a, str>>,
    #[serde(default)]
    device: Option<String>,
    /// What the meter measures, in words: only a decoded object says so.
    #[serde(default)]
    media: Option<IgnoredAny>,
}

/// Reads the object.
pub(super) fn parse(text: &str) -> Result<Uplink, LineFault> {
    let line: Line<'_> = serde_json::from_str(text).map_err(|fault| json_fault(&fault))?;
    let Some(telegram) = line.telegram else { return Err(no_telegram(text, line.media.is_some())) };
    Ok(Uplink {
        received: line.received.or(line.timestamp).as_deref().map(rfc3339).transpose()?,
        rssi_dbm: line.rssi_dbm.and_then(only_dbm),
        gateway: line.gateway.or(line.device),
        key: line.key.as_deref().map_or(Ok(None), |text| key(text))?,
        ..Uplink::of(hex::bytes(&telegram)?)
    })
}

fn no_telegram(text: &str, is_decoded: bool) -> LineFault {
    if is_decoded {
        return LineFault::DecodedElsewhere;
    }
    LineFault::Json { column: text.len(), reason: MISSING }
}

fn rfc3339(text: &str) -> Result<Timestamp, LineFault> {
    text.parse().map_err(|_| LineFault::Time { text: cut(text) })
}

/// No key: empty, `NOKEY`, or the 16 digits of a DES key, which no supported mode uses.
fn key(text: &str) -> Result<Option<Key>, LineFault> {
    let is_des = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if text.is_empty() || text == "NOKEY" || is_des {
        return Ok(None);
    }
    Key::parse_hex(text).map(Some).map_err(LineFault::Key)
}

/// The parser's own message may repeat a value, and a value may be a key.
fn json_fault(fault: &serde_json::Error) -> LineFault {
    let reason = match fault.classify() {
        serde_json::error::Category::Eof => "the object ends too early",
        serde_json::error::Category::Data => MISSING,
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "not well-formed JSON",
    };
    LineFault::Json { column: fault.column(), reason }
}
