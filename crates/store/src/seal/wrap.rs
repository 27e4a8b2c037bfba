//! Keys wrapped by keys: the form they have in the key file.

use ring::rand::{SecureRandom, SystemRandom};
use tidstro_model::KeyNo;
use zeroize::Zeroizing;

use super::SealingKey;
use crate::StoreFault;

/// Bytes that wrapping adds: nonce and tag.
const ADDED: usize = 12 + 16;

/// Bytes of `plain` bytes when wrapped.
pub(super) const fn wrapped_len(plain: usize) -> usize {
    plain + ADDED
}

/// Whether a key lay here and was destroyed: zeros stand in its place.
pub(super) fn is_destroyed(wrapped: &[u8]) -> bool {
    wrapped.iter().all(|byte| *byte == 0)
}

/// Wrapping uses a random nonce: a key wraps far fewer than 2^32 others.
pub(super) fn wrap(with: &SealingKey, row: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreFault> {
    let mut nonce = [0_u8; 12];
    SystemRandom::new().fill(&mut nonce).map_err(|_| StoreFault::NoRandomness)?;
    with.seal(nonce, row, plain)
}

/// What [`wrap`] wrapped for the same row, which has this length.
pub(super) fn unwrap<const LEN: usize>(
    with: &SealingKey,
    row: &[u8],
    wrapped: &[u8],
) -> Result<Zeroizing<[u8; LEN]>, StoreFault> {
    let plain = Zeroizing::new(with.open(row, wrapped)?);
    let bytes: [u8; LEN] = plain.as_slice().try_into().map_err(|_| StoreFault::Tampered)?;
    Ok(Zeroizing::new(bytes))
}

pub(super) fn controller_row(controller_no: u32) -> Vec<u8> {
    [b"controller".as_slice(), &controller_no.to_be_bytes()].concat()
}

/// Key columns of a sealing key without days. One of the older form, moved to another month, does not open.
pub(super) fn key_row(number: KeyNo, first_month: Option<i32>) -> Vec<u8> {
    let mut row = [b"key".as_slice(), &number.as_u32().to_be_bytes()].concat();
    if let Some(month) = first_month {
        row.extend_from_slice(&month.to_be_bytes());
    }
    row
}

/// Key columns of a sealing key with days. Moved to another day, it does not open.
pub(super) fn day_key_row(number: KeyNo, first_day: i32) -> Vec<u8> {
    [b"day key".as_slice(), &number.as_u32().to_be_bytes(), &first_day.to_be_bytes()].concat()
}
