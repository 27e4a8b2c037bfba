//! GET and ACTION with logical names (IEC 62056-5-3 § 8.5): requests → bytes, bytes → answers.

use tidstro_model::Obis;

use super::ClientFault;
use tidstro_wire::Cursor;

use crate::{Data, DateTime, Definition};

const GET_REQUEST: u8 = 0xc0;
const ACTION_REQUEST: u8 = 0xc3;
pub(super) const GET_RESPONSE: u8 = 0xc4;
pub(super) const ACTION_RESPONSE: u8 = 0xc7;
const NORMAL: u8 = 1;
const NEXT: u8 = 2;
const WITH_BLOCK: u8 = 2;

/// Which attribute of which object to read, and which part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Get {
    /// Class of the object.
    pub class: u16,
    /// Its logical name.
    pub obis: Obis,
    /// The attribute.
    pub attribute: i8,
    /// Which rows of a profile; `None` all.
    pub selection: Option<Selection>,
}

/// Which rows of a profile (IEC 62056-6-2 § 4.3.6.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// Rows captured from one clock time to another, both included, all columns.
    Range {
        /// The first.
        from: DateTime,
        /// The last.
        to: DateTime,
    },
    /// Rows by their number from 1, both included; `to` 0 is the last one.
    Entries {
        /// The first.
        from: u32,
        /// The last.
        to: u32,
    },
}

/// Which method of which object to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Class of the object.
    pub class: u16,
    /// Its logical name.
    pub obis: Obis,
    /// The method.
    pub method: i8,
    /// Its parameter.
    pub parameter: Option<Data>,
}

impl Get {
    pub(super) fn bytes(&self, invoke: u8) -> Vec<u8> {
        let mut bytes = vec![GET_REQUEST, NORMAL, invoke];
        descriptor(self.class, self.obis, self.attribute, &mut bytes);
        match &self.selection {
            None => bytes.push(0),
            Some(selection) => {
                let (selector, parameter) = selection.access();
                bytes.extend([1, selector]);
                bytes.extend(parameter.to_bytes());
            }
        }
        bytes
    }
}

impl Selection {
    /// Selector and its parameter.
    fn access(self) -> (u8, Data) {
        match self {
            Self::Range { from, to } => {
                let clock =
                    Definition { class: 8, obis: Obis([0, 0, 1, 0, 0, 255]), attribute: 2, data_index: 0 };
                let time = |moment: DateTime| Data::OctetString((*moment.bytes()).into());
                // No columns named: all of them.
                (1, Data::Structure(vec![clock.data(), time(from), time(to), Data::Array(vec![])]))
            }
            Self::Entries { from, to } => {
                let numbers = [Data::DoubleLongUnsigned(from), Data::DoubleLongUnsigned(to)];
                let columns = [Data::LongUnsigned(1), Data::LongUnsigned(0)];
                (2, Data::Structure(numbers.into_iter().chain(columns).collect()))
            }
        }
    }
}

impl Action {
    pub(super) fn bytes(&self, invoke: u8) -> Vec<u8> {
        let mut bytes = vec![ACTION_REQUEST, NORMAL, invoke];
        descriptor(self.class, self.obis, self.method, &mut bytes);
        match &self.parameter {
            None => bytes.push(0),
            Some(parameter) => {
                bytes.push(1);
                bytes.extend(parameter.to_bytes());
            }
        }
        bytes
    }
}

fn descriptor(class: u16, obis: Obis, number: i8, bytes: &mut Vec<u8>) {
    bytes.extend(class.to_be_bytes());
    bytes.extend(obis.0);
    bytes.extend(number.to_be_bytes());
}

/// The request for the block after `block`.
pub(super) fn next_block(invoke: u8, block: u32) -> Vec<u8> {
    let [a, b, c, d] = block.to_be_bytes();
    vec![GET_REQUEST, NEXT, invoke, a, b, c, d]
}

/// What a get-response brought.
#[derive(Debug, Clone, Copy)]
pub(super) enum Got<'a> {
    Value(&'a [u8]),
    Block { is_last: bool, number: u32, part: &'a [u8] },
}

/// The invoke id and the content of a get-response.
pub(super) fn get_response(apdu: &[u8]) -> Result<(u8, Got<'_>), ClientFault> {
    let cut = ClientFault::Cut { part: "get-response" };
    let mut cursor = Cursor::new(apdu, 1);
    let [kind, invoke] = cursor.array().ok_or(cut)?;
    if kind == NORMAL {
        accepted(&mut cursor, cut)?;
        return Ok((invoke, Got::Value(cursor.rest())));
    }
    if kind != WITH_BLOCK {
        return Err(ClientFault::Unexpected { tag: GET_RESPONSE });
    }
    let is_last = cursor.byte().ok_or(cut)? != 0;
    let number = cursor.u32().ok_or(cut)?;
    accepted(&mut cursor, cut)?;
    let part = cursor.counted().ok_or(cut)?;
    Ok((invoke, Got::Block { is_last, number, part }))
}

/// Choice 0 is data, choice 1 a data access result.
fn accepted(cursor: &mut Cursor<'_>, cut: ClientFault) -> Result<(), ClientFault> {
    match cursor.byte().ok_or(cut)? {
        0 => Ok(()),
        _ => Err(ClientFault::Access { result: cursor.byte().ok_or(cut)? }),
    }
}

/// The invoke id and the value an action gave back.
pub(super) fn action_response(apdu: &[u8]) -> Result<(u8, Option<Data>), ClientFault> {
    let cut = ClientFault::Cut { part: "action-response" };
    let mut cursor = Cursor::new(apdu, 1);
    let [kind, invoke, result] = cursor.array().ok_or(cut)?;
    match (kind, result) {
        (NORMAL, 0) => {}
        (NORMAL, result) => return Err(ClientFault::Action { result }),
        _ => return Err(ClientFault::Unexpected { tag: ACTION_RESPONSE }),
    }
    match cursor.byte() {
        None | Some(0) => Ok((invoke, None)),
        Some(_) => {
            accepted(&mut cursor, cut)?;
            Ok((invoke, Some(Data::read(cursor.rest())?)))
        }
    }
}

/// The length of a value that came in blocks, at most: 16 MiB are a year of quarters with a hundred columns.
pub(super) const VALUE_MAX: usize = 16 << 20;

/// Adds what came to the value; says whether that was the last of it.
pub(super) fn add(got: Got<'_>, next: u32, value: &mut Vec<u8>) -> Result<bool, ClientFault> {
    match got {
        Got::Value(_) if next > 1 => Err(ClientFault::Unexpected { tag: GET_RESPONSE }),
        Got::Value(whole) => {
            value.extend_from_slice(whole);
            Ok(true)
        }
        Got::Block { number, .. } if number != next => {
            Err(ClientFault::Block { expected: next, got: number })
        }
        Got::Block { part, .. } if value.len() + part.len() > VALUE_MAX => {
            Err(ClientFault::TooLong { limit: VALUE_MAX })
        }
        Got::Block { is_last, part, .. } => {
            value.extend_from_slice(part);
            Ok(is_last)
        }
    }
}
