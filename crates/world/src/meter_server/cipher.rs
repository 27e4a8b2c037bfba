//! AES-GCM of suite 0 as the meter uses it (IEC 62056-5-3 § 5.3): tags of 12 bytes, a nonce of title and counter.
//!
//! The keys are invented for the world; real ones must never come here, nothing is wiped from memory.

use aes::Aes128;
use aes_gcm::AesGcm;
use aes_gcm::aead::array::Array;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{AeadInOut, KeyInit};

type Gcm = AesGcm<Aes128, U12, U12>;

/// Authenticated and encrypted; authenticated alone.
pub(super) const BOTH: u8 = 0x30;
pub(super) const GMAC: u8 = 0x10;
const TAG: usize = 12;

/// The keys of the meter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MeterKeys {
    pub(crate) encryption: [u8; 16],
    pub(crate) authentication: [u8; 16],
}

impl MeterKeys {
    /// Control, counter, encrypted content, tag.
    pub(crate) fn seal(&self, title: [u8; 8], counter: u32, clear: &[u8]) -> Option<Vec<u8>> {
        let mut content = clear.to_vec();
        let covered = [&[BOTH][..], &self.authentication].concat();
        let tag = self.tag(title, counter, &covered, &mut content)?;
        Some([&[BOTH][..], &counter.to_be_bytes(), &content, &tag].concat())
    }

    /// The content of what [`Self::seal`] made, and its counter; `None` if anything about it is wrong.
    pub(super) fn open(&self, title: [u8; 8], sealed: &[u8]) -> Option<(u32, Vec<u8>)> {
        let (control, rest) = sealed.split_first()?;
        let (counter, rest) = rest.split_first_chunk()?;
        let (content, tag) = rest.split_at_checked(rest.len().checked_sub(TAG)?)?;
        let counter = u32::from_be_bytes(*counter);
        let covered = [&[*control][..], &self.authentication].concat();
        let mut content = content.to_vec();
        let tag = Array::from(<[u8; TAG]>::try_from(tag).ok()?);
        let cipher = Gcm::new(&self.encryption.into());
        let nonce = Array::from(nonce(title, counter));
        cipher.decrypt_inout_detached(&nonce, &covered, content.as_mut_slice().into(), &tag).ok()?;
        (*control == BOTH).then_some((counter, content))
    }

    /// The proof of the keys over a challenge (GMAC): control, counter, tag.
    pub(super) fn prove(&self, title: [u8; 8], counter: u32, challenge: &[u8]) -> Option<Vec<u8>> {
        let covered = [&[GMAC][..], &self.authentication, challenge].concat();
        let tag = self.tag(title, counter, &covered, &mut [])?;
        Some([&[GMAC][..], &counter.to_be_bytes(), &tag].concat())
    }

    fn tag(&self, title: [u8; 8], counter: u32, covered: &[u8], content: &mut [u8]) -> Option<[u8; TAG]> {
        let cipher = Gcm::new(&self.encryption.into());
        let nonce = Array::from(nonce(title, counter));
        cipher.encrypt_inout_detached(&nonce, covered, content.into()).ok().map(Into::into)
    }
}

fn nonce(title: [u8; 8], counter: u32) -> [u8; 12] {
    let mut nonce = [0; 12];
    let bytes = title.into_iter().chain(counter.to_be_bytes());
    nonce.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
    nonce
}
