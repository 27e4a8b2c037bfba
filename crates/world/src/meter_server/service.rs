//! GET and ACTION as the meter answers them (IEC 62056-5-3 § 8.5).

use jiff::Timestamp;

use super::contents::{Asked, value};
use super::plan::MeterPlan;
use super::value::{Reader, Value, length};

const GET_RESPONSE: u8 = 0xc4;
const ACTION_RESPONSE: u8 = 0xc7;
/// Exception-response: service not supported.
pub(super) const UNSUPPORTED: [u8; 3] = [0xd8, 1, 2];
/// No such block is under way.
const NO_LONG_GET: u8 = 16;
/// Bytes of a get-response beside its block, ciphered.
const AROUND: usize = 48;

/// A long answer that is under way.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    rest: Vec<u8>,
    pub(super) number: u32,
}

/// What a request asks for.
pub(super) enum Request<'a> {
    Get {
        invoke: u8,
        content: &'a [u8],
    },
    Next {
        invoke: u8,
        block: u32,
    },
    /// A method of an object, with the parameter behind it.
    Call {
        invoke: u8,
        class: u16,
        name: [u8; 6],
        method: u8,
        parameter: &'a [u8],
    },
    Other,
}

impl<'a> Request<'a> {
    pub(super) fn read(apdu: &'a [u8]) -> Self {
        match apdu {
            [0xc0, 1, invoke, content @ ..] => Self::Get { invoke: *invoke, content },
            [0xc0, 2, invoke, a, b, c, d] => {
                Self::Next { invoke: *invoke, block: u32::from_be_bytes([*a, *b, *c, *d]) }
            }
            [0xc3, 1, invoke, content @ ..] => Self::call(*invoke, content).unwrap_or(Self::Other),
            _ => Self::Other,
        }
    }

    fn call(invoke: u8, content: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(content);
        let class = u16::from_be_bytes(reader.array()?);
        let (name, method, _) = (reader.array()?, reader.byte()?, reader.byte()?);
        Some(Self::Call { invoke, class, name, method, parameter: reader.0 })
    }
}

/// The value of an attribute, whole or as a first block.
pub(super) fn get(
    plan: &MeterPlan,
    invoke: u8,
    content: &[u8],
    blocks: &mut Blocks,
    now: Timestamp,
) -> Vec<u8> {
    match asked(plan, content, now) {
        None => UNSUPPORTED.to_vec(),
        Some(Err(result)) => vec![GET_RESPONSE, 1, invoke, 1, result],
        Some(Ok(value)) => {
            let mut bytes = Vec::new();
            value.write(&mut bytes);
            if bytes.len() + AROUND <= plan.pdu_max {
                return [&[GET_RESPONSE, 1, invoke, 0][..], &bytes].concat();
            }
            *blocks = Blocks { rest: bytes, number: 0 };
            block(plan, invoke, blocks)
        }
    }
}

fn asked(plan: &MeterPlan, content: &[u8], now: Timestamp) -> Option<Result<Value, u8>> {
    let mut reader = Reader(content);
    let class = u16::from_be_bytes(reader.array()?);
    let (name, attribute) = (reader.array()?, reader.byte()?);
    let selection = match reader.byte() {
        Some(1) => Some((reader.byte()?, Value::read(&mut reader, 8)?)),
        _ => None,
    };
    let selection = selection.as_ref().map(|(selector, parameter)| (*selector, parameter));
    Some(value(plan, &Asked { class, name, attribute, selection }, now))
}

/// The block after the one the client has.
pub(super) fn next(plan: &MeterPlan, invoke: u8, has: u32, blocks: &mut Blocks) -> Vec<u8> {
    if has == blocks.number && !blocks.rest.is_empty() {
        return block(plan, invoke, blocks);
    }
    vec![GET_RESPONSE, 1, invoke, 1, NO_LONG_GET]
}

fn block(plan: &MeterPlan, invoke: u8, blocks: &mut Blocks) -> Vec<u8> {
    let size = plan.pdu_max.saturating_sub(AROUND).max(1);
    let rest = blocks.rest.split_off(blocks.rest.len().min(size));
    let part = std::mem::replace(&mut blocks.rest, rest);
    blocks.number += 1;
    let is_last = u8::from(blocks.rest.is_empty());
    let mut bytes = vec![GET_RESPONSE, 2, invoke, is_last];
    bytes.extend(blocks.number.to_be_bytes());
    bytes.push(0);
    length(part.len(), &mut bytes);
    bytes.extend(part);
    bytes
}

/// What a method gave back: octets, or a refusal.
pub(super) fn called(invoke: u8, gave: Option<Vec<u8>>) -> Vec<u8> {
    let Some(octets) = gave else { return vec![ACTION_RESPONSE, 1, invoke, 3, 0] };
    let mut bytes = vec![ACTION_RESPONSE, 1, invoke, 0, 1, 0];
    Value::Octets(octets).write(&mut bytes);
    bytes
}
