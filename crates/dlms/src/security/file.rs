//! Key files of DLMS meters: TOML or CSV → [`TitleKey`].
//!
//! What comes in: the text of the file. What goes out: every key of it with the system title it is for, or the first
//! fault with its line; never a part, and never the text of a key.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use tidstro_model::{MeterFault, SystemTitle};
use toml::Spanned;
use zeroize::Zeroizing;

use super::{Key, KeyFault};

/// What a key of a DLMS meter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyUse {
    /// The global unicast encryption key (Danish meters: GPK60).
    Encryption,
    /// The authentication key (Danish meters: GPK61).
    Authentication,
    /// The global encryption key that many meters share.
    Broadcast,
}

impl KeyUse {
    /// Every use, in the order of its slot.
    pub const ALL: [Self; 3] = [Self::Encryption, Self::Authentication, Self::Broadcast];

    /// The word of key files and lists.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Encryption => "encryption",
            Self::Authentication => "authentication",
            Self::Broadcast => "broadcast",
        }
    }

    /// Its number among a meter's keys, from 0.
    #[must_use]
    pub const fn slot(self) -> u8 {
        self as u8
    }

    /// The use with this number.
    #[must_use]
    pub fn of_slot(slot: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.slot() == slot)
    }
}

/// A key of a key file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleKey {
    /// The meter's system title.
    pub title: SystemTitle,
    /// What the key is for.
    pub used_for: KeyUse,
    /// The key.
    pub key: Key,
    /// The first local day it holds; `None` for ever so long ago.
    pub from: Option<Date>,
    /// The first local day it no longer holds; `None` where no end is known.
    pub to: Option<Date>,
    /// Line of the file, from 1.
    pub line: usize,
}

/// Why a key file was refused. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TitleFileFault {
    /// Neither TOML with `[[dlms]]` tables nor CSV with the header.
    #[error(
        "line {line}: neither a `[[dlms]]` table nor the header `system_title,encryption,authentication`, which may go on \
         with `broadcast,from,to`; begin the file with one of them"
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
    /// The system title is none.
    #[error("line {line}: `{text}` {fault}")]
    Title {
        /// The line.
        line: usize,
        /// The text, cut to 40 characters.
        text: String,
        /// What is wrong with it.
        #[source]
        fault: MeterFault,
    },
    /// A key is not one.
    #[error("line {line}: the {} key {fault}", .used_for.word())]
    Key {
        /// The line.
        line: usize,
        /// Which of the keys.
        used_for: KeyUse,
        /// What is wrong with it.
        #[source]
        fault: KeyFault,
    },
    /// A meter without any key.
    #[error("line {line}: names no key; give `encryption`, and `authentication` where the meter has one")]
    NoKey {
        /// The line.
        line: usize,
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
    /// Two keys of one meter for the same use from the same day on.
    #[error("line {line}: a second {} key for the same system title and first day; keep the one that is valid", .used_for.word())]
    Twice {
        /// The line of the second.
        line: usize,
        /// Which of the keys.
        used_for: KeyUse,
    },
}

/// The columns of a key file; the last three may be left out together.
const COLUMNS: [&str; 6] = ["system_title", "encryption", "authentication", "broadcast", "from", "to"];
/// Columns of the short form.
const SHORT: usize = 3;

/// Reads a key file: TOML or CSV, told apart by its first line.
///
/// ```
/// use tidstro_dlms::{KeyUse, parse_title_keys};
///
/// let text = "system_title,encryption,authentication\n4B464D6750000001,000102030405060708090A0B0C0D0E0F,\n";
/// let keys = parse_title_keys(text)?;
/// assert_eq!((keys[0].title.maker(), keys[0].used_for), (Some("KFM"), KeyUse::Encryption));
/// # Ok::<(), tidstro_dlms::TitleFileFault>(())
/// ```
///
/// # Errors
/// [`TitleFileFault`] with the line.
pub fn parse_title_keys(text: &str) -> Result<Vec<TitleKey>, TitleFileFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().zip(1..).map(|(line, number)| (line.trim(), number));
    let Some((first, line)) = lines.find(|(line, _)| !line.is_empty() && !line.starts_with('#')) else {
        return Ok(Vec::new());
    };
    let keys = match header(first) {
        Some(header) => from_csv(lines, header),
        None if first.starts_with('[') || first.starts_with("dlms") => from_toml(text),
        None => Err(TitleFileFault::Form { line }),
    }?;
    each_once(&keys)?;
    Ok(keys)
}

fn each_once(keys: &[TitleKey]) -> Result<(), TitleFileFault> {
    let mut seen = BTreeSet::new();
    let twice = keys.iter().find(|key| !seen.insert((key.title, key.used_for, key.from)));
    twice.map_or(Ok(()), |key| Err(TitleFileFault::Twice { line: key.line, used_for: key.used_for }))
}

/// The separator and how many columns follow it, if the line is a header.
fn header(line: &str) -> Option<(char, usize)> {
    [',', ';'].into_iter().find_map(|separator| {
        let names = line.split(separator).map(|name| name.trim().to_ascii_lowercase());
        let is = |columns: &usize| names.clone().eq(COLUMNS.iter().take(*columns).map(ToString::to_string));
        Some((separator, [SHORT, COLUMNS.len()].into_iter().find(is)?))
    })
}

fn from_csv<'a>(
    lines: impl Iterator<Item = (&'a str, usize)>,
    (separator, columns): (char, usize),
) -> Result<Vec<TitleKey>, TitleFileFault> {
    let mut keys = Vec::new();
    for (text, line) in lines.filter(|(text, _)| !text.is_empty() && !text.starts_with('#')) {
        let got = text.split(separator).count();
        if got != columns {
            return Err(TitleFileFault::Fields { line, expected: columns, got });
        }
        let mut fields = text.split(separator).map(|field| field.trim().trim_matches('"'));
        let [title, encryption, authentication, broadcast, from, to] =
            [(); COLUMNS.len()].map(|()| fields.next().unwrap_or_default());
        Row { title, keys: [encryption, authentication, broadcast], from, to }.read(line, &mut keys)?;
    }
    Ok(keys)
}

/// The fields of one meter as text; what is empty is not said.
struct Row<'a> {
    title: &'a str,
    /// In the order of [`KeyUse::ALL`].
    keys: [&'a str; 3],
    from: &'a str,
    to: &'a str,
}

impl Row<'_> {
    fn read(&self, line: usize, keys: &mut Vec<TitleKey>) -> Result<(), TitleFileFault> {
        let (from, to) = (day(self.from, "from", line)?, day(self.to, "to", line)?);
        if to.is_some_and(|to| from.is_some_and(|from| to <= from)) {
            return Err(TitleFileFault::Days { line });
        }
        let title = SystemTitle::parse(self.title).map_err(|fault| TitleFileFault::Title {
            line,
            text: cut(self.title),
            fault,
        })?;
        let before = keys.len();
        for (used_for, text) in KeyUse::ALL.into_iter().zip(self.keys).filter(|(_, text)| !text.is_empty()) {
            let key = Key::parse_hex(text).map_err(|fault| TitleFileFault::Key { line, used_for, fault })?;
            keys.push(TitleKey { title, used_for, key, from, to, line });
        }
        if keys.len() == before { Err(TitleFileFault::NoKey { line }) } else { Ok(()) }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A local day; empty is open.
fn day(text: &str, field: &'static str, line: usize) -> Result<Option<Date>, TitleFileFault> {
    if text.is_empty() {
        return Ok(None);
    }
    // A clock time beside the day would be dropped in silence.
    let read = text.parse().ok().filter(|_| text.len() == "2026-01-31".len());
    read.map(Some).ok_or_else(|| TitleFileFault::Day { line, field, text: cut(text) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlFile {
    dlms: Vec<Spanned<TomlEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlEntry {
    system_title: String,
    #[serde(default)]
    encryption: Zeroizing<String>,
    #[serde(default)]
    authentication: Zeroizing<String>,
    #[serde(default)]
    broadcast: Zeroizing<String>,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

fn from_toml(text: &str) -> Result<Vec<TitleKey>, TitleFileFault> {
    let line_of = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    let file: TomlFile = toml::from_str(text).map_err(|fault: toml::de::Error| {
        let line = fault.span().map_or(1, |span| line_of(span.start));
        // `message` leaves out the excerpt of the source, which may be a key.
        TitleFileFault::Toml { line, reason: fault.message().to_owned() }
    })?;
    let mut keys = Vec::new();
    for entry in file.dlms {
        let line = line_of(entry.span().start);
        let entry = entry.into_inner();
        let of_meter = [&*entry.encryption, &*entry.authentication, &*entry.broadcast];
        let row = Row {
            title: &entry.system_title,
            keys: of_meter.map(String::as_str),
            from: &entry.from,
            to: &entry.to,
        };
        row.read(line, &mut keys)?;
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "000102030405060708090A0B0C0D0E0F";
    const TITLE: &str = "4B464D6750000001";

    #[test]
    fn both_forms_give_the_same_keys() {
        let csv = format!(
            "system_title;encryption;authentication;broadcast;from;to\n# spare\n{TITLE};{KEY};{KEY}{KEY};;2026-03-01;\n"
        );
        let toml = format!(
            "# keys\n\n[[dlms]]\nsystem_title = \"{TITLE}\"\nencryption = \"{KEY}\"\nauthentication = \"{KEY}{KEY}\"\n\
             from = \"2026-03-01\"\n"
        );
        for text in [csv, toml] {
            let keys = parse_title_keys(&text).unwrap();
            let told: Vec<_> = keys.iter().map(|key| (key.used_for, key.from, key.line)).collect();
            let march = Some(jiff::civil::date(2026, 3, 1));
            assert_eq!(told, [(KeyUse::Encryption, march, 3), (KeyUse::Authentication, march, 3)]);
            assert!(matches!(keys[1].key, Key::Aes256(_)));
        }
        assert!(parse_title_keys("\n# nothing yet\n").unwrap().is_empty());
    }

    #[test]
    fn faults_name_their_line_and_no_key() {
        let header = "system_title,encryption,authentication\n";
        let check = |text: &str, expected: &str| {
            let shown = parse_title_keys(text).unwrap_err().to_string();
            assert!(shown.starts_with(expected), "{shown}");
            assert!(!shown.contains("00010203"), "{shown}");
        };
        check("hello", "line 1: neither");
        check(&format!("{header}{TITLE},{KEY}"), "line 2: has 2 fields, expected 3");
        check(&format!("{header}\n4B46,{KEY},"), "line 3: `4B46` is not a system title");
        check(&format!("{header}{TITLE},{KEY}00,"), "line 2: the encryption key has 34 characters");
        check(&format!("{header}{TITLE},{KEY},x"), "line 2: the authentication key has 1 characters");
        check(&format!("{header}{TITLE},,"), "line 2: names no key");
        check(&format!("{header}{TITLE},{KEY},\n{TITLE},{KEY},"), "line 3: a second encryption key");
        let long = "system_title,encryption,authentication,broadcast,from,to\n";
        check(&format!("{long}{TITLE},{KEY},,,2026-02-30,"), "line 2: from `2026-02-30` is not a local day");
        check(&format!("{long}{TITLE},{KEY},,,2026-02-02,2026-02-02"), "line 2: `to` does not lie after");
        check(&format!("[[dlms]]\nencryption = \"{KEY}\"\n"), "line 1: missing field `system_title`");
        check(&format!("[[dlms]]\nsystem_title = {KEY}\n"), "line 2: ");
    }
}
