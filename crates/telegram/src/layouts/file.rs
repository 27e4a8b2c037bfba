//! A layout file: TOML → [`Layout`].
//!
//! What comes in: the text of a file. What goes out: whose telegrams it describes, how the maker hides them, what
//! must be true of the bytes before they are believed, and where each value lies. The telegram and the expected
//! readings that each file also holds are read by the tests only. Offsets count from 0, from the first byte of
//! the window.

use serde::{Deserialize, Deserializer, de::Error};
use tidstro_model::{Manufacturer, Medium, MeterId, MeterNumber};

use super::{cipher::Cipher, field::Field};

/// One layout.
#[derive(Debug, Deserialize)]
pub(super) struct Layout {
    /// One group, or several that differ in how they name themselves.
    pub(super) meters: Vec<Meters>,
    pub(super) fits: Fits,
    /// How the maker hides the window.
    pub(super) cipher: Option<Cipher>,
    /// Where the values do not begin at a fixed place.
    pub(super) lead: Option<Lead>,
    /// Where the values are not at fixed places but behind tags.
    pub(super) tagged: Option<Tagged>,
    /// Where a byte says which parts there are.
    pub(super) flagged: Option<Flagged>,
    #[serde(rename = "field")]
    pub(super) fields: Vec<Field>,
}

/// Whose telegrams.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meters {
    /// Codes: firms are bought and keep sending their old one.
    #[serde(deserialize_with = "makers")]
    pub(super) makers: Vec<Manufacturer>,
    /// Version bytes; none means any (then the fixed bytes prove the layout).
    #[serde(default)]
    pub(super) versions: Vec<u8>,
    /// Device type bytes; none means any.
    #[serde(default)]
    pub(super) types: Vec<u8>,
    /// CI fields.
    pub(super) ci: Vec<u8>,
    /// What is measured, where the device type is one of the maker's own: one for each of `types`.
    #[serde(default)]
    pub(super) media: Vec<u8>,
    /// What is measured, where the type byte says nothing.
    pub(super) medium: Option<u8>,
    /// The sender's address has version and type before the number.
    #[serde(default)]
    pub(super) is_version_first: bool,
}

/// What the bytes are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Window {
    /// All that follows the headers.
    Payload,
    /// One record, its DIF first, up to the next record.
    Record,
}

/// What must be true of the window, after the maker's cipher was undone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fits {
    pub(super) window: Window,
    /// Bytes the window has.
    pub(super) at_least: usize,
    pub(super) at_most: usize,
    #[serde(default)]
    pub(super) fixed: Vec<Fixed>,
    /// The last two bytes are a CRC (EN 13757-4, high byte first) of those from here on.
    pub(super) crc_from: Option<usize>,
}

/// Bytes that are always the same.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fixed {
    pub(super) at: usize,
    pub(super) bytes: Vec<u8>,
}

/// A byte says how many bytes follow it before the values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lead {
    /// Where the byte is.
    pub(super) at: usize,
    /// Bytes of the values, to the end of the window.
    pub(super) rest: usize,
}

/// Values behind tags of one byte, each with a length of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tagged {
    /// Where the first tag is.
    pub(super) start: usize,
    /// Bytes after the last one (a checksum).
    pub(super) trailer: usize,
    /// The byte that fills the rest.
    pub(super) filler: u8,
    /// Every tag that may occur: an unknown one hides where the next begins.
    pub(super) tags: Vec<Tag>,
}

/// A tag and how many bytes follow it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tag {
    pub(super) tag: u8,
    pub(super) len: usize,
}

/// Parts of fixed length, each announced by a bit of one byte. A field names its part by the bit, as its tag; a field
/// of a part that is not there is no reading.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flagged {
    /// Where the byte is.
    pub(super) at: usize,
    /// Where the first part is.
    pub(super) start: usize,
    /// The parts in their order: every bit that may be set.
    pub(super) parts: Vec<Part>,
}

/// A part, its bit, and its bytes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) bit: u8,
    pub(super) len: usize,
}

impl Layout {
    /// Reads a file.
    pub(super) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The meter by its own name, and what it measures, if the layout is written for such a one.
    pub(super) fn meter(&self, meter: MeterId, ci: u8) -> Option<Named> {
        self.meters.iter().find_map(|group| group.named(meter, ci))
    }

    /// Whether such a window may be one of this layout, as far as its length says.
    pub(super) fn has_length(&self, len: usize) -> bool {
        (self.fits.at_least..=self.fits.at_most).contains(&len)
    }
}

impl Meters {
    fn named(&self, meter: MeterId, ci: u8) -> Option<Named> {
        let meter = if self.is_version_first { version_first(meter) } else { meter };
        let allows = |list: &[u8], byte: u8| list.is_empty() || list.contains(&byte);
        let is_one = self.makers.contains(&meter.manufacturer)
            && allows(&self.versions, meter.version)
            && allows(&self.types, meter.medium.0)
            && self.ci.contains(&ci);
        is_one.then(|| Named { meter, medium: self.medium_of(meter.medium) })
    }

    fn medium_of(&self, medium: Medium) -> Option<Medium> {
        let of_type = self.types.iter().zip(&self.media).find(|(known, _)| **known == medium.0);
        of_type.map(|(_, medium)| *medium).or(self.medium).map(Medium)
    }
}

/// A meter, and what its layout says it measures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) meter: MeterId,
    pub(super) medium: Option<Medium>,
}

/// The address whose first two bytes are version and type, and whose last four are the number.
fn version_first(MeterId { manufacturer, number, version, medium }: MeterId) -> MeterId {
    let [first, second, n0, n1] = number.0.to_le_bytes();
    let number = u32::from_le_bytes([n0, n1, version, medium.0]);
    MeterId { manufacturer, number: MeterNumber(number), version: first, medium: Medium(second) }
}

fn makers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Manufacturer>, D::Error> {
    let codes = Vec::<String>::deserialize(deserializer)?;
    codes.iter().map(|code| Manufacturer::parse(code).map_err(Error::custom)).collect()
}
