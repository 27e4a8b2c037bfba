//! Lists of attribute descriptors without type tags, as Czech grid companies specified them: a structure of an
//! enum and an array, each element a structure of class, logical name and attribute (nine bare bytes) and the
//! value. No A-XDR, so it is read only where plain A-XDR was refused and a layout file knows the list.

use tidstro_model::Obis;

use super::item::{Item, LOGICAL_NAME};
use crate::{Data, axdr::Reader};

/// Structure of two, enum.
const HEAD: [u8; 3] = [0x02, 0x02, 0x16];
const ARRAY: u8 = 0x01;
/// Structure of two.
const ELEMENT: [u8; 2] = [0x02, 0x02];
/// Class, logical name, attribute.
const DESCRIPTOR_LEN: usize = 9;

/// The list as the data it stands for, and its items; `None` if it is not of this form to its last byte.
pub(super) fn read(apdu: &[u8], body: usize) -> Option<(Data, Vec<Item>)> {
    let rest = apdu.get(body..)?.strip_prefix(&HEAD)?;
    let [kind, ARRAY, count, ..] = *rest else { return None };
    let mut at = body + HEAD.len() + 3;
    let (mut elements, mut items) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let descriptor = apdu.get(at..)?.strip_prefix(&ELEMENT)?.get(..DESCRIPTOR_LEN)?;
        let [class_high, class_low, a, b, c, d, e, f, attribute] = *descriptor.first_chunk()?;
        let class = u16::from_be_bytes([class_high, class_low]);
        let (obis, attribute) = (Obis([a, b, c, d, e, f]), i8::from_be_bytes([attribute]));
        let offset = at + ELEMENT.len() + DESCRIPTOR_LEN;
        let mut reader = Reader::new(apdu, offset);
        let value = reader.one().ok()?;
        at = reader.at();
        elements.push(Data::Structure(vec![
            Data::LongUnsigned(class),
            Data::OctetString(obis.0.into()),
            Data::Integer(attribute),
            value.clone(),
        ]));
        if attribute != LOGICAL_NAME {
            items.push(Item { obis, class: Some(class), scale: None, value, offset });
        }
    }
    let data = Data::Structure(vec![Data::Enum(kind), Data::Array(elements)]);
    (at == apdu.len()).then_some((data, items))
}
