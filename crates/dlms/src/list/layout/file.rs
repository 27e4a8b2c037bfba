//! What a layout file says.

use serde::{Deserialize, Deserializer, de::Error};
use tidstro_model::{Obis, Unit};

use super::agree::Agrees;
use crate::{Data, Item};

/// One layout file.
#[derive(Debug, Deserialize)]
pub(crate) struct Layout {
    /// Its name in answers.
    pub(crate) name: String,
    pub(super) fits: Fits,
    #[serde(rename = "value")]
    pub(super) values: Vec<Value>,
}

/// Which lists the layout is written for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fits {
    pub(super) form: Form,
    /// Types of all values in their order, such as `octet-string*3 double-long-unsigned*10`.
    #[serde(default, deserialize_with = "types")]
    types: Option<Vec<String>>,
    /// Codes of all items in their order.
    #[serde(default, deserialize_with = "codes")]
    codes: Option<Vec<Obis>>,
    /// Texts that name the list.
    #[serde(default)]
    pub(super) texts: Vec<Text>,
    /// The maker's letters in the system title; then only protected lists fit.
    pub(super) maker: Option<String>,
    /// What must agree with the scales of the layout.
    pub(super) agrees: Option<Agrees>,
    /// Whether the notification's time has a tag of its own.
    pub(super) tagged_moment: Option<bool>,
}

/// How a list is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Form {
    /// A structure of bare values.
    Values,
    /// Items with codes, without units.
    Codes,
    /// Untagged descriptors and values.
    Descriptors,
}

/// A text at a place, or of an item.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    pub(super) at: Option<usize>,
    #[serde(default, deserialize_with = "code")]
    pub(super) code: Option<Obis>,
    /// One of them begins the text.
    pub(super) begins: Vec<String>,
}

/// One value: where it is in a list of bare values, what it is, and its unit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Value {
    pub(super) at: Option<usize>,
    #[serde(deserialize_with = "obis")]
    pub(super) obis: Obis,
    #[serde(default, deserialize_with = "unit")]
    pub(super) unit: Option<Unit>,
    /// Power of ten of the number in `unit`.
    #[serde(default)]
    pub(super) exponent: i8,
}

impl Layout {
    /// Reads a file.
    pub(super) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

impl Fits {
    /// Whether the values are as many and of the types the layout says.
    pub(super) fn has_types(&self, values: &[Data]) -> bool {
        let own = values.iter().map(type_name);
        self.types.as_ref().is_some_and(|types| own.eq(types.iter().map(String::as_str)))
    }

    /// Whether the items are those the layout says; a layout that says none fits any.
    pub(super) fn has_codes(&self, items: &[Item]) -> bool {
        let own = items.iter().map(|item| item.obis);
        self.codes.as_ref().is_none_or(|codes| own.eq(codes.iter().copied()))
    }
}

/// The name of IEC 62056-6-2 table 2.
const fn type_name(data: &Data) -> &'static str {
    match data {
        Data::OctetString(_) => "octet-string",
        Data::VisibleString(_) => "visible-string",
        Data::DoubleLongUnsigned(_) => "double-long-unsigned",
        Data::LongUnsigned(_) => "long-unsigned",
        Data::Unsigned(_) => "unsigned",
        Data::DoubleLong(_) => "double-long",
        Data::Long(_) => "long",
        Data::Integer(_) => "integer",
        Data::Boolean(_) => "boolean",
        Data::Enum(_) => "enum",
        _ => "other",
    }
}

fn types<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let mut types = Vec::new();
    for word in text.split_whitespace() {
        let (name, count) = word.split_once('*').unwrap_or((word, "1"));
        let count: usize = count.parse().map_err(|_| Error::custom(format!("`{word}` has no number")))?;
        types.extend(std::iter::repeat_n(name.to_owned(), count));
    }
    Ok(Some(types))
}

/// A code, or why the text is none.
pub(super) fn parsed<E: Error>(text: &str) -> Result<Obis, E> {
    Obis::parse(text).map_err(|fault| E::custom(format!("`{text}` {fault}")))
}

fn obis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Obis, D::Error> {
    parsed(&String::deserialize(deserializer)?)
}

/// A list of codes.
pub(super) fn obis_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Obis>, D::Error> {
    Vec::<String>::deserialize(deserializer)?.iter().map(|text| parsed(text)).collect()
}

fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Obis>, D::Error> {
    obis(deserializer).map(Some)
}

fn codes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Obis>>, D::Error> {
    obis_list(deserializer).map(Some)
}

fn unit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Unit>, D::Error> {
    let code = String::deserialize(deserializer)?;
    Unit::from_code(&code).map(Some).ok_or_else(|| Error::custom(format!("`{code}` is no unit")))
}
