//! What a file holds.
//!
//! What comes in: TOML text. What goes out: a [`File`], or the fault with its line. Every field is checked; a name
//! nobody knows is a fault, too.

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny},
};
use tidstro_model::{Manufacturer, MeterId, QuantityKind, Unit};

use crate::apdu::dib::Dib;

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(rename = "name")]
    _name: IgnoredAny,
    pub(super) meters: Meters,
    /// Whole records.
    #[serde(default, rename = "record")]
    pub(super) records: Vec<Record>,
    /// VIFEs behind FF, in records of any quantity.
    #[serde(default, rename = "refinement")]
    pub(super) refinements: Vec<Refinement>,
    /// Tariff numbers that are none.
    #[serde(default, rename = "tariff")]
    pub(super) tariffs: Vec<Tariff>,
    /// For the test.
    #[serde(rename = "sample")]
    _sample: IgnoredAny,
}

/// Of which meters a file speaks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meters {
    #[serde(deserialize_with = "maker")]
    pub(super) maker: Manufacturer,
    /// None means all.
    #[serde(default)]
    versions: Vec<u8>,
    /// Device types; none means all.
    #[serde(default)]
    types: Vec<u8>,
}

/// What a maker means by one value information.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    /// VIF and VIFEs as sent, in hex.
    #[serde(deserialize_with = "hex")]
    vib: Vec<u8>,
    /// Only in records of this subunit, which then is the device itself.
    pub(super) subunit: Option<u16>,
    #[serde(deserialize_with = "quantity")]
    pub(super) quantity: QuantityKind,
    #[serde(default = "no_unit", deserialize_with = "unit")]
    pub(super) unit: Unit,
    /// Power of ten of the number in `unit`.
    #[serde(default)]
    pub(super) exponent: i8,
    /// In the place of the VIFEs; without them those sent stay.
    pub(super) modifiers: Option<Vec<u16>>,
}

/// A VIFE of the maker's own, as its modifier, and the one of the standard that means the same, if there is one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refinement {
    pub(super) code: u16,
    pub(super) modifier: Option<u16>,
}

/// A tariff number that is something else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tariff {
    pub(super) number: u32,
    pub(super) becomes: u32,
    pub(super) modifier: Option<u16>,
}

impl File {
    /// Reads a file.
    pub(super) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

impl Meters {
    /// Whether the file speaks of this meter.
    pub(super) fn is(&self, meter: MeterId) -> bool {
        let allows = |list: &[u8], byte: u8| list.is_empty() || list.contains(&byte);
        self.maker == meter.manufacturer
            && allows(&self.versions, meter.version)
            && allows(&self.types, meter.medium.0)
    }
}

impl Record {
    /// Whether a record is this one.
    pub(super) fn is(&self, sent: &[u8], dib: &Dib) -> bool {
        self.vib == sent && self.subunit.is_none_or(|subunit| subunit == dib.subunit)
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

fn hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = text.split(' ').map(|byte| u8::from_str_radix(byte, 16));
    bytes.collect::<Result<_, _>>().map_err(|_| Error::custom(format!("`{text}` is no bytes in hex")))
}
