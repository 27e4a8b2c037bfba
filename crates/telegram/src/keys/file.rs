//! Key files: TOML or CSV → [`KeyRing`].
//!
//! What comes in: the text of the file. What goes out: every key of it, or the first fault with its line;
//! never a part, and never the text of a key.

use serde::Deserialize;
use tidstro_model::{Manufacturer, Medium, MeterFault, MeterNumber};
use toml::Spanned;
use zeroize::Zeroizing;

use super::{Key, KeyEntry, KeyFault, KeyRing};

/// Why a key file was refused. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileFault {
    /// Neither TOML with `[[key]]` tables nor CSV with the header.
    #[error(
        "line {line}: neither a `[[key]]` table nor the header `manufacturer,id,version,type,key`; \
         begin the file with one of them"
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
    #[error("line {line}: has {got} fields, expected 5: manufacturer, id, version, type, key")]
    Fields {
        /// The line.
        line: usize,
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
    /// Two entries for the same meter.
    #[error("line {line}: a second key for the same meter, version and type; keep the one that is valid")]
    Twice {
        /// The line of the second.
        line: usize,
    },
}

/// Reads either form.
pub(super) fn parse(text: &str) -> Result<KeyRing, KeyFileFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().zip(1..).map(|(line, number)| (line.trim(), number));
    let Some((first, line)) = lines.find(|(line, _)| !line.is_empty() && !line.starts_with('#')) else {
        return Ok(KeyRing::new());
    };
    match separator(first) {
        Some(separator) => from_csv(lines, separator),
        None if first.starts_with('[') || first.starts_with("key") => from_toml(text),
        None => Err(KeyFileFault::Form { line }),
    }
}

/// The separator of the CSV header, if the line is one.
fn separator(header: &str) -> Option<char> {
    [',', ';'].into_iter().find(|separator| {
        let columns = ["manufacturer", "id", "version", "type", "key"];
        header.split(*separator).map(str::trim).map(str::to_ascii_lowercase).eq(columns)
    })
}

fn from_csv<'a>(
    lines: impl Iterator<Item = (&'a str, usize)>,
    separator: char,
) -> Result<KeyRing, KeyFileFault> {
    let mut ring = KeyRing::new();
    for (text, line) in lines {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let mut fields = text.split(separator).map(|field| field.trim().trim_matches('"'));
        let row = [(); 5].map(|()| fields.next());
        let ([Some(manufacturer), Some(id), Some(version), Some(medium), Some(key)], None) =
            (row, fields.next())
        else {
            return Err(KeyFileFault::Fields { line, got: text.split(separator).count() });
        };
        let row = Row { manufacturer, id, version, medium, key };
        add(&mut ring, row.entry(line)?, line)?;
    }
    Ok(ring)
}

fn add(ring: &mut KeyRing, entry: KeyEntry, line: usize) -> Result<(), KeyFileFault> {
    if ring.insert(entry) { Err(KeyFileFault::Twice { line }) } else { Ok(()) }
}

/// The fields of one entry as text; an empty version or type is open.
struct Row<'a> {
    manufacturer: &'a str,
    id: &'a str,
    version: &'a str,
    medium: &'a str,
    key: &'a str,
}

impl Row<'_> {
    fn entry(&self, line: usize) -> Result<KeyEntry, KeyFileFault> {
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

fn from_toml(text: &str) -> Result<KeyRing, KeyFileFault> {
    let file: TomlFile = toml::from_str(text).map_err(|fault| toml_fault(text, &fault))?;
    let mut ring = KeyRing::new();
    for entry in file.key {
        let line = line_of(text, entry.span().start);
        let entry = entry.into_inner();
        let [version, medium] =
            [entry.version, entry.r#type].map(|byte| byte.map(TomlByte::text).unwrap_or_default());
        let row = Row {
            manufacturer: &entry.manufacturer,
            id: &entry.id,
            version: &version,
            medium: &medium,
            key: &entry.key,
        };
        add(&mut ring, row.entry(line)?, line)?;
    }
    Ok(ring)
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
    use crate::KeySource;

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
    fn faults_name_their_line_and_no_key() {
        let header = "manufacturer,id,version,type,key\n";
        let check = |text: &str, expected: &str| {
            let shown = KeyRing::parse(text).unwrap_err().to_string();
            assert!(shown.starts_with(expected), "{shown}");
            assert!(!shown.contains("00010203"), "{shown}");
        };
        check("hello", "line 1: neither");
        check(&format!("{header}KAM,12345678,1B,07"), "line 2: has 4 fields");
        check(&format!("{header}\nKAMS,12345678,,,{KEY}"), "line 3: `KAMS` is not a manufacturer");
        check(&format!("{header}KAM,1234567,,,{KEY}"), "line 2: `1234567` is not a meter number");
        check(&format!("{header}KAM,12345678,1B1,,{KEY}"), "line 2: version `1B1` is not a byte");
        check(&format!("{header}KAM,12345678,,,{KEY}00"), "line 2: the key has 34 characters");
        check(&format!("{header}KAM,12345678,,,{KEY}\nKAM,12345678,,,{KEY}"), "line 3: a second key");
        check(&format!("[[key]]\nmanufacturer = \"KAM\"\nkey = \"{KEY}\"\n"), "line 1: missing field `id`");
        check(&format!("[[key]]\nmanufacturer = \"KAM\"\nkey = {KEY}\n"), "line 3: ");
    }
}
