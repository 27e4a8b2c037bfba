//! Exports of sites, as a file describes them: which column of a CSV holds the telegram, which the time.
//!
//! What comes in: a description in TOML, with rows and what they say. What goes out: a [`Form`] that reads such rows, once
//! its own examples read as described. Only telegrams are taken: a column with values that another program decoded proves
//! nothing and could not be decoded again.

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone},
};
use serde::Deserialize;
use tidstro_wire::{OpenQuote, csv_fields};

use super::{LINE_LIMIT, LineFault, Uplink, cut, hex, report::framed, rtl::only_dbm};

/// How the rows of an export are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    name: String,
    separator: u8,
    /// The first line of an input in this form.
    header: Vec<String>,
    telegram: usize,
    meter: Option<usize>,
    time: Option<usize>,
    gateway: Option<usize>,
    rssi: Option<usize>,
    /// How a time is written, for `strptime`.
    time_form: String,
    offset: Offset,
}

/// Why a description was refused. Examples count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    /// Not TOML of this shape.
    #[error("line {line}: {reason}; `crates/telegram/uplinks` has descriptions to begin with")]
    Toml {
        /// The line, from 1.
        line: usize,
        /// The parser's own words.
        reason: String,
    },
    /// The columns are too few or named twice.
    #[error("`columns` names {got} different columns; name each column of the header once, at least two")]
    Columns {
        /// Different names found.
        got: usize,
    },
    /// A column that the header does not have.
    #[error("`{role} = \"{name}\"` is none of `columns`; write the name as the header has it")]
    NoColumn {
        /// What the column was to be.
        role: &'static str,
        /// The name.
        name: String,
    },
    /// Not one character that may stand between fields.
    #[error("`separator = \"{text}\"` is not one ASCII character such as `;` or `,`, or the word `tab`")]
    Separator {
        /// The text.
        text: String,
    },
    /// Not an offset from UTC.
    #[error(
        "`offset = \"{text}\"` is not a time between -23:59 and +23:59; write `+01:00`, or leave it out for UTC"
    )]
    Offset {
        /// The text.
        text: String,
    },
    /// No example: nobody knows whether the description is right.
    #[error("has no `[[example]]`; add a row, and the telegram and the time it holds")]
    NoExample,
    /// A row that does not read as described.
    #[error("example {number}: {reason}")]
    Example {
        /// Which.
        number: usize,
        /// What is wrong.
        reason: ExampleFault,
    },
}

/// Why an example of a description does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExampleFault {
    /// The row cannot be read.
    #[error("the row {0}")]
    Row(LineFault),
    /// It reads as the header.
    #[error("the row is the header")]
    Header,
    /// It holds another telegram.
    #[error("the row holds another telegram than `telegram`")]
    Telegram,
    /// It holds another time.
    #[error("the row was received at {got}, not when `received` says")]
    Received {
        /// The time of the row.
        got: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[serde(default = "semicolon")]
    separator: String,
    columns: Vec<String>,
    telegram: String,
    meter: Option<String>,
    time: Option<String>,
    gateway: Option<String>,
    rssi_dbm: Option<String>,
    #[serde(default = "plain_time")]
    time_form: String,
    #[serde(default = "utc")]
    offset: String,
    #[serde(default)]
    example: Vec<WrittenExample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenExample {
    row: String,
    telegram: String,
    received: Option<String>,
}

fn semicolon() -> String {
    ";".to_owned()
}

fn plain_time() -> String {
    "%Y-%m-%d %H:%M:%S".to_owned()
}

fn utc() -> String {
    "+00:00".to_owned()
}

impl Form {
    /// Reads a description, and its examples by it.
    ///
    /// # Errors
    /// [`FormFault`]: nothing of a faulty description is used.
    pub fn parse(text: &str) -> Result<Self, FormFault> {
        let written: Written = toml::from_str(text).map_err(|fault| toml_fault(text, &fault))?;
        let mut different = written.columns.clone();
        different.sort();
        different.dedup();
        if different.len() < 2 || different.len() != written.columns.len() {
            return Err(FormFault::Columns { got: different.len() });
        }
        let column = |role, name: &str| {
            let at = written.columns.iter().position(|column| column == name);
            at.ok_or_else(|| FormFault::NoColumn { role, name: cut(name) })
        };
        let named = |role, name: &Option<String>| name.as_deref().map(|name| column(role, name)).transpose();
        let form = Self {
            name: written.name.clone(),
            separator: separator(&written.separator)?,
            telegram: column("telegram", &written.telegram)?,
            meter: named("meter", &written.meter)?,
            time: named("time", &written.time)?,
            gateway: named("gateway", &written.gateway)?,
            rssi: named("rssi_dbm", &written.rssi_dbm)?,
            time_form: written.time_form.clone(),
            offset: offset(&written.offset)?,
            header: written.columns.clone(),
        };
        form.holds(&written.example)?;
        Ok(form)
    }

    /// What the description calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a line is the header of an input in this form.
    #[must_use]
    pub fn is_header(&self, line: &[u8]) -> bool {
        let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        str::from_utf8(line).is_ok_and(|line| {
            csv_fields(line.trim_end(), self.separator)
                .is_ok_and(|names| names.iter().map(|name| &*name.text).eq(self.header.iter()))
        })
    }

    /// Reads a row; `None` for a blank line, a `#` comment, or the header.
    ///
    /// # Errors
    /// [`LineFault`] if the row is not as described.
    pub fn parse_row(&self, row: &[u8]) -> Result<Option<Uplink>, LineFault> {
        let is_nothing = row.trim_ascii().is_empty() || row.starts_with(b"#");
        if is_nothing || self.is_header(row) {
            return Ok(None);
        }
        if row.len() > LINE_LIMIT {
            return Err(LineFault::TooLong { got: row.len() });
        }
        let text = str::from_utf8(row).map_err(|fault| LineFault::NotText { offset: fault.valid_up_to() })?;
        let fields = csv_fields(text.trim_end(), self.separator)
            .map_err(|OpenQuote { column }| LineFault::OpenQuote { column })?;
        if fields.len() != self.header.len() {
            return Err(LineFault::Columns { got: fields.len(), expected: self.header.len() });
        }
        let field = |at: Option<usize>| {
            at.and_then(|at| fields.get(at)).map(|field| &*field.text).filter(|field| !field.is_empty())
        };
        let digits = field(Some(self.telegram)).unwrap_or_default();
        let frame = framed(hex::bytes(digits)?, field(self.meter).unwrap_or_default())?;
        let strength = field(self.rssi).and_then(|text| text.parse().ok()).and_then(only_dbm);
        Ok(Some(Uplink {
            received: field(self.time).map(|text| self.instant(text)).transpose()?,
            rssi_dbm: strength,
            gateway: field(self.gateway).map(str::to_owned),
            ..Uplink::of(frame)
        }))
    }

    fn instant(&self, text: &str) -> Result<Timestamp, LineFault> {
        let fault = || LineFault::DescribedTime { text: cut(text), form: self.time_form.clone() };
        let moment = DateTime::strptime(&self.time_form, text).map_err(|_| fault())?;
        TimeZone::fixed(self.offset).to_timestamp(moment).map_err(|_| fault())
    }

    /// Whether every example reads as its description says.
    fn holds(&self, examples: &[WrittenExample]) -> Result<(), FormFault> {
        if examples.is_empty() {
            return Err(FormFault::NoExample);
        }
        for (number, example) in (1..).zip(examples) {
            self.example(example).map_err(|reason| FormFault::Example { number, reason })?;
        }
        Ok(())
    }

    fn example(&self, example: &WrittenExample) -> Result<(), ExampleFault> {
        let read = self.parse_row(example.row.as_bytes()).map_err(ExampleFault::Row)?;
        let uplink = read.ok_or(ExampleFault::Header)?;
        if hex::bytes(&example.telegram) != Ok(uplink.frame) {
            return Err(ExampleFault::Telegram);
        }
        let got = uplink.received.map(|at| at.to_string());
        let is_told = got
            == example
                .received
                .as_ref()
                .and_then(|text| text.parse().ok())
                .map(|at: Timestamp| at.to_string());
        if is_told {
            Ok(())
        } else {
            Err(ExampleFault::Received { got: got.unwrap_or_else(|| "no time".to_owned()) })
        }
    }
}

fn separator(text: &str) -> Result<u8, FormFault> {
    let mut characters = text.chars();
    let one = match (text, characters.next(), characters.next()) {
        ("tab", ..) => Some('\t'),
        (_, Some(one), None) if one.is_ascii() && !one.is_alphanumeric() && one != '"' => Some(one),
        _ => None,
    };
    one.and_then(|one| u8::try_from(one).ok()).ok_or_else(|| FormFault::Separator { text: cut(text) })
}

/// `+01:00`.
fn offset(text: &str) -> Result<Offset, FormFault> {
    let read = || {
        let (sign, rest) = text.split_at_checked(1)?;
        let (hours, minutes) = rest.split_once(':')?;
        let is_pair = |digits: &str| digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        let seconds = (hours * 60 + minutes) * 60;
        let is_time = is_pair(rest.split(':').next()?)
            && is_pair(rest.split(':').nth(1)?)
            && hours < 24
            && minutes < 60;
        let signed = match sign {
            "+" => seconds,
            "-" => -seconds,
            _ => return None,
        };
        Offset::from_seconds(signed).ok().filter(|_| is_time)
    };
    read().ok_or_else(|| FormFault::Offset { text: cut(text) })
}

fn toml_fault(text: &str, fault: &toml::de::Error) -> FormFault {
    let before = fault.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    FormFault::Toml { line: before.matches('\n').count() + 1, reason: fault.message().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLLECTOR: &str = include_str!("../../uplinks/collector.toml");
    const CONCENTRATOR: &str = include_str!("../../uplinks/concentrator.toml");

    #[test]
    fn rows_are_read_as_described() {
        let form = Form::parse(COLLECTOR).unwrap();
        assert!(form.is_header("\u{feff}Meter no.,Read,Signal,Raw data\r".as_bytes()));
        assert!(!form.is_header(b"Meter no.,Read,Raw data"));
        let row = b"12345678,\"24.12.2025 08:15:00\",-71,\"14442D2C785634121B077A2A0000000C1327048502\"";
        let uplink = form.parse_row(row).unwrap().unwrap();
        // Standard time all year, an hour ahead of UTC.
        assert_eq!(uplink.received.unwrap().to_string(), "2025-12-24T07:15:00Z");
        assert_eq!((uplink.rssi_dbm, uplink.gateway, uplink.frame.len()), (Some(-71), None, 21));
        assert_eq!(form.parse_row(b"Meter no.,Read,Signal,Raw data"), Ok(None));
        assert_eq!(form.parse_row(b" "), Ok(None));
        let other = Form::parse(CONCENTRATOR).unwrap();
        let row = b"CELLAR-1;2025-12-24T08:15:00;14442D2C785634121B077A2A0000000C1327048502;ok";
        let uplink = other.parse_row(row).unwrap().unwrap();
        assert_eq!(uplink.gateway.as_deref(), Some("CELLAR-1"));
        assert_eq!(uplink.received.unwrap().to_string(), "2025-12-24T08:15:00Z");
    }

    #[test]
    fn what_is_not_as_described_is_refused() {
        let form = Form::parse(COLLECTOR).unwrap();
        let kind = |row: &[u8]| form.parse_row(row).unwrap_err().kind();
        assert_eq!(kind(b"12345678,24.12.2025 08:15:00,14442D2C"), "columns");
        assert_eq!(kind(b"12345678,2025-12-24 08:15:00,-71,14442D2C"), "time");
        assert_eq!(kind(b"12345678,24.12.2025 08:15:00,-71,14442D2"), "odd-hex");
        assert_eq!(kind(b"12345678,24.12.2025 08:15:00,-71,12,5 kWh"), "columns");
        assert_eq!(kind(b"12345678,24.12.2025 08:15:00,-71,12.5"), "not-hex");
        assert_eq!(kind(b"\xff"), "not-text");
        assert_eq!(kind(b"12345678,\"24.12.2025 08:15:00,-71,14442D2C"), "open-quote");
    }

    #[test]
    fn a_faulty_description_is_refused() {
        let changed = |from: &str, to: &str| Form::parse(&COLLECTOR.replacen(from, to, 1)).unwrap_err();
        assert!(matches!(changed("name =", "nome ="), FormFault::Toml { .. }));
        assert!(matches!(changed("\"Signal\", ", "\"Read\", "), FormFault::Columns { got: 3 }));
        assert!(matches!(
            changed("telegram = \"Raw data\"", "telegram = \"Raw\""),
            FormFault::NoColumn { role: "telegram", .. }
        ));
        assert!(matches!(changed("separator = \",\"", "separator = \"ab\""), FormFault::Separator { .. }));
        assert!(matches!(changed("separator = \",\"", "separator = \"·\""), FormFault::Separator { .. }));
        assert!(matches!(changed("+01:00", "+1"), FormFault::Offset { .. }));
        assert!(matches!(
            changed("+01:00", "+02:00"),
            FormFault::Example { reason: ExampleFault::Received { .. }, .. }
        ));
        let (before, _) = COLLECTOR.split_once("[[example]]").unwrap();
        assert_eq!(Form::parse(before), Err(FormFault::NoExample));
    }

    proptest::proptest! {
        #[test]
        fn any_row_is_read_or_refused(row in "[\\PC;,\"]{0,80}", bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            for form in [COLLECTOR, CONCENTRATOR] {
                let form = Form::parse(form).unwrap();
                let _ = (form.parse_row(row.as_bytes()), form.parse_row(&bytes), form.is_header(&bytes));
                let _ = Form::parse(&row);
            }
        }
    }
}
