//! Key files: TOML or CSV → [`KeyFileEntry`].
//!
//! What comes in: the text of the file. What goes out: every key of it, or the first fault with its line;
//! never a part, and never the text of a key.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use tidstro_model::{Manufacturer, Medium, MeterFault, MeterNumber};
use toml::Spanned;
use zeroize::Zeroizing;

use super::{Key, KeyEntry, KeyFault};

/// A key as a key file has it: whose, which of the meter's keys, and from when to when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFileEntry {
    /// The key and whose it is.
    pub entry: KeyEntry,
    /// Which of the meter's keys: 0 where a meter has one (EN 13757-7:2018, key ID).
    pub slot: u8,
    /// The first local day it holds; `None` for ever so long ago.
    pub from: Option<Date>,
    /// The first local day it no longer holds; `None` where no end is known.
    pub to: Option<Date>,
    /// Line of the file, from 1.
    pub line: usize,
}

/// Why a key file was refused. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileFault {
    /// Neither TOML with `[[key]]` tables nor CSV with the header.
    #[error(
        "line {line}: neither a `[[key]]` table nor the header `manufacturer,id,version,type,key`, which may go on \
         with `slot,from,to`; begin the file with one of them"
    )]
    Form {
        /// The line.
        line: usize,
    },
    /// The TOML is not well formed, or a field is missing, unknown or of another kind.
    #[error("line {line}: {reason}")]
    Toml {
        /// The line.
        line: usize,
        /// The parser's own words; they name the field and never show a value.
        reason: String,
    },
    /// A CSV line with too few or too many fields.
    #[error("line {line}: has {got} fields, expected {expected}, as many as the header")]
    Fields {
        /// The line.
        line: usize,
        /// Fields of the header.
        expected: usize,
        /// Fields found.
        got: usize,
    },
    /// The manufacturer or number is not one.
    #[error("line {line}: `{text}` {fault}")]
    Meter {
        /// The line.
        line: usize,
        /// The text, cut to 40 characters.
        text: String,
        /// What is wrong with it.
        #[source]
        fault: MeterFault,
    },
    /// The version or type is not a byte.
    #[error("line {line}: {field} `{text}` is not a byte; write two hexadecimal digits, such as `1B`")]
    Byte {
        /// The line.
        line: usize,
        /// `version` or `type`.
        field: &'static str,
        /// The text, cut to 40 characters.
        text: String,
    },
    /// The key is not one.
    #[error("line {line}: the key {fault}")]
    Key {
        /// The line.
        line: usize,
        /// What is wrong with it.
        #[source]
        fault: KeyFault,
    },
    /// A day is none.
    #[error("line {line}: {field} `{text}` is not a local day; write it as `2026-01-31`")]
    Day {
        /// The line.
        line: usize,
        /// `from` or `to`.
        field: &'static str,
        /// The text, cut to 40 characters.
        text: String,
    },
    /// A key that ends before it begins.
    #[error("line {line}: `to` does not lie after `from`; a key holds at least one day")]
    Days {
        /// The line.
        line: usize,
    },
    /// Two entries for the same meter.
    #[error(
        "line {line}: a second key for the same meter, version, type, slot and first day; keep the one that is valid"
    )]
    Twice {
        /// The line of the second.
        line: usize,
    },
}

/// The columns of a key file; the last three may be left out together.
const COLUMNS: [&str; 8] = ["manufacturer", "id", "version", "type", "key", "slot", "from", "to"];
/// Columns of the short form.
const SHORT: usize = 5;

/// Reads a key file: TOML or CSV, told apart by its first line.
///
/// # Errors
/// [`KeyFileFault`] with the line, as for [`KeyRing::parse`](super::KeyRing::parse).
pub fn parse_key_file(text: &str) -> Result<Vec<KeyFileEntry>, KeyFileFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().zip(1..).map(|(line, number)| (line.trim(), number));
    let Some((first, line)) = lines.find(|(line, _)| !line.is_empty() && !line.starts_with('#')) else {
        return Ok(Vec::new());
    };
    let entries = match header(first) {
        Some(header) => from_csv(lines, header),
        None if first.starts_with('[') || first.starts_with("key") => from_toml(text),
        None => Err(KeyFileFault::Form { line }),
    }?;
    each_once(&entries)?;
    Ok(entries)
}

/// Two keys of one slot that begin on one day contradict each other.
fn each_once(entries: &[KeyFileEntry]) -> Result<(), KeyFileFault> {
    let mut seen = BTreeSet::new();
    for KeyFileEntry { entry, slot, from, line, .. } in entries {
        let KeyEntry { manufacturer, number, version, medium, .. } = entry;
        if !seen.insert((*manufacturer, *number, *version, *medium, *slot, *from)) {
            return Err(KeyFileFault::Twice { line: *line });
        }
    }
    Ok(())
}

/// A CSV header: its separator and how many columns follow it.
#[derive(Clone, Copy)]
struct Header {
    separator: char,
    columns: usize,
}

/// The CSV header, if the line is one.
fn header(line: &str) -> Option<Header> {
    [',', ';'].into_iter().find_map(|separator| {
        let names = line.split(separator).map(|name| name.trim().to_ascii_lowercase());
        let columns = [SHORT, COLUMNS.len()];
        let is = |columns: &usize| names.clone().eq(COLUMNS.iter().take(*columns).map(ToString::to_string));
        Some(Header { separator, columns: columns.into_iter().find(is)? })
    })
}

fn from_csv<'a>(
    lines: impl Iterator<Item = (&'a str, usize)>,
    Header { separator, columns }: Header,
) -> Result<Vec<KeyFileEntry>, KeyFileFault> {
    let mut entries = Vec::new();
    for (text, line) in lines {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let got = text.split(separator).count();
        if got != columns {
            return Err(KeyFileFault::Fields { line, expected: columns, got });
        }
        let mut fields = text.split(separator).map(|field| field.trim().trim_matches('"'));
        let [manufacturer, id, version, medium, key, slot, from, to] =
            [(); COLUMNS.len()].map(|()| fields.next().unwrap_or_default());
        let row = Row { manufacturer, id, version, medium, key, slot, from, to };
        entries.push(row.entry(line)?);
    }
    Ok(entries)
}

/// The fields of one entry as text; an empty version, type or day is open, an empty slot the first.
struct Row<'a> {
    manufacturer: &'a str,
    id: &'a str,
    version: &'a str,
    medium: &'a str,
    key: &'a str,
    slot: &'a str,
    from: &'a str,
    to: &'a str,
}

impl Row<'_> {
    fn entry(&self, line: usize) -> Result<KeyFileEntry, KeyFileFault> {
        let (from, to) = (day(self.from, "from", line)?, day(self.to, "to", line)?);
        if to.is_some_and(|to| from.is_some_and(|from| to <= from)) {
            return Err(KeyFileFault::Days { line });
        }
        let slot = byte(self.slot, "slot", line)?.unwrap_or_default();
        Ok(KeyFileEntry { entry: self.key_entry(line)?, slot, from, to, line })
    }

    fn key_entry(&self, line: usize) -> Result<KeyEntry, KeyFileFault> {
        let meter_fault = |text: &str, fault| KeyFileFault::Meter { line, text: cut(text), fault };
        Ok(KeyEntry {
            manufacturer: Manufacturer::parse(self.manufacturer)
                .map_err(|fault| meter_fault(self.manufacturer, fault))?,
            number: MeterNumber::parse(self.id).map_err(|fault| meter_fault(self.id, fault))?,
            version: byte(self.version, "version", line)?,
            medium: byte(self.medium, "type", line)?.map(Medium),
            key: Key::parse_hex(self.key).map_err(|fault| KeyFileFault::Key { line, fault })?,
        })
    }
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

/// One or two hexadecimal digits, with or without `0x`; empty is open.
fn byte(text: &str, field: &'static str, line: usize) -> Result<Option<u8>, KeyFileFault> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let is_short = digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let fault = || KeyFileFault::Byte { line, field, text: cut(text) };
    if !is_short {
        return Err(fault());
    }
    u8::from_str_radix(digits, 16).map(Some).map_err(|_| fault())
}

/// A local day; empty is open.
fn day(text: &str, field: &'static str, line: usize) -> Result<Option<Date>, KeyFileFault> {
    if text.is_empty() {
        return Ok(None);
    }
    // A clock time beside the day would be dropped in silence.
    let read = text.parse().ok().filter(|_| text.len() == "2026-01-31".len());
    read.map(Some).ok_or_else(|| KeyFileFault::Day { line, field, text: cut(text) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlFile {
    key: Vec<Spanned<TomlEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlEntry {
    manufacturer: String,
    id: String,
    #[serde(default)]
    version: Option<TomlByte>,
    #[serde(default)]
    r#type: Option<TomlByte>,
    key: Zeroizing<String>,
    #[serde(default)]
    slot: Option<TomlByte>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
}

/// `7`, `0x1b` or `"1B"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum TomlByte {
    Number(i64),
    Text(String),
}

impl TomlByte {
    fn text(self) -> String {
        match self {
            Self::Number(number) => format!("{number:X}"),
            Self::Text(text) => text,
        }
    }
}

fn from_toml(text: &str) -> Result<Vec<KeyFileEntry>, KeyFileFault> {
    let file: TomlFile = toml::from_str(text).map_err(|fault| toml_fault(text, &fault))?;
    let read = |entry: Spanned<TomlEntry>| {
        let line = line_of(text, entry.span().start);
        let entry = entry.into_inner();
        let [version, medium, slot] = [entry.version, entry.r#type, entry.slot]
            .map(|byte| byte.map(TomlByte::text).unwrap_or_default());
        let [from, to] = [entry.from, entry.to].map(Option::unwrap_or_default);
        let row = Row {
            manufacturer: &entry.manufacturer,
            id: &entry.id,
            version: &version,
            medium: &medium,
            key: &entry.key,
            slot: &slot,
            from: &from,
            to: &to,
        };
        row.entry(line)
    };
    file.key.into_iter().map(read).collect()
}

fn toml_fault(text: &str, fault: &toml::de::Error) -> KeyFileFault {
    let line = fault.span().map_or(1, |span| line_of(text, span.start));
    // `message` leaves out the excerpt of the source, which may be a key.
    KeyFileFault::Toml { line, reason: fault.message().to_owned() }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use tidstro_model::MeterId;

    use super::*;
    use crate::{KeyRing, KeySource};

    const KEY: &str = "000102030405060708090A0B0C0D0E0F";

    fn knows(ring: &KeyRing, number: u32, version: u8, medium: u8) -> bool {
        let manufacturer = Manufacturer::parse("KAM").unwrap();
        let (number, medium) = (MeterNumber(number), Medium(medium));
        ring.key(&MeterId { manufacturer, number, version, medium }).is_some()
    }

    #[test]
    fn both_forms_give_the_same_ring() {
        let csv = format!(
            "manufacturer;id;version;type;key\n# spare\nKAM;12345678;1B;07;{KEY}\nKAM;00000001;;;{KEY}\n"
        );
        let toml = format!(
            "[[key]]\nmanufacturer = \"KAM\"\nid = \"12345678\"\nversion = 0x1b\ntype = \"07\"\nkey = \"{KEY}\"\n\
             [[key]]\nmanufacturer = \"KAM\"\nid = \"00000001\"\nkey = \"{KEY}\"\n"
        );
        for text in [csv, toml] {
            let ring = KeyRing::parse(&text).unwrap();
            assert_eq!(ring.len(), 2);
            assert!(knows(&ring, 0x1234_5678, 0x1b, 7) && !knows(&ring, 0x1234_5678, 0x1b, 6));
            assert!(knows(&ring, 1, 0x99, 4));
        }
        assert!(KeyRing::parse("\n# nothing yet\n").unwrap().is_empty());
    }

    #[test]
    fn a_meter_has_slots_and_keys_that_follow_each_other() {
        let other = KEY.replace("0F", "1F");
        let csv = format!(
            "manufacturer,id,version,type,key,slot,from,to\nKAM,12345678,,,{KEY},,,2026-03-01\n\
             KAM,12345678,,,{other},0,2026-03-01,\nKAM,12345678,,,{other},1,,\n"
        );
        let entries = parse_key_file(&csv).unwrap();
        let days: Vec<_> =
            entries.iter().map(|entry| (entry.slot, entry.from, entry.to, entry.line)).collect();
        let march = Some(jiff::civil::date(2026, 3, 1));
        assert_eq!(days, [(0, None, march, 2), (0, march, None, 3), (1, None, None, 4)]);
        let toml = format!(
            "[[key]]\nmanufacturer = \"KAM\"\nid = \"12345678\"\nkey = \"{KEY}\"\nslot = 1\nfrom = \"2026-03-01\"\n"
        );
        let entry = parse_key_file(&toml).unwrap().remove(0);
        assert_eq!((entry.slot, entry.from, entry.to), (1, march, None));
        // A ring has no days: the newest key of the first slot is the meter's.
        let ring = KeyRing::parse(&csv).unwrap();
        let manufacturer = Manufacturer::parse("KAM").unwrap();
        let meter = MeterId { manufacturer, number: MeterNumber(0x1234_5678), version: 1, medium: Medium(7) };
        assert_eq!(ring.key(&meter), Some(&Key::parse_hex(&other).unwrap()));
        assert_eq!(ring.len(), 1);
    }

    #[test]
    fn faults_name_their_line_and_no_key() {
        let header = "manufacturer,id,version,type,key\n";
        let check = |text: &str, expected: &str| {
            let shown = KeyRing::parse(text).unwrap_err().to_string();
            assert!(shown.starts_with(expected), "{shown}");
            assert!(!shown.contains("00010203"), "{shown}");
        };
        check("hello", "line 1: neither");
        check(&format!("{header}KAM,12345678,1B,07"), "line 2: has 4 fields, expected 5");
        check(&format!("{header}\nKAMS,12345678,,,{KEY}"), "line 3: `KAMS` is not a manufacturer");
        check(&format!("{header}KAM,1234567,,,{KEY}"), "line 2: `1234567` is not a meter number");
        check(&format!("{header}KAM,12345678,1B1,,{KEY}"), "line 2: version `1B1` is not a byte");
        check(&format!("{header}KAM,12345678,,,{KEY}00"), "line 2: the key has 34 characters");
        check(&format!("{header}KAM,12345678,,,{KEY}\nKAM,12345678,,,{KEY}"), "line 3: a second key");
        let long = "manufacturer,id,version,type,key,slot,from,to\n";
        check(
            &format!("{long}KAM,12345678,,,{KEY},,2026-02-30,"),
            "line 2: from `2026-02-30` is not a local day",
        );
        check(
            &format!("{long}KAM,12345678,,,{KEY},,2026-02-01,2026-02-01"),
            "line 2: `to` does not lie after",
        );
        check(&format!("{long}KAM,12345678,,,{KEY},X,,"), "line 2: slot `X` is not a byte");
        check(&format!("[[key]]\nmanufacturer = \"KAM\"\nkey = \"{KEY}\"\n"), "line 1: missing field `id`");
        check(&format!("[[key]]\nmanufacturer = \"KAM\"\nkey = {KEY}\n"), "line 3: ");
    }
}
