//! One file with the keys of every meter: those of M-Bus by number, those of DLMS by system title.
//!
//! What comes in: the text of a key file. What goes out: its keys of both kinds, or the first fault with its line. A header of
//! CSV, or a table of TOML, begins a part; each part is read by the crate whose keys it has, with the lines of the whole file.

use tidstro_dlms::{TitleFileFault, TitleKey, parse_title_keys};
use tidstro_telegram::{KeyFileEntry, KeyFileFault, parse_key_file};
use zeroize::Zeroizing;

/// The keys of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyFile {
    /// Keys of M-Bus meters.
    pub meters: Vec<KeyFileEntry>,
    /// Keys of DLMS meters.
    pub titles: Vec<TitleKey>,
}

impl From<Vec<KeyFileEntry>> for KeyFile {
    fn from(meters: Vec<KeyFileEntry>) -> Self {
        Self { meters, titles: Vec::new() }
    }
}

/// Why a key file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysFault {
    /// In its part of M-Bus meters.
    #[error(transparent)]
    Meters(#[from] KeyFileFault),
    /// In its part of DLMS meters.
    #[error(transparent)]
    Titles(#[from] TitleFileFault),
}

/// Reads a key file: CSV or TOML with `manufacturer`, `id` and `key`, or with `system_title` and `encryption`, or both, one part
/// after the other.
///
/// ```
/// use tidstro_flows::parse_keys;
///
/// let text = "manufacturer,id,version,type,key\nKAM,12345678,,,000102030405060708090A0B0C0D0E0F\n\
///             system_title,encryption,authentication\n4B464D6750000001,000102030405060708090A0B0C0D0E0F,\n";
/// let keys = parse_keys(text)?;
/// assert_eq!((keys.meters.len(), keys.titles.len()), (1, 1));
/// # Ok::<(), tidstro_flows::KeysFault>(())
/// ```
///
/// # Errors
/// [`KeysFault`] with the line.
pub fn parse_keys(text: &str) -> Result<KeyFile, KeysFault> {
    let (meters, titles) = parts(text);
    Ok(KeyFile { meters: parse_key_file(&meters)?, titles: parse_title_keys(&titles)? })
}

/// The text of both parts: in each the lines of the other are empty, so that lines keep their numbers.
fn parts(text: &str) -> (Zeroizing<String>, Zeroizing<String>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Room for everything, so that no shorter text with keys in it is left behind.
    let room = || Zeroizing::new(String::with_capacity(text.len() + 1));
    let (mut meters, mut titles, mut is_of_titles) = (room(), room(), false);
    for line in text.split_inclusive('\n') {
        is_of_titles = begins_part(line).unwrap_or(is_of_titles);
        let (own, other) = if is_of_titles { (&mut titles, &mut meters) } else { (&mut meters, &mut titles) };
        own.push_str(line);
        other.push('\n');
    }
    (meters, titles)
}

/// Whether the line begins the part of DLMS meters; `None` where it begins neither.
fn begins_part(line: &str) -> Option<bool> {
    let begins =
        |word: &str| line.trim_start().get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    match () {
        () if begins("system_title,") || begins("system_title;") || begins("[[dlms]]") => Some(true),
        () if begins("manufacturer,") || begins("manufacturer;") || begins("[[key]]") => Some(false),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "000102030405060708090A0B0C0D0E0F";

    #[test]
    fn parts_of_both_kinds_in_any_order() {
        let csv = format!(
            "# town\nsystem_title;encryption;authentication\n4B464D6750000001;{KEY};{KEY}\n\
             manufacturer,id,version,type,key\nKAM,12345678,,,{KEY}\n"
        );
        let toml = format!(
            "[[key]]\nmanufacturer = \"KAM\"\nid = \"12345678\"\nkey = \"{KEY}\"\n\n\
             [[dlms]]\nsystem_title = \"4B464D6750000001\"\nencryption = \"{KEY}\"\nauthentication = \"{KEY}\"\n"
        );
        for text in [csv, toml] {
            let keys = parse_keys(&text).unwrap();
            assert_eq!((keys.meters.len(), keys.titles.len()), (1, 2), "{text}");
        }
        assert_eq!(parse_keys("").unwrap(), KeyFile::default());
    }

    #[test]
    fn a_fault_has_its_line_in_the_whole_file() {
        let check = |text: &str, expected: &str| {
            assert_eq!(parse_keys(text).unwrap_err().to_string().split(':').next(), Some(expected), "{text}");
        };
        let meters = format!("manufacturer,id,version,type,key\nKAM,12345678,,,{KEY}\n");
        check(&format!("{meters}system_title,encryption,authentication\n4B46,{KEY},\n"), "line 4");
        check(
            &format!("system_title,encryption,authentication\n4B464D6750000001,{KEY},\n{meters}KAM"),
            "line 5",
        );
        check("hello", "line 1");
    }
}
