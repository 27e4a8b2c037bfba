//! JSON lines: an object with `telegram` and, where known, `key`, `received`, `rssi_dbm` and `gateway`.
//! Other fields are passed over.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{LineFault, Uplink, cut, hex};
use crate::Key;

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    telegram: Cow<'a, str>,
    #[serde(default)]
    key: Option<Zeroizing<String>>,
    #[serde(default, borrow)]
    received: Option<Cow<'a, str>>,
    #[serde(default)]
    rssi_dbm: Option<i16>,
    #[serde(default)]
    gateway: Option<String>,
}

/// Reads the object.
pub(super) fn parse(text: &str) -> Result<Uplink, LineFault> {
    let line: Line<'_> = serde_json::from_str(text).map_err(|fault| json_fault(&fault))?;
    Ok(Uplink {
        received: line.received.as_deref().map(rfc3339).transpose()?,
        rssi_dbm: line.rssi_dbm,
        gateway: line.gateway,
        key: line.key.as_deref().map_or(Ok(None), |text| key(text))?,
        ..Uplink::of(hex::bytes(&line.telegram)?)
    })
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
        serde_json::error::Category::Data => "a field is missing or of the wrong kind",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "not well-formed JSON",
    };
    LineFault::Json { column: fault.column(), reason }
}
