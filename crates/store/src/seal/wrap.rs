//! Keys wrapped by keys: the form they have in the key file.

use ring::rand::{SecureRandom, SystemRandom};
use tidstro_model::KeyNo;

use super::SealingKey;
use crate::StoreFault;

/// Bytes of a wrapped key: nonce, key, tag.
pub(super) const WRAPPED_LEN: usize = 12 + 32 + 16;

/// What stands in the place of a destroyed key.
pub(super) const DESTROYED: [u8; WRAPPED_LEN] = [0; WRAPPED_LEN];

/// Wrapping uses a random nonce: a key wraps far fewer than 2^32 others.
pub(super) fn wrap(with: &SealingKey, row: &[u8], key: &SealingKey) -> Result<Vec<u8>, StoreFault> {
    let mut nonce = [0_u8; 12];
    SystemRandom::new().fill(&mut nonce).map_err(|_| StoreFault::NoRandomness)?;
    with.seal(nonce, row, key.bytes())
}

pub(super) fn unwrap(with: &SealingKey, row: &[u8], wrapped: &[u8]) -> Result<SealingKey, StoreFault> {
    let plain = zeroize::Zeroizing::new(with.open(row, wrapped)?);
    let bytes: [u8; 32] = plain.as_slice().try_into().map_err(|_| StoreFault::Tampered)?;
    Ok(SealingKey::from_bytes(bytes))
}

pub(super) fn controller_row(controller_no: u32) -> Vec<u8> {
    [b"controller".as_slice(), &controller_no.to_be_bytes()].concat()
}

/// Key columns of a sealing key. A ratcheted key moved to another month does not open.
pub(super) fn key_row(number: KeyNo, first_month: Option<i32>) -> Vec<u8> {
    let mut row = [b"key".as_slice(), &number.as_u32().to_be_bytes()].concat();
    if let Some(month) = first_month {
        row.extend_from_slice(&month.to_be_bytes());
    }
    row
}
