//! The value tree and the items of a push in the words of the corpus.

use serde_json::{Value as Json, json};
use tidstro_dlms::{Data, Definition, Item, Push};

use super::{Check, to_hex};

/// The tree as the corpus writes it: `{"u16": 2307}`.
pub(super) fn of(data: &Data) -> Json {
    let elements = |elements: &[Data]| Json::from(elements.iter().map(of).collect::<Vec<_>>());
    match data {
        Data::Array(list) => json!({ "array": elements(list) }),
        Data::Structure(list) => json!({ "struct": elements(list) }),
        simple => json!({ kind(simple): value(simple) }),
    }
}

const fn kind(data: &Data) -> &'static str {
    match data {
        Data::OctetString(_) => "octets",
        Data::VisibleString(_) | Data::Utf8String(_) => "str",
        Data::DoubleLong(_) => "i32",
        Data::DoubleLongUnsigned(_) => "u32",
        Data::Integer(_) => "i8",
        Data::Long(_) => "i16",
        Data::Unsigned(_) => "u8",
        Data::LongUnsigned(_) => "u16",
        Data::Long64(_) => "i64",
        Data::Long64Unsigned(_) => "u64",
        Data::Enum(_) => "enum",
        Data::Boolean(_) => "bool",
        _ => "other",
    }
}

fn value(data: &Data) -> Json {
    match data {
        Data::OctetString(bytes) => Json::from(to_hex(bytes)),
        Data::Boolean(is_set) => Json::from(*is_set),
        Data::Long64Unsigned(number) => Json::from(*number),
        _ => data.text().map(Json::from).or_else(|| data.integer().map(Json::from)).unwrap_or(Json::Null),
    }
}

/// Every listed code with its value, scaler and unit.
pub(super) fn items(push: &Push, expected: &Json) -> Vec<Check> {
    let listed = expected.get("obis").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    listed.iter().map(|entry| item(push, entry)).collect()
}

fn item(push: &Push, entry: &Json) -> Check {
    if push.items.iter().any(|item| &written(item) == entry) {
        return Ok("as item");
    }
    // The published entries are neighbours in the tree. In a list that describes itself these are codes with
    // their attributes, and the list's own name with the first value.
    let definitions = definitions(&push.body);
    if definitions.iter().any(|definition| &described(definition) == entry) {
        return Ok("as description of an item");
    }
    if !definitions.is_empty() && neighbours(&push.body).any(|neighbours| &neighbours == entry) {
        return Ok("as neighbours in a list that describes itself");
    }
    Err(format!("item: expected {entry}, got none such"))
}

fn written(item: &Item) -> Json {
    let obis = item.obis.0;
    let mut entry = json!({ "obis": code(obis), "value": value(&item.value), "type": kind(&item.value) });
    if let (Some(scale), Some(fields)) = (item.scale, entry.as_object_mut()) {
        fields.insert("scaler".to_owned(), scale.scaler.into());
        fields.insert("unit".to_owned(), scale.unit.into());
    }
    entry
}

fn described(definition: &Definition) -> Json {
    json!({ "obis": code(definition.obis.0), "value": definition.attribute, "type": "i8" })
}

/// Each code of the list's own level with what follows it.
fn neighbours(data: &Data) -> impl Iterator<Item = Json> {
    data.elements().iter().zip(data.elements().iter().skip(1)).filter_map(|(first, second)| {
        let obis = code(first.octets()?.try_into().ok()?);
        Some(json!({ "obis": obis, "value": value(second), "type": kind(second) }))
    })
}

fn definitions(data: &Data) -> Vec<Definition> {
    let own = Definition::read(data).into_iter();
    own.chain(data.elements().iter().flat_map(definitions)).collect()
}

/// All six groups.
fn code([a, b, c, d, e, f]: [u8; 6]) -> String {
    format!("{a}-{b}:{c}.{d}.{e}.{f}")
}
