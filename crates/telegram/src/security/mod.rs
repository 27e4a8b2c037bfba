//! Verification and decryption.
//!
//! What comes in: a proven frame, its headers and the known keys. What goes out: the frame's bytes in the
//! clear and which of them are records. Authentication comes before decryption, and content whose check
//! fails never leaves. Keys are only borrowed, derived ones are wiped.

pub(crate) mod ell;
mod mode5;
mod mode7;

use std::{borrow::Cow, ops::Range};

use aes::{
    Aes128,
    cipher::{Array, BlockModeDecrypt, KeyIvInit},
};

use crate::{Announced, DecodeOptions, Key, KeySource, Refusal, Security, layers::Layers, link::Frame};

/// The two check bytes at the start of what was encrypted (idle fillers).
pub(crate) const CHECK: [u8; 2] = [0x2f, 0x2f];

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
    let is_plain = frame.bytes.get(records.clone()).is_some_and(|payload| payload.starts_with(&CHECK));
    let (bytes, security) = match mode {
        0 => clear(frame, layers)?,
        5 | 7 if options.assume_decrypted && is_plain => (frame.bytes, assumed_decrypted(mode)),
        5 if layers.config.encrypted_len == 0 => clear(frame, layers)?,
        5 => (mode5::open(frame, layers, required(keys, layers)?)?, Security::Mode5),
        7 => (mode7::open(frame, layers, required(keys, layers)?)?, Security::Mode7),
        _ => return Err(not_yet(layers, mode_name(mode))),
    };
    Ok(Content { bytes, records, security })
}

const fn assumed_decrypted(mode: u8) -> Security {
    Security::AssumedDecrypted { announced: Announced::Mode(mode) }
}

/// Nothing is encrypted. A message that carries an authentication code all the same must not pass unverified.
fn clear<'a>(frame: Frame<'a>, layers: &Layers) -> Result<(Cow<'a, [u8]>, Security), Refusal> {
    match &layers.afl {
        Some(afl) if afl.authentication() != 0 => Err(not_yet(layers, "with authentication layer")),
        _ => Ok((frame.bytes, Security::Clear)),
    }
}

fn required<'k>(keys: &'k impl KeySource, layers: &Layers) -> Result<&'k Key, Refusal> {
    let (meter, announced) = (layers.meter, Announced::Mode(layers.config.mode));
    keys.key(&meter).ok_or(Refusal::KeyMissing { meter, announced })
}

fn not_yet(layers: &Layers, name: &'static str) -> Refusal {
    Refusal::ModeNotYet { meter: layers.meter, mode: layers.config.mode, name }
}

/// Names of EN 13757-7:2018 table 26.
const fn mode_name(mode: u8) -> &'static str {
    match mode {
        1 => "manufacturer-specific security",
        2 | 3 => "DES",
        4 => "AES-128-CBC with zero vector",
        8 => "AES-128-CTR with CMAC",
        9 => "AES-128-GCM",
        10 => "AES-128-CCM",
        13 => "TLS",
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
    let (meter, offset, stated) = (layers.meter, layers.payload, layers.config.encrypted_len);
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
