//! Security mode 8: AES-128-CTR with a CMAC (EN 13757-7:2018 § 9.4.6).
//!
//! What comes in: a message. What goes out: its content, after its first code was verified in constant time.
//!
//! No telegram of this mode was found published, and of its description only this: two codes stand behind the content,
//! four bytes for who reads the meter and two for the gateway, with a transmission time of two bytes between them or
//! not (CEN/TR 17167:2018 annex F.4). The rest is concluded from its siblings: header as in mode 7, counter block as in
//! mode 9, the first code over that block, the transport header and the encrypted content. A telegram that is made otherwise does
//! not pass the code, and is refused as [`Refusal::TagUnproven`]; none can pass it by chance more than once in
//! 2,000,000,000 times. The gateway's code is not verified: its key is not the reader's.

use std::{borrow::Cow, ops::Range};

use aes::{
    Aes128,
    cipher::{KeyIvInit, StreamCipher},
};
use cmac::{Cmac, KeyInit, Mac};
use subtle::ConstantTimeEq;

use super::{
    code::{lacks, nonce_of, unproven},
    derive::{Use, counter, message_key},
};
use crate::{Key, Refusal, layers::Layers, link::Frame};

/// The reader's code.
const CODE: usize = 4;
/// The gateway's code, and a transmission time before it.
const TAILS: [usize; 2] = [2, 4];

/// Verifies the code, then decrypts. The range is that of the records.
pub(super) fn open<'a>(
    mut frame: Frame<'a>,
    layers: &Layers,
    key: &Key,
) -> Result<(Cow<'a, [u8]>, Range<usize>), Refusal> {
    let choice = layers.config.key;
    let code_key = message_key(key, choice, layers, Use::Authentication)?;
    let ends = TAILS.map(|tail| frame.content.end.checked_sub(tail + CODE));
    let mut ends = ends.into_iter().flatten().filter(|end| *end >= layers.payload).peekable();
    if ends.peek().is_none() {
        return Err(lacks(layers, "authentication code"));
    }
    let first = counter_block(layers)?;
    let is_right = |end: &usize| fits(&frame.bytes, layers, *end, (&first, &code_key));
    let end = ends.find(is_right).ok_or_else(|| unproven(layers))?;
    let records = layers.payload..end;
    let encryption_key = message_key(key, choice, layers, Use::Encryption)?;
    if let Some(content) = frame.bytes.to_mut().get_mut(records.clone()) {
        ctr::Ctr32BE::<Aes128>::new((&*encryption_key).into(), &first.into()).apply_keystream(content);
    }
    Ok((frame.bytes, records))
}

/// Whether the four bytes from `end` on are the code of the counter block and of what stands between them and the
/// transport layer's CI.
fn fits(bytes: &[u8], layers: &Layers, end: usize, (first, key): (&[u8; 16], &[u8; 16])) -> bool {
    let covered = bytes.get(layers.transport..end).unwrap_or_default();
    let stated = bytes.get(end..end + CODE).unwrap_or_default();
    let mac =
        Cmac::<Aes128>::new(key.into()).chain_update(first).chain_update(covered).finalize().into_bytes();
    mac.get(..CODE).is_some_and(|given| bool::from(given.ct_eq(stated)))
}

/// The nonce of mode 9 and a block counter from 0.
fn counter_block(layers: &Layers) -> Result<[u8; 16], Refusal> {
    let mut block = [0; 16];
    let nonce = nonce_of(layers, counter(layers)?);
    block.iter_mut().zip(nonce).for_each(|(byte, field)| *byte = field);
    Ok(block)
}
