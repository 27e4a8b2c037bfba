//! Keys of one message, derived from the meter's (EN 13757-7:2018 § 9.6.1, OMS vol. 2 § 9.6, function A).
//!
//! What comes in: the meter's key, and what the headers say of its use. What goes out: the key a message was encrypted
//! or authenticated with, wiped when dropped.

use aes::Aes128;
use cmac::{Cmac, KeyInit, Mac};
use zeroize::Zeroizing;

use super::not_yet;
use crate::{
    Key, Refusal,
    layers::{KeyChoice, Layers},
};

/// Values of the derivation field.
const NONE: u8 = 0;
const FUNCTION_A: u8 = 1;

/// What a key is for: the first byte of the derivation (message from the meter).
#[derive(Debug, Clone, Copy)]
pub(super) enum Use {
    Encryption = 0x00,
    Authentication = 0x01,
}

/// The key for this use: the meter's own, or one derived for the message.
pub(super) fn message_key(
    key: &Key,
    choice: KeyChoice,
    layers: &Layers,
    purpose: Use,
) -> Result<Zeroizing<[u8; 16]>, Refusal> {
    match choice.derivation {
        NONE => Ok(Zeroizing::new(*key.bytes())),
        FUNCTION_A => Ok(derived(key, layers, counter(layers)?, purpose)),
        _ => Err(not_yet(layers, "a reserved key derivation")),
    }
}

/// The message counter, without which nothing of this message is unique.
pub(super) fn counter(layers: &Layers) -> Result<u32, Refusal> {
    let (meter, mode) = (layers.meter, layers.config.mode);
    layers.message_counter().ok_or(Refusal::Unauthenticated { meter, mode, missing: "message counter" })
}

/// CMAC over use, counter and meter number, filled with 07.
fn derived(key: &Key, layers: &Layers, counter: u32, purpose: Use) -> Zeroizing<[u8; 16]> {
    let mut input = [0x07; 16];
    let number = layers.meter.number.0.to_le_bytes();
    let fields = [purpose as u8].into_iter().chain(counter.to_le_bytes()).chain(number);
    input.iter_mut().zip(fields).for_each(|(byte, field)| *byte = field);
    let mac = Cmac::<Aes128>::new(key.bytes().into()).chain_update(input);
    Zeroizing::new(mac.finalize().into_bytes().into())
}
