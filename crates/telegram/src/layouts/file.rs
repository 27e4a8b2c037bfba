//! A layout file: TOML → [`Layout`].
//!
//! What comes in: the text of a file. What goes out: whose telegrams it describes, what must be true of the
//! bytes before they are believed, and where each value lies. The telegram and the expected readings that each
//! file also holds are read by the tests only. Offsets count from 0, from the first byte of the window.

use serde::{Deserialize, Deserializer, de::Error};
use tidstro_model::{Manufacturer, Medium, MeterId, QuantityKind, Unit};

/// One layout.
#[derive(Debug, Deserialize)]
pub(super) struct Layout {
    pub(super) meters: Meters,
    pub(super) fits: Fits,
    /// Where the values are not at fixed places but behind tags.
    pub(super) tagged: Option<Tagged>,
    #[serde(rename = "field")]
    pub(super) fields: Vec<Field>,
}

/// Whose telegrams.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meters {
    #[serde(deserialize_with = "maker")]
    pub(super) maker: Manufacturer,
    /// Version bytes; none means any (then the fixed bytes prove the layout).
    #[serde(default)]
    versions: Vec<u8>,
    /// Device type bytes; none means any.
    #[serde(default)]
    types: Vec<u8>,
    /// CI fields.
    ci: Vec<u8>,
    /// What is measured, where the device type is one of the maker's own.
    pub(super) medium: Option<u8>,
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

/// What must be true of the window.
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

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Form {
    /// Unsigned number, lowest byte first.
    Unsigned,
    /// Unsigned number, highest byte first.
    UnsignedBig,
    /// Two's complement, lowest byte first; the lowest number says that there is no value.
    Signed,
    /// Two digits a byte, lowest byte first; another digit says that there is no value.
    Bcd,
    /// Bytes as they are.
    Bytes,
    /// A date or time of EN 13757-3 (types F, G, I), by its length.
    Standard,
    /// Two bytes, lowest first: day in bits 0-4, month in 5-8, year in 9-15.
    Packed,
    /// Two bytes, lowest first: day in bits 4-8, month in 9-12. The year is that of the first such day after
    /// the packed date at `after_at`.
    DayAfter,
    /// Three bytes of two digits: day, month, year.
    Digits,
}

/// One value, or a row of values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) at: usize,
    pub(super) len: usize,
    pub(super) form: Form,
    /// `at` counts from the first byte behind this tag.
    pub(super) tag: Option<u8>,
    /// First bit and number of bits of each piece of the number, lowest piece first; none means all bits.
    #[serde(default)]
    pub(super) bits: Vec<[u32; 2]>,
    /// A second number of the same form; the value is the sum.
    pub(super) plus_at: Option<usize>,
    /// Where the date is after which a day without year comes.
    pub(super) after_at: Option<usize>,
    #[serde(deserialize_with = "quantity")]
    pub(super) quantity: QuantityKind,
    #[serde(default = "no_unit", deserialize_with = "unit")]
    pub(super) unit: Unit,
    /// Power of ten of the number in `unit`.
    #[serde(default)]
    pub(super) exponent: i8,
    /// 0 now, others are earlier moments.
    #[serde(default)]
    pub(super) storage: u64,
    /// What was used in a period, not what a register showed.
    #[serde(default)]
    pub(super) of_period: bool,
    /// Without a valid value here the layout does not fit.
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) repeat: Repeat,
}

/// The same field again and again.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repeat {
    /// How many there are.
    pub(super) count: u16,
    /// Bytes from one to the next; negative if the next lies before.
    pub(super) step: i16,
    /// Storage numbers from one to the next.
    pub(super) storage: u64,
}

impl Default for Repeat {
    fn default() -> Self {
        Self { count: 1, step: 0, storage: 0 }
    }
}

impl Layout {
    /// Reads a file.
    pub(super) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Whether the layout is written for such a meter.
    pub(super) fn is_for(&self, meter: MeterId, ci: u8) -> bool {
        let allows = |list: &[u8], byte: u8| list.is_empty() || list.contains(&byte);
        self.meters.maker == meter.manufacturer
            && allows(&self.meters.versions, meter.version)
            && allows(&self.meters.types, meter.medium.0)
            && self.meters.ci.contains(&ci)
    }

    /// What is measured, where the layout says it.
    pub(super) fn medium(&self) -> Option<Medium> {
        self.meters.medium.map(Medium)
    }
}

const fn no_unit() -> Unit {
    Unit::One
}

fn maker<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Manufacturer, D::Error> {
    Manufacturer::parse(&String::deserialize(deserializer)?).map_err(Error::custom)
}

fn quantity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<QuantityKind, D::Error> {
    let code = String::deserialize(deserializer)?;
    QuantityKind::from_code(&code).ok_or_else(|| Error::custom(format!("`{code}` is no quantity")))
}

fn unit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Unit, D::Error> {
    let code = String::deserialize(deserializer)?;
    Unit::from_code(&code).ok_or_else(|| Error::custom(format!("`{code}` is no unit")))
}
