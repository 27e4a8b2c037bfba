//! Values with their OBIS codes, wherever a list has put them.
//!
//! What comes in: the value tree of a push. What goes out: items in its order. Three habits of lists are
//! known, and all are told by types alone: a code followed by its value (and perhaps by scaler and unit), flat
//! or in structures of their own; and a list that first describes its values (push object list, IEC 62056-6-2
//! § 4.4.8.2.2) and then says them.

use tidstro_model::Obis;

use crate::{Data, axdr::Tree};

/// Scaler and unit of a register, as it states them (IEC 62056-6-2 § 4.3.2.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Power of ten.
    pub scaler: i8,
    /// Code of the unit (IEC 62056-6-2 table 4).
    pub unit: u8,
}

/// One value with its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub obis: Obis,
    /// Class of the object, where the list says it.
    pub class: Option<u16>,
    /// Scaler and unit, where the list says them.
    pub scale: Option<Scale>,
    /// The value as sent.
    pub value: Data,
    /// Offset of the value's tag in the decrypted APDU.
    pub offset: usize,
}

/// The attribute that names the object and says nothing of it.
pub(super) const LOGICAL_NAME: i8 = 1;
/// The highest group A there is: a medium (IEC 62056-6-1 table 2).
const MEDIA_MAX: u8 = 15;

/// Every item of the tree.
pub(super) fn items(tree: &Tree) -> Vec<Item> {
    let mut found = Vec::new();
    let walk = Walk { offsets: &tree.offsets };
    walk.collect(Place { data: &tree.data, index: 0 }, &mut found);
    found
}

/// A value and its number in the tree, parents before their elements.
#[derive(Clone, Copy)]
struct Place<'a> {
    data: &'a Data,
    index: usize,
}

impl<'a> Place<'a> {
    fn elements(self) -> Vec<Place<'a>> {
        let mut next = self.index + 1;
        let place = |data: &'a Data| {
            let place = Place { data, index: next };
            next += data.count();
            place
        };
        self.data.elements().iter().map(place).collect()
    }
}

struct Walk<'a> {
    offsets: &'a [usize],
}

impl Walk<'_> {
    fn collect(&self, place: Place<'_>, found: &mut Vec<Item>) {
        let elements = place.elements();
        if let Some(definitions) = described(&elements) {
            return self.described(&definitions, &elements, found);
        }
        let mut rest = elements.as_slice();
        while let [first, after @ ..] = rest {
            rest = match (code(first.data), after) {
                (Some(obis), [value, after @ ..]) if value.data.elements().is_empty() => {
                    let scale = after.first().and_then(|place| scale(place.data));
                    found.push(self.item(obis, None, scale, *value));
                    after.get(usize::from(scale.is_some())..).unwrap_or_default()
                }
                _ => {
                    self.collect(*first, found);
                    after
                }
            };
        }
    }

    fn item(&self, obis: Obis, class: Option<u16>, scale: Option<Scale>, value: Place<'_>) -> Item {
        let offset = self.offsets.get(value.index).copied().unwrap_or_default();
        Item { obis, class, scale, value: value.data.clone(), offset }
    }

    /// Values that definitions describe, in their order; the first may be the list of definitions itself. A
    /// register's scaler and unit may be among them, as an attribute of their own.
    fn described(&self, definitions: &[Definition], elements: &[Place<'_>], found: &mut Vec<Item>) {
        let itself = usize::from(definitions.len() == elements.len());
        let values = elements.get(elements.len().saturating_sub(definitions.len())..).unwrap_or_default();
        let described: Vec<_> = definitions.iter().zip(values.iter().copied()).skip(itself).collect();
        let scales: Vec<_> = described
            .iter()
            .filter(|(definition, _)| definition.scale_attribute() == Some(definition.attribute))
            .filter_map(|(definition, value)| Some((definition.obis, scale(value.data)?)))
            .collect();
        for (definition, value) in described {
            if value.data.elements().is_empty() && definition.attribute != LOGICAL_NAME {
                let scale = scales.iter().find(|(obis, _)| *obis == definition.obis).map(|(_, scale)| *scale);
                found.push(self.item(definition.obis, Some(definition.class), scale, value));
            } else if scale(value.data).is_none() {
                self.collect(value, found);
            }
        }
    }
}

/// An object and its attribute (capture object, push object).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Class of the object.
    pub class: u16,
    /// Its logical name.
    pub obis: Obis,
    /// The attribute.
    pub attribute: i8,
    /// Which part of the attribute; 0 all of it.
    pub data_index: u16,
}

impl Definition {
    /// A structure of class, logical name, attribute and data index.
    #[must_use]
    pub fn read(data: &Data) -> Option<Self> {
        let Data::Structure(elements) = data else { return None };
        // Newer editions add a restriction, and columns, to a push object.
        let [Data::LongUnsigned(class), name, Data::Integer(attribute), Data::LongUnsigned(data_index), ..] =
            elements.as_slice()
        else {
            return None;
        };
        let obis = Obis(name.octets()?.try_into().ok()?);
        Some(Self { class: *class, obis, attribute: *attribute, data_index: *data_index })
    }

    /// An array of such structures: the capture objects of a profile (attribute 3).
    #[must_use]
    pub fn list(data: &Data) -> Option<Vec<Self>> {
        let Data::Array(elements) = data else { return None };
        elements.iter().map(Self::read).collect()
    }

    /// The attribute with scaler and unit, if an object of this class has one (IEC 62056-6-2 § 4.3.2 to 4.3.4).
    #[must_use]
    pub const fn scale_attribute(&self) -> Option<i8> {
        match self.class {
            // Register, extended register.
            3 | 4 => Some(3),
            // Demand register.
            5 => Some(4),
            _ => None,
        }
    }

    /// The structure [`Self::read`] reads.
    #[must_use]
    pub fn data(&self) -> Data {
        Data::Structure(vec![
            Data::LongUnsigned(self.class),
            Data::OctetString(self.obis.0.into()),
            Data::Integer(self.attribute),
            Data::LongUnsigned(self.data_index),
        ])
    }
}

/// The definitions at the head of a list, if there is one for every value (itself counted or not).
fn described(elements: &[Place<'_>]) -> Option<Vec<Definition>> {
    let Data::Array(head) = elements.first()?.data else { return None };
    let definitions: Vec<_> = head.iter().map(Definition::read).collect::<Option<_>>()?;
    let fits = !definitions.is_empty() && [0, 1].contains(&elements.len().checked_sub(definitions.len())?);
    fits.then_some(definitions)
}

/// Six bytes that can be a logical name: group A is a medium.
fn code(data: &Data) -> Option<Obis> {
    let code: [u8; 6] = data.octets()?.try_into().ok()?;
    let [medium, ..] = code;
    (medium <= MEDIA_MAX).then_some(Obis(code))
}

fn scale(data: &Data) -> Option<Scale> {
    match data {
        Data::Structure(elements) => match elements.as_slice() {
            [Data::Integer(scaler), Data::Enum(unit)] => Some(Scale { scaler: *scaler, unit: *unit }),
            _ => None,
        },
        _ => None,
    }
}

impl Scale {
    /// A structure of scaler and unit.
    #[must_use]
    pub fn read(data: &Data) -> Option<Self> {
        scale(data)
    }
}
