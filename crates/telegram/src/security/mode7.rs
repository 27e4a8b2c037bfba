//! Security mode 7: keys derived per message, CMAC over the message, AES-128-CBC (EN 13757-7:2018 § 7.6.6
//! and § 9.6.1, OMS vol. 2 § 9.1 and annex N).
//!
//! What comes in: a message with its authentication layer. What goes out: its content, after the code was
//! verified in constant time. Nothing is decrypted before.

use std::borrow::Cow;

use aes::Aes128;
use cmac::{Cmac, KeyInit, Mac};
use subtle::ConstantTimeEq;
use tidstro_model::MeterNumber;
use zeroize::Zeroizing;

use super::{decrypt, not_yet};
use crate::{
    Key, Refusal,
    layers::{Afl, Layers},
    link::Frame,
};

/// What a derived key is for: the first byte of the derivation (message from the meter).
#[derive(Debug, Clone, Copy)]
enum Use {
    Encryption = 0x00,
    Authentication = 0x01,
}

/// Verifies the code, then decrypts.
pub(super) fn open<'a>(frame: Frame<'a>, layers: &Layers, key: &Key) -> Result<Cow<'a, [u8]>, Refusal> {
    if layers.config.key_derivation() != 1 {
        return Err(not_yet(layers, "AES-128-CBC with another key derivation"));
    }
    let afl = layers.afl.as_ref().ok_or_else(|| lacks(layers, "authentication layer"))?;
    let counter = afl.message_counter.ok_or_else(|| lacks(layers, "message counter"))?;
    let derived = |purpose| derive(key, purpose, counter, layers.meter.number);
    let message = frame.bytes.get(layers.transport..frame.content.end).unwrap_or_default();
    verify(layers, afl, &derived(Use::Authentication), message)?;
    if layers.config.encrypted_len == 0 {
        return Ok(frame.bytes);
    }
    decrypt(frame, layers, &derived(Use::Encryption), &[0; 16])
}

fn lacks(layers: &Layers, missing: &'static str) -> Refusal {
    Refusal::Unauthenticated { meter: layers.meter, mode: layers.config.mode, missing }
}

/// CMAC over use, counter and meter number, filled with 07 (OMS vol. 2 § 9.6, KDF-A).
fn derive(key: &Key, purpose: Use, counter: u32, number: MeterNumber) -> Zeroizing<[u8; 16]> {
    let mut input = [0x07; 16];
    let fields = [purpose as u8].into_iter().chain(counter.to_le_bytes()).chain(number.0.to_le_bytes());
    input.iter_mut().zip(fields).for_each(|(byte, field)| *byte = field);
    let mac = Cmac::<Aes128>::new(key.bytes().into()).chain_update(input);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// The code covers the authentication layer's message fields and the whole transport layer.
fn verify(layers: &Layers, afl: &Afl, key: &[u8; 16], message: &[u8]) -> Result<(), Refusal> {
    if afl.authentication() != Afl::CMAC_8 {
        return Err(not_yet(layers, "another authentication code than CMAC of 8 bytes"));
    }
    let stated = afl.mac.ok_or_else(|| lacks(layers, "authentication code of 8 bytes"))?;
    let mut mac = Cmac::<Aes128>::new(key.into());
    mac.update(afl.control.as_slice());
    afl.message_counter.iter().for_each(|counter| mac.update(&counter.to_le_bytes()));
    afl.message_len.iter().for_each(|len| mac.update(&len.to_le_bytes()));
    mac.update(message);
    let full: [u8; 16] = mac.finalize().into_bytes().into();
    let given = full.first_chunk::<8>().unwrap_or(&[0; 8]);
    if bool::from(given.ct_eq(&stated)) { Ok(()) } else { Err(Refusal::Mac { meter: layers.meter }) }
}
