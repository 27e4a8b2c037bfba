//! One line of a gateway's file → one telegram and what the gateway says about it.
//!
//! What comes in: a line without its line break, in one of four forms, or as a site's own description ([`Form`]) says. What goes out: an [`Uplink`], or a
//! [`LineFault`] for this line alone; other lines are not affected. Of the telegram no more is looked at than who it
//! says it is from, where the line says that too.

mod form;
mod hex;
mod json;
mod report;
mod rtl;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use tidstro_model::MeterNumber;

use crate::{Key, KeyFault};

pub use form::{ExampleFault, Form, FormFault};

/// The longest line, in bytes. A telegram is at most 580 digits; the rest is for what stands around it.
pub const LINE_LIMIT: usize = 16_384;

/// A telegram and how it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uplink {
    /// The bytes of the telegram.
    pub frame: Vec<u8>,
    /// When it was received.
    pub received: Option<Timestamp>,
    /// Received signal strength in dBm.
    pub rssi_dbm: Option<i16>,
    /// Name of the gateway that heard it.
    pub gateway: Option<String>,
    /// The meter's key, where the line brings one.
    pub key: Option<Key>,
}

impl Uplink {
    /// A telegram of which nothing else is known.
    #[must_use]
    pub const fn of(frame: Vec<u8>) -> Self {
        Self { frame, received: None, rssi_dbm: None, gateway: None, key: None }
    }
}

/// Why a line was refused. Positions count characters of the line (of the telegram's digits in JSON) from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Longer than any line with a telegram.
    #[error(
        "has {got} bytes, a line has at most {LINE_LIMIT}; a telegram is at most 290 bytes, look for a missing line break"
    )]
    TooLong {
        /// Bytes of the line.
        got: usize,
    },
    /// Not UTF-8 text.
    #[error("byte {offset} is not text; give the telegram as hexadecimal digits, not as raw bytes")]
    NotText {
        /// Offset of the first byte that is no text, from 0.
        offset: usize,
    },
    /// A character that is no hexadecimal digit.
    #[error(
        "character {position}: `{found}` is not a hexadecimal digit; write the telegram as pairs of 0-9 and A-F"
    )]
    NotHex {
        /// Position of the character.
        position: usize,
        /// The character.
        found: char,
    },
    /// An odd number of digits.
    #[error("has {digits} hexadecimal digits, an odd number; a digit is missing")]
    OddHex {
        /// Digits found.
        digits: usize,
    },
    /// A line with semicolons of neither form that has them.
    #[error(
        "has {got} fields; a receiver's line has 8: MODE;crc;3of6;time;rssi;;id;0xHEX, \
         a gateway's report 5: gateway;meter;created;count;hex"
    )]
    Fields {
        /// Fields found.
        got: usize,
    },
    /// A row with other columns than its description names.
    #[error(
        "has {got} fields, its description names {expected} columns; the row is damaged, or of another form"
    )]
    Columns {
        /// Fields found.
        got: usize,
        /// Columns of the description.
        expected: usize,
    },
    /// A quote that was opened and not closed before the row ended.
    #[error(
        "the quote that opens column {column} is not closed; the row is damaged, or goes on in the next line"
    )]
    OpenQuote {
        /// The column, from 1.
        column: usize,
    },
    /// A time that is not written as the description says.
    #[error("`{text}` is not a time of the form `{form}`; correct the description, or the row is damaged")]
    DescribedTime {
        /// The text, cut to 40 characters.
        text: String,
        /// The form.
        form: String,
    },
    /// The receiver itself found the telegram damaged.
    #[error("the receiver marks the telegram as damaged ({flag} is 0); nothing of it is used")]
    ReceiverRefused {
        /// `crc` or `3of6`.
        flag: &'static str,
    },
    /// The time of reception is none.
    #[error("`{text}` is not a time; write `2026-01-31 12:00:00` (UTC) or RFC 3339 in JSON")]
    Time {
        /// The text, cut to 40 characters.
        text: String,
    },
    /// A report names another meter than its telegram.
    #[error(
        "names meter `{stated}`, its telegram is of `{found}`; one of them is damaged, nothing of it is used"
    )]
    OtherMeter {
        /// The meter number beside the telegram.
        stated: MeterNumber,
        /// The one in the telegram's header.
        found: MeterNumber,
    },
    /// A JSON object with values another program decoded, and no telegram.
    #[error(
        "has values that another program decoded, and no telegram; what is not proven here is not taken: \
         pass on the receiver's own lines, or the object with the telegram's digits in `telegram`"
    )]
    DecodedElsewhere,
    /// Not a JSON object with a `telegram`.
    #[error("column {column}: {reason}; write an object with `telegram` and, where known, `key`")]
    Json {
        /// Column, from 1.
        column: usize,
        /// What is wrong, without values.
        reason: &'static str,
    },
    /// The key is not one.
    #[error("the key {0}")]
    Key(#[source] KeyFault),
}

impl LineFault {
    /// A short stable code, for counting.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "line-too-long",
            Self::NotText { .. } => "not-text",
            Self::NotHex { .. } => "not-hex",
            Self::OddHex { .. } => "odd-hex",
            Self::Fields { .. } => "fields",
            Self::Columns { .. } => "columns",
            Self::OpenQuote { .. } => "open-quote",
            Self::ReceiverRefused { .. } => "receiver-refused",
            Self::Time { .. } | Self::DescribedTime { .. } => "time",
            Self::OtherMeter { .. } => "other-meter",
            Self::DecodedElsewhere => "decoded-elsewhere",
            Self::Json { .. } => "json",
            Self::Key(_) => "key-form",
        }
    }
}

/// Reads one line: raw hex, a line of `rtl_wmbus`, a row of a gateway's report, or a JSON object; `None` for a blank
/// line, a `#` comment, or the header of a report.
///
/// # Errors
/// [`LineFault`] if the line is none of them, or one of its fields is not what it should be.
///
/// ```
/// use tidstro_telegram::uplink::parse_line;
///
/// let uplink = parse_line(b"0B44 2D2C_78563412|1B0778")?.unwrap();
/// assert_eq!(uplink.frame.len(), 11);
/// assert_eq!(parse_line(b"# morning drive")?, None);
/// # Ok::<(), tidstro_telegram::uplink::LineFault>(())
/// ```
pub fn parse_line(line: &[u8]) -> Result<Option<Uplink>, LineFault> {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(None);
    }
    if line.len() > LINE_LIMIT {
        return Err(LineFault::TooLong { got: line.len() });
    }
    let text = str::from_utf8(line).map_err(|fault| LineFault::NotText { offset: fault.valid_up_to() })?;
    match line {
        [b'{', ..] => json::parse(text).map(Some),
        _ if report::is_row(text) => report::parse(text),
        _ if text.contains(';') => rtl::parse(text).map(Some),
        _ => Ok(Some(Uplink::of(hex::bytes(text)?))),
    }
}

/// `YYYY-MM-DD HH:MM:SS[.fff]`, taken as UTC: the line states no zone.
fn utc(text: &str) -> Result<Timestamp, LineFault> {
    let fault = || LineFault::Time { text: cut(text) };
    let moment: DateTime = text.parse().map_err(|_| fault())?;
    TimeZone::UTC.to_timestamp(moment).map_err(|_| fault())
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests;
