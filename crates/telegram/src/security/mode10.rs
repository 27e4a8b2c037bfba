//! Security mode 10: AES-128-CCM (EN 13757-7:2018 § 9.4.8, security profile D of OMS).
//!
//! What comes in: a message with a tag behind its content. What goes out: its content, after the tag was verified in
//! constant time.
//!
//! Nonce, derived key, covered bytes and the tag of 8 bytes were found right on two telegrams of a water meter that its
//! owner published with the key. Tags of 4, 12 and 16 bytes, long headers and a counter in the authentication layer are
//! read by the same rule and were seen nowhere. A payload of which a part stays clear is refused: nothing says whether
//! the tag covers that part.

use std::{borrow::Cow, ops::Range};

use aes::Aes128;
use ccm::{
    Ccm, KeyInit, TagSize,
    aead::{
        AeadInOut,
        array::ArraySize,
        consts::{U4, U8, U12, U13, U16},
    },
};

use super::{
    code::lacks,
    derive::{Use, counter, message_key},
    not_yet,
};
use crate::{Key, Refusal, layers::Layers, link::Frame};

/// Verifies and decrypts. The range is that of the records.
pub(super) fn open<'a>(
    mut frame: Frame<'a>,
    layers: &Layers,
    key: &Key,
) -> Result<(Cow<'a, [u8]>, Range<usize>), Refusal> {
    let config = layers.config;
    let tag_len = config.tag_len.ok_or_else(|| not_yet(layers, "AES-128-CCM with a reserved tag"))?;
    let end = frame.content.end.checked_sub(tag_len).filter(|end| *end >= layers.payload);
    let records = layers.payload..end.ok_or_else(|| lacks(layers, "authentication tag"))?;
    if config.encrypted_len.is_some_and(|stated| stated != records.len()) {
        return Err(not_yet(layers, "AES-128-CCM of a part of the payload"));
    }
    let key = message_key(key, config.key, layers, Use::Encryption)?;
    let nonce = nonce(layers, counter(layers)?);
    let (content, tag) = frame.bytes.to_mut().split_at_mut(records.end);
    let (header, content) = content.split_at_mut(records.start);
    let covered = header.get(layers.transport..config.covered_end).unwrap_or_default();
    let message = Message { key: &key, nonce: &nonce, covered, content, tag };
    let is_right = match tag_len {
        4 => message.opens::<U4>(),
        8 => message.opens::<U8>(),
        12 => message.opens::<U12>(),
        _ => message.opens::<U16>(),
    };
    if is_right { Ok((frame.bytes, records)) } else { Err(Refusal::Mac { meter: layers.meter }) }
}

/// Address of the meter, a zero, and the message counter, high byte first.
fn nonce(layers: &Layers, counter: u32) -> [u8; 13] {
    let mut nonce = [0; 13];
    let fields = layers.address.into_iter().chain([0]).chain(counter.to_be_bytes());
    nonce.iter_mut().zip(fields).for_each(|(byte, field)| *byte = field);
    nonce
}

struct Message<'m> {
    key: &'m [u8; 16],
    nonce: &'m [u8; 13],
    covered: &'m [u8],
    content: &'m mut [u8],
    tag: &'m [u8],
}

impl Message<'_> {
    /// Decrypts the content in place if the tag fits it.
    fn opens<T: TagSize + ArraySize>(self) -> bool {
        let Some(tag) = self.tag.get(..T::USIZE).and_then(|tag| tag.try_into().ok()) else { return false };
        Ccm::<Aes128, T, U13>::new(self.key.into())
            .decrypt_inout_detached(self.nonce.into(), self.covered, self.content.into(), tag)
            .is_ok()
    }
}
