//! Key files of DLMS meters: TOML or CSV → [`TitleKey`].
//!
//! What comes in: the text of the file. What goes out: every key of it with the system title it is for, or the first
//! fault with its line; never a part, and never the text of a key.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use tidstro_model::{MeterFault, SystemTitle};
use tidstro_wire::{KeyColumns, KeyFile, KeyTableFault, KeyTables, Validity, cut, key_file, key_tables};
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
    /// The file is neither form, or a row or day in it is none.
    #[error(transparent)]
    Table(#[from] KeyTableFault),
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
    /// Two keys of one meter for the same use from the same day on.
    #[error("line {line}: a second {} key for the same system title and first day; keep the one that is valid", .used_for.word())]
    Twice {
        /// The line of the second.
        line: usize,
        /// Which of the keys.
        used_for: KeyUse,
    },
}

const COLUMNS: KeyColumns<6> = KeyColumns {
    names: ["system_title", "encryption", "authentication", "broadcast", "from", "to"],
    short: 3,
    table: "dlms",
};

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
    let mut keys = Vec::new();
    match key_file(text, &COLUMNS)? {
        KeyFile::Rows(rows) => {
            for (line, [title, encryption, authentication, broadcast, from, to]) in rows {
                let of_meter = [encryption, authentication, broadcast];
                Row { title, keys: of_meter, from, to }.read(line, &mut keys)?;
            }
        }
        KeyFile::Tables(text) => {
            for (line, table) in key_tables::<TomlFile>(text)? {
                table.read(line, &mut keys)?;
            }
        }
    }
    each_once(&keys)?;
    Ok(keys)
}

fn each_once(keys: &[TitleKey]) -> Result<(), TitleFileFault> {
    let mut seen = BTreeSet::new();
    let twice = keys.iter().find(|key| !seen.insert((key.title, key.used_for, key.from)));
    twice.map_or(Ok(()), |key| Err(TitleFileFault::Twice { line: key.line, used_for: key.used_for }))
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
        let Validity { from, to } = Validity::parse(self.from, self.to, line)?;
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlFile {
    dlms: Vec<Spanned<TomlEntry>>,
}

impl KeyTables for TomlFile {
    type Table = TomlEntry;

    fn tables(self) -> Vec<Spanned<TomlEntry>> {
        self.dlms
    }
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

impl TomlEntry {
    fn read(&self, line: usize, keys: &mut Vec<TitleKey>) -> Result<(), TitleFileFault> {
        let of_meter = [&*self.encryption, &*self.authentication, &*self.broadcast].map(String::as_str);
        Row { title: &self.system_title, keys: of_meter, from: &self.from, to: &self.to }.read(line, keys)
    }
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
