//! Key files: TOML or CSV → [`KeyFileEntry`].
//!
//! What comes in: the text of the file. What goes out: every key of it, or the first fault with its line;
//! never a part, and never the text of a key.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use tidstro_model::{Manufacturer, Medium, MeterFault, MeterNumber};
use tidstro_wire::{KeyColumns, KeyFile, KeyTableFault, KeyTables, Validity, cut, key_file, key_tables};
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
    /// The file is neither form, or a row or day in it is none.
    #[error(transparent)]
    Table(#[from] KeyTableFault),
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
    /// Two entries for the same meter.
    #[error(
        "line {line}: a second key for the same meter, version, type, slot and first day; keep the one that is valid"
    )]
    Twice {
        /// The line of the second.
        line: usize,
    },
}

const COLUMNS: KeyColumns<8> = KeyColumns {
    names: ["manufacturer", "id", "version", "type", "key", "slot", "from", "to"],
    short: 5,
    table: "key",
};

/// Reads a key file: TOML or CSV, told apart by its first line.
///
/// # Errors
/// [`KeyFileFault`] with the line, as for [`KeyRing::parse`](super::KeyRing::parse).
pub fn parse_key_file(text: &str) -> Result<Vec<KeyFileEntry>, KeyFileFault> {
    let entries = match key_file(text, &COLUMNS)? {
        KeyFile::Rows(rows) => rows.into_iter().map(of_row).collect::<Result<Vec<_>, _>>(),
        KeyFile::Tables(text) => {
            key_tables::<TomlFile>(text)?.into_iter().map(|(line, table)| table.entry(line)).collect()
        }
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

fn of_row((line, fields): (usize, [&str; 8])) -> Result<KeyFileEntry, KeyFileFault> {
    let [manufacturer, id, version, medium, key, slot, from, to] = fields;
    Row { manufacturer, id, version, medium, key, slot, from, to }.entry(line)
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
        let Validity { from, to } = Validity::parse(self.from, self.to, line)?;
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlFile {
    key: Vec<Spanned<TomlEntry>>,
}

impl KeyTables for TomlFile {
    type Table = TomlEntry;

    fn tables(self) -> Vec<Spanned<TomlEntry>> {
        self.key
    }
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
    from: String,
    #[serde(default)]
    to: String,
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

impl TomlEntry {
    fn entry(self, line: usize) -> Result<KeyFileEntry, KeyFileFault> {
        let text = |byte: Option<TomlByte>| byte.map(TomlByte::text).unwrap_or_default();
        let row = Row {
            manufacturer: &self.manufacturer,
            id: &self.id,
            version: &text(self.version),
            medium: &text(self.r#type),
            key: &self.key,
            slot: &text(self.slot),
            from: &self.from,
            to: &self.to,
        };
        row.entry(line)
    }
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
