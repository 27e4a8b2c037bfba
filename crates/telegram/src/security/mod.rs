//! Verification and decryption.
//!
//! What comes in: a proven frame, its headers and the known keys. What goes out: the frame's bytes in the
//! clear and which of them are records. Authentication comes before decryption, and content whose check
//! fails never leaves. Keys are only borrowed, derived ones are wiped.

mod code;
mod derive;
pub(crate) mod ell;
mod mode10;
mod mode5;
mod mode7;
mod mode8;
mod mode9;
pub(crate) mod replay;

use std::{borrow::Cow, ops::Range};

use aes::{
    Aes128,
    cipher::{Array, BlockModeDecrypt, KeyIvInit},
};

use crate::{
    Announced, DecodeOptions, Key, KeySource, Refusal, Security,
    layers::{KeyChoice, Layers},
    link::Frame,
};

/// The two check bytes at the start of what modes 5 and 7 encrypt (idle fillers).
pub(crate) const CHECK: [u8; 2] = [0x2f, 0x2f];
/// Bytes of an AES block.
pub(crate) const BLOCK: usize = 16;

/// The frame in the clear.
#[derive(Debug)]
pub(crate) struct Content<'a> {
    /// The whole frame, its payload decrypted.
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Where the records are.
    pub(crate) records: Range<usize>,
    /// What was proved.
    pub(crate) security: Security,
}

/// Verifies and decrypts as the transport header says.
pub(crate) fn open<'a>(
    frame: Frame<'a>,
    layers: &Layers,
    keys: &impl KeySource,
    options: &DecodeOptions,
) -> Result<Content<'a>, Refusal> {
    let records = layers.payload..frame.content.end;
    let mode = layers.config.mode;
    let is_plain = || frame.bytes.get(records.clone()).is_some_and(|payload| payload.starts_with(&CHECK));
    let key = || required(keys, layers, layers.config.key);
    let whole = |bytes, security| Content { bytes, records: records.clone(), security };
    let part = |(bytes, records), security| Content { bytes, records, security };
    Ok(match mode {
        5 | 7 if options.assume_decrypted && is_plain() => whole(frame.bytes, assumed_decrypted(mode)),
        0 => without_mode(frame, layers, keys)?,
        5 if layers.config.encrypted_len == Some(0) => without_mode(frame, layers, keys)?,
        5 => {
            let is_authenticated = authenticate(&frame, layers, keys)?;
            let security = if is_authenticated { Security::Authenticated { mode } } else { Security::Mode5 };
            whole(mode5::open(frame, layers, key()?)?, security)
        }
        7 => whole(mode7::open(frame, layers, key()?)?, Security::Mode7),
        8 => part(mode8::open(frame, layers, key()?)?, Security::Mode8),
        9 => part(mode9::open(frame, layers, key()?)?, Security::Mode9),
        10 => part(mode10::open(frame, layers, key()?)?, Security::Mode10),
        13 => return Err(Refusal::SessionNeeded { meter: layers.meter, offset: layers.transport }),
        _ => return Err(not_yet(layers, mode_name(mode))),
    })
}

const fn assumed_decrypted(mode: u8) -> Security {
    Security::AssumedDecrypted { announced: Announced::Mode(mode) }
}

/// Nothing is encrypted; the authentication layer may carry a code all the same.
fn without_mode<'a>(
    frame: Frame<'a>,
    layers: &Layers,
    keys: &impl KeySource,
) -> Result<Content<'a>, Refusal> {
    let records = layers.payload..frame.content.end;
    let mode = layers.config.mode;
    let is_authenticated = authenticate(&frame, layers, keys)?;
    let security = if is_authenticated { Security::Authenticated { mode } } else { Security::Clear };
    Ok(Content { bytes: frame.bytes, records, security })
}

/// Verifies the code of a mode that needs none: a code that nobody checks must not look as if it had been. Only the
/// layer's own key information says which key it was made with.
fn authenticate(frame: &Frame<'_>, layers: &Layers, keys: &impl KeySource) -> Result<bool, Refusal> {
    let Some(afl) = layers.afl.as_ref().filter(|afl| afl.is_coded()) else { return Ok(false) };
    let choice = afl.key().ok_or_else(|| not_yet(layers, "with a code and without key information"))?;
    code::verify(frame, layers, afl, choice, required(keys, layers, choice)?)?;
    Ok(true)
}

fn required<'k>(
    keys: &'k impl KeySource,
    layers: &Layers,
    KeyChoice { id, .. }: KeyChoice,
) -> Result<&'k Key, Refusal> {
    let (meter, announced) = (layers.meter, Announced::Mode(layers.config.mode));
    keys.slot(&meter, id).ok_or(Refusal::KeyMissing { meter, announced })
}

fn not_yet(layers: &Layers, name: &'static str) -> Refusal {
    Refusal::ModeNotYet { meter: layers.meter, mode: layers.config.mode, name }
}

/// Names of EN 13757-7:2018 table 19.
const fn mode_name(mode: u8) -> &'static str {
    match mode {
        1 => "manufacturer-specific security",
        2 | 3 => "DES",
        4 => "AES-128-CBC with zero vector",
        15 => "manufacturer-specific security",
        _ => "reserved",
    }
}

/// Decrypts the announced bytes and proves their check bytes.
fn decrypt<'a>(
    mut frame: Frame<'a>,
    layers: &Layers,
    key: &[u8; 16],
    iv: &[u8; 16],
) -> Result<Cow<'a, [u8]>, Refusal> {
    let (meter, offset) = (layers.meter, layers.payload);
    let stated = layers.config.encrypted_len.unwrap_or_default();
    let got = frame.content.end.saturating_sub(offset);
    let refusal = Refusal::BlockCount { meter, offset, stated, got };
    if stated > got {
        return Err(refusal);
    }
    let encrypted = frame.bytes.to_mut().get_mut(offset..offset + stated).ok_or(refusal)?;
    let (blocks, _) = Array::slice_as_chunks_mut(encrypted);
    cbc::Decryptor::<Aes128>::new(key.into(), iv.into()).decrypt_blocks(blocks);
    if encrypted.starts_with(&CHECK) { Ok(frame.bytes) } else { Err(Refusal::WrongKey { meter, offset }) }
}
