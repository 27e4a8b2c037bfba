//! The code of the authentication layer (EN 13757-7:2018 § 6.3.6 and § 9.5).
//!
//! What comes in: a message with its code. What goes out: that the code fits, compared in constant time. The code covers
//! the layer's own fields and the whole transport layer; of the link layers it covers the meter number alone, and that
//! only by the derived key.

use aes::Aes128;
use aes_gcm::{AeadInOut, Aes128Gcm};
use cmac::{Cmac, KeyInit, Mac};
use subtle::ConstantTimeEq;

use super::{
    derive::{Use, counter, message_key},
    not_yet,
};
use crate::{
    Key, Refusal,
    layers::{Afl, Authentication, KeyChoice, Layers},
    link::Frame,
};

/// Verifies the code of a message that carries one.
pub(super) fn verify(
    frame: &Frame<'_>,
    layers: &Layers,
    afl: &Afl,
    choice: KeyChoice,
    key: &Key,
) -> Result<(), Refusal> {
    let stated = afl.code.ok_or_else(|| lacks(layers, "authentication code"))?;
    let key = message_key(key, choice, layers, Use::Authentication)?;
    let message = frame.bytes.get(layers.transport..frame.content.end).unwrap_or_default();
    let (full, len, refusal) = match afl.authentication() {
        Authentication::Cmac(len) => (cmac(&key, afl, message), len, Refusal::Mac { meter: layers.meter }),
        Authentication::Gmac(len) => (gmac(&key, afl, layers, message)?, len, unproven(layers)),
        Authentication::None => return Err(lacks(layers, "authentication code")),
        Authentication::Reserved => return Err(not_yet(layers, "a reserved authentication code")),
    };
    let given = full.get(..len).unwrap_or_default();
    if given.len() == stated.bytes().len() && bool::from(given.ct_eq(stated.bytes())) {
        Ok(())
    } else {
        Err(refusal)
    }
}

fn cmac(key: &[u8; 16], afl: &Afl, message: &[u8]) -> [u8; 16] {
    let mac = Cmac::<Aes128>::new(key.into()).chain_update(afl.covered()).chain_update(message);
    mac.finalize().into_bytes().into()
}

/// AES-GMAC over the same bytes. Its nonce is taken to be that of mode 9, which no telegram has shown.
fn gmac(key: &[u8; 16], afl: &Afl, layers: &Layers, message: &[u8]) -> Result<[u8; 16], Refusal> {
    let nonce = nonce_of(layers, counter(layers)?);
    let covered = [&afl.covered(), message].concat();
    let cipher = Aes128Gcm::new(key.into());
    let tag = cipher.encrypt_inout_detached(&nonce.into(), &covered, (&mut [][..]).into());
    tag.map(Into::into).map_err(|_| unproven(layers))
}

/// The eight bytes of the meter's address as the link layer orders them, then the counter, high byte first
/// (CEN/TR 17167:2018 annex F.5).
pub(super) fn nonce_of(layers: &Layers, counter: u32) -> [u8; 12] {
    let [a, b, c, d, e, f, g, h] = layers.address;
    let [i, j, k, l] = counter.to_be_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l]
}

pub(super) fn lacks(layers: &Layers, missing: &'static str) -> Refusal {
    Refusal::Unauthenticated { meter: layers.meter, mode: layers.config.mode, missing }
}

/// A tag does not fit, and how it is made is known from descriptions only.
pub(super) fn unproven(layers: &Layers) -> Refusal {
    Refusal::TagUnproven { meter: layers.meter, mode: layers.config.mode }
}
