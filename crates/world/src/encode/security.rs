//! Encryption and authentication of the transport layer (EN 13757-7:2018, OMS Specification volume 2 § 9).
//!
//! What comes in: plain records and a key. What goes out: whole encrypted blocks, derived keys and MACs. The
//! keys are invented for the world; real ones must never come here, nothing is wiped from memory.

use aes::Aes128;
use cbc::Encryptor;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use ccm::Ccm;
use ccm::aead::AeadInOut;
use ccm::consts::{U8, U13};
use cmac::{Cmac, KeyInit, Mac};
use tidstro_model::MeterId;

/// Bytes of an AES block.
const BLOCK: usize = 16;

/// The idle filler, sent before the records as proof of the right key, and after them up to a whole block.
const FILLER: u8 = 0x2f;

/// What a derived key is for (constant D of the key derivation, OMS volume 2 § 9.6.2), meter to gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// Encryption of what the meter sends.
    EncryptionFromMeter = 0x00,
    /// Authentication of what the meter sends.
    AuthenticationFromMeter = 0x01,
}

/// The records between fillers: two in front, and as many behind as a whole block needs.
pub(super) fn padded(records: &[u8]) -> Vec<u8> {
    let mut out = vec![FILLER; 2];
    out.extend_from_slice(records);
    out.resize(out.len().next_multiple_of(BLOCK), FILLER);
    out
}

/// Encrypts whole blocks in place with AES-128-CBC. A rest that is no whole block stays clear.
pub(super) fn encrypt_cbc(key: &[u8; 16], start: &[u8; 16], blocks: &mut [u8]) {
    let mut encryptor = Encryptor::<Aes128>::new(key.into(), start.into());
    for block in blocks.as_chunks_mut::<BLOCK>().0 {
        encryptor.encrypt_block(block.into());
    }
}

/// Encrypts content in place with AES-128-CCM; returns the tag of 8 bytes over it and the `covered` header (mode 10).
/// `None` for content longer than the cipher takes, which is longer than any telegram.
pub(super) fn seal_ccm(
    key: &[u8; 16],
    nonce: &[u8; 13],
    covered: &[u8],
    content: &mut [u8],
) -> Option<[u8; 8]> {
    let cipher = Ccm::<Aes128, U8, U13>::new(key.into());
    cipher.encrypt_inout_detached(nonce.into(), covered, content.into()).ok().map(Into::into)
}

/// Nonce of mode 10: address in the order M field, number, version, type; a zero; the counter, high byte first.
pub(super) fn nonce_mode_10(meter: &MeterId, counter: u32) -> [u8; 13] {
    let mut nonce = [0; 13];
    let fields = address(meter).into_iter().chain([0]).chain(counter.to_be_bytes());
    nonce.iter_mut().zip(fields).for_each(|(byte, field)| *byte = field);
    nonce
}

/// Start vector of mode 5: address in the order M field, number, version, type, then eight times the access
/// number (OMS volume 2 § 9.3.2).
pub(super) fn start_vector_mode_5(meter: &MeterId, access_number: u8) -> [u8; 16] {
    let mut start = [access_number; 16];
    for (to, from) in start.iter_mut().zip(address(meter)) {
        *to = from;
    }
    start
}

/// The eight address bytes of a data link layer: M field, number, version, type.
pub(super) fn address(meter: &MeterId) -> [u8; 8] {
    let [m0, m1] = meter.manufacturer.field().to_le_bytes();
    let [n0, n1, n2, n3] = meter.number.0.to_le_bytes();
    [m0, m1, n0, n1, n2, n3, meter.version, meter.medium.0]
}

/// A key for one telegram, derived from the meter's key (key derivation function A, OMS volume 2 § 9.6.2):
/// CMAC over D, message counter, meter number (both low byte first) and seven bytes `07`.
#[must_use]
pub fn ephemeral_key(key: &[u8; 16], direction: Direction, counter: u32, meter: &MeterId) -> [u8; 16] {
    let mut input = Vec::with_capacity(BLOCK);
    input.push(direction as u8);
    input.extend(counter.to_le_bytes());
    input.extend(meter.number.0.to_le_bytes());
    input.resize(BLOCK, 0x07);
    cmac(key, &[&input])
}

/// The first eight bytes of a CMAC over the parts, as the authentication layer carries them.
#[must_use]
pub fn mac_8(key: &[u8; 16], parts: &[&[u8]]) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = cmac(key, parts);
    [a, b, c, d, e, f, g, h]
}

/// AES-128-CMAC (RFC 4493) over the parts one after the other.
fn cmac(key: &[u8; 16], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = Cmac::<Aes128>::new(key.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use tidstro_model::{Manufacturer, Medium, MeterNumber};

    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
    }

    #[test]
    fn cmac_has_the_answers_of_rfc_4493() {
        let key = bytes("2b7e151628aed2a6abf7158809cf4f3c");
        let message: [u8; 40] =
            bytes("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411");
        for (length, expected) in [
            (0, "bb1d6929e95937287fa37d129b756746"),
            (16, "070a16b46b4d4144f79bdd9dd04a287c"),
            (40, "dfa66747de9ae63030ca32611497c827"),
        ] {
            assert_eq!(cmac(&key, &[&message[..length]]), bytes(expected), "{length}");
        }
        let whole = mac_8(&key, &[&message]);
        assert_eq!(mac_8(&key, &[&message[..7], &message[7..]]), whole);
    }

    #[test]
    fn cbc_has_the_answer_of_nist_sp_800_38a() {
        // SP 800-38A, F.2.1: CBC-AES128, first two blocks.
        let mut text: [u8; 32] = bytes("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let key = bytes("2b7e151628aed2a6abf7158809cf4f3c");
        encrypt_cbc(&key, &bytes("000102030405060708090a0b0c0d0e0f"), &mut text);
        assert_eq!(text, bytes("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"));
    }

    #[test]
    fn key_derivation_takes_its_input_in_the_order_of_the_specification() {
        let meter = MeterId {
            manufacturer: Manufacturer::parse("TDB").unwrap(),
            number: MeterNumber(0x1234_5678),
            version: 1,
            medium: Medium::COLD_WATER,
        };
        let key = bytes("000102030405060708090a0b0c0d0e0f");
        let input: [u8; 16] = bytes("01b30a00007856341207070707070707");
        assert_eq!(
            ephemeral_key(&key, Direction::AuthenticationFromMeter, 0xab3, &meter),
            cmac(&key, &[&input])
        );
    }

    #[test]
    fn records_stand_between_fillers() {
        assert_eq!(padded(&[]), [0x2f; 16]);
        assert_eq!(padded(&[1; 14]).len(), 16);
        assert_eq!(padded(&[1; 15]).len(), 32);
    }
}
