//! Sealing: AES-256-GCM under keys that can be destroyed, one subject and one local day at a time.
//!
//! Plain bytes and a key come in, sealed bytes go out, and back. Nothing here decides who may open
//! what; that is the gate's work. Keys are zeroised and never shown.
//!
//! The files, from the top: `master` wraps `vault`, which keeps the keys; `ratchet` leads from a key's
//! oldest day to the later ones, over a chain of `month`s; `forget` destroys; `stored` and `wrap` are how a
//! key lies in the file; `nonce`; `pseudonym` is what stands for a point outside.

mod class;
mod forget;
mod many;
mod master;
mod month;
mod nonce;
mod pseudonym;
mod ratchet;
mod signing;
mod stored;
#[cfg(test)]
mod tests;
mod vault;
mod wrap;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

pub use master::MasterKey;
pub(crate) use month::FIRST_DAY;
pub(crate) use nonce::Nonces;
pub use pseudonym::Pseudonym;
pub(crate) use pseudonym::{PseudonymKey, PseudonymUse};
pub(crate) use vault::{KeyKind, Vault};

use crate::StoreFault;

/// Bytes before the ciphertext: the nonce.
const NONCE_LEN: usize = 12;

/// A 256-bit key that seals and opens.
#[derive(Clone)]
pub(crate) struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn random() -> Result<Self, StoreFault> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        SystemRandom::new().fill(&mut *bytes).map_err(|_| StoreFault::NoRandomness)?;
        Ok(Self(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> Result<LessSafeKey, StoreFault> {
        let unbound = UnboundKey::new(&AES_256_GCM, &*self.0).map_err(|_| StoreFault::Sealing)?;
        Ok(LessSafeKey::new(unbound))
    }

    /// Seals `plain` into `nonce ‖ ciphertext ‖ tag`. `row` is the row's key columns: a sealed value
    /// moved to another row does not open.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_LEN],
        row: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreFault> {
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + 16);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let body = sealed.get_mut(NONCE_LEN..).ok_or(StoreFault::Sealing)?;
        let tag = self
            .cipher()?
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(row), body)
            .map_err(|_| StoreFault::Sealing)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what [`SealingKey::seal`] made for the same row.
    pub(crate) fn open(&self, row: &[u8], sealed: &[u8]) -> Result<Vec<u8>, StoreFault> {
        let mut plain = Vec::new();
        self.open_into(row, sealed, &mut plain)?;
        Ok(plain)
    }

    /// The same, into memory that is used again. It is empty after a fault.
    pub(crate) fn open_into(&self, row: &[u8], sealed: &[u8], plain: &mut Vec<u8>) -> Result<(), StoreFault> {
        plain.clear();
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(StoreFault::Tampered)?;
        plain.extend_from_slice(body);
        let opened = self
            .cipher()?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(row), plain)
            .map(|opened| opened.len());
        plain.truncate(opened.unwrap_or(0));
        opened.map(|_| ()).map_err(|_| StoreFault::Tampered)
    }
}

/// HMAC-SHA-256 (RFC 2104) under `key` of `domain ‖ 0 ‖ bytes`.
fn keyed_hash(key: &SealingKey, domain: &str, bytes: &[u8]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(domain.as_bytes());
    context.update(&[0]);
    context.update(bytes);
    let mut hash = [0_u8; 32];
    copy(&mut hash, context.sign().as_ref());
    hash
}

/// Copies bytes into an array of their length: what `copy_from_slice` does, without its panic.
fn copy<'a>(to: &mut [u8], from: impl IntoIterator<Item = &'a u8>) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}
