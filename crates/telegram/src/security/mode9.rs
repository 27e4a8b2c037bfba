//! Security mode 9: AES-128-GCM (EN 13757-7:2018 § 9.4.7, as Dutch gas meters use it).
//!
//! What comes in: a message whose header states how many bytes are encrypted and how many stay clear. What goes out: its
//! content, after the tag was verified in constant time.
//!
//! Nonce and tag are those of CEN/TR 17167:2018 annex F.5: the meter's address and the message counter; 12 bytes. What
//! the tag covers besides the encrypted bytes was found nowhere: taken are the transport header from its CI to its
//! lengths, as mode 10 covers its own, and the clear bytes. A telegram made otherwise is refused as
//! [`Refusal::TagUnproven`]; none passes by chance.

use std::{borrow::Cow, ops::Range};

use aes_gcm::{AeadInOut, AesGcm, KeyInit, aead::consts::U12, aes::Aes128};

use super::{
    code::{lacks, nonce_of, unproven},
    derive::{Use, counter, message_key},
};
use crate::{Key, Refusal, layers::Layers, link::Frame};

/// Bytes of the tag.
const TAG: usize = 12;
/// Nonce and tag of 12 bytes.
type Gcm = AesGcm<Aes128, U12, U12>;

/// Verifies and decrypts. The range is that of the records: the encrypted and the clear ones.
pub(super) fn open<'a>(
    mut frame: Frame<'a>,
    layers: &Layers,
    key: &Key,
) -> Result<(Cow<'a, [u8]>, Range<usize>), Refusal> {
    let config = layers.config;
    if config.tag_len != Some(TAG) {
        return Err(lacks(layers, "authentication tag"));
    }
    let encrypted = layers.payload..layers.payload + config.encrypted_len.unwrap_or_default();
    let records = layers.payload..encrypted.end + config.clear_len;
    let got = frame.content.end.saturating_sub(layers.payload);
    if records.end + TAG != frame.content.end {
        let (meter, offset, stated) = (layers.meter, layers.payload, records.len() + TAG);
        return Err(Refusal::BlockCount { meter, offset, stated, got });
    }
    let key = message_key(key, config.key, layers, Use::Encryption)?;
    let nonce = nonce_of(layers, counter(layers)?);
    let clear = frame.bytes.get(encrypted.end..records.end).unwrap_or_default();
    let header = frame.bytes.get(layers.transport..config.covered_end).unwrap_or_default();
    let covered = [header, clear].concat();
    let (content, tag) = frame.bytes.to_mut().split_at_mut(records.end);
    let tag = tag.first_chunk::<TAG>().ok_or_else(|| unproven(layers))?;
    let content = content.get_mut(encrypted).unwrap_or_default();
    Gcm::new((&*key).into())
        .decrypt_inout_detached(&nonce.into(), &covered, content.into(), tag.into())
        .map_err(|_| unproven(layers))?;
    Ok((frame.bytes, records))
}
