//! A whole telegram: link layer, extended link layer, authentication layer, transport layer, records.
//!
//! What comes in: who sends, how it is protected, what it says. What goes out: the frame without checksums,
//! length field first (the form gateways pass on). It never sends a record in the clear that should be protected.

use tidstro_model::MeterId;

use super::security::{address, encrypt_cbc, nonce_mode_10, padded, seal_ccm, start_vector_mode_5};
use super::{Direction, EncodeFault, Record, ephemeral_key, mac_8};

/// C field "send, no reply" (EN 13757-4:2019 § 12.5.4).
const C_SEND_NO_REPLY: u8 = 0x44;

/// Configuration field, bit 13: the meter sends at regular moments (OMS volume 2 § 7.2.4.4).
const SYNCHRONOUS: u8 = 0x20;

/// Authentication layer, fragmentation control: message control, message counter and MAC are present
/// (EN 13757-7:2018 § 6.3.3).
const AFL_FRAGMENTATION: u16 = 0x2c00;

/// Message control: counter present, AES-CMAC-128 with an 8-byte MAC (EN 13757-7:2018 § 6.3.4).
const AFL_MESSAGE_CONTROL: u8 = 0x25;

/// Configuration field extension of mode 7: key 0, key derivation function A (OMS volume 2 § 7.2.4.5).
const KEY_DERIVATION_A: u8 = 0x10;

/// Configuration field and extension of mode 10: all is encrypted, a message counter follows, key 0, key derivation
/// function A, a tag of 8 bytes (OMS volume 2, security profile D).
const CONFIGURATION_MODE_10: [u8; 4] = [0xff, 0x2a, KEY_DERIVATION_A, 0x01];

/// Who sends, and what stands in the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// The meter.
    pub meter: MeterId,
    /// The radio converter that sends for the meter. With one, the transport header is long (CI `72`) and
    /// carries the meter's address; without, it is short (CI `7A`).
    pub converter: Option<MeterId>,
    /// Access number: one more for each telegram.
    pub access_number: u8,
    /// Status byte of the meter.
    pub status: u8,
}

/// How the records are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection<'a> {
    /// Not at all (mode 0).
    Clear,
    /// Encrypted with the meter's key (mode 5).
    Mode5 {
        /// The meter's key.
        key: &'a [u8; 16],
    },
    /// Encrypted and authenticated with keys derived for this telegram (mode 7 with authentication layer).
    Mode7 {
        /// The meter's key.
        key: &'a [u8; 16],
        /// Message counter: one more for each telegram, never repeated.
        counter: u32,
    },
    /// Encrypted and authenticated at once with a key derived for this telegram (mode 10).
    Mode10 {
        /// The meter's key.
        key: &'a [u8; 16],
        /// Message counter: one more for each telegram, never repeated.
        counter: u32,
    },
}

/// Makes the telegram.
///
/// # Errors
/// [`EncodeFault`] if there are more records than one telegram holds (240 encrypted bytes).
pub fn encode(
    envelope: &Envelope,
    protection: &Protection<'_>,
    records: &[Record],
) -> Result<Vec<u8>, EncodeFault> {
    let mut plain = Vec::with_capacity(64);
    for record in records {
        record.append(&mut plain);
    }
    let upper = match *protection {
        Protection::Clear => clear_message(envelope, &plain),
        Protection::Mode5 { key } => mode_5_message(envelope, key, &plain)?,
        Protection::Mode7 { key, counter } => mode_7_message(envelope, key, counter, &plain)?,
        Protection::Mode10 { key, counter } => mode_10_message(envelope, key, counter, plain)?,
    };
    link_frame(envelope, &upper)
}

/// Length field, C field, address of the sender, then the upper layers.
fn link_frame(envelope: &Envelope, upper: &[u8]) -> Result<Vec<u8>, EncodeFault> {
    let length = 9 + upper.len();
    let mut frame = Vec::with_capacity(length + 1);
    frame.push(u8::try_from(length).map_err(|_| EncodeFault::TooLong { length })?);
    frame.push(C_SEND_NO_REPLY);
    frame.extend(address(&envelope.converter.unwrap_or(envelope.meter)));
    frame.extend_from_slice(upper);
    Ok(frame)
}

/// Transport header up to the status byte: short, or long with the meter's address.
fn header(envelope: &Envelope) -> Vec<u8> {
    let mut out = Vec::with_capacity(96);
    if envelope.converter.is_some() {
        let [m0, m1, number @ .., version, medium] = address(&envelope.meter);
        out.push(0x72);
        out.extend(number);
        out.extend([m0, m1, version, medium]);
    } else {
        out.push(0x7a);
    }
    out.extend([envelope.access_number, envelope.status]);
    out
}

/// Header and records without encryption (mode 0).
fn clear_message(envelope: &Envelope, plain: &[u8]) -> Vec<u8> {
    let mut out = header(envelope);
    out.extend([0x00, SYNCHRONOUS]);
    out.extend_from_slice(plain);
    out
}

/// Header and records in mode 5.
fn mode_5_message(envelope: &Envelope, key: &[u8; 16], plain: &[u8]) -> Result<Vec<u8>, EncodeFault> {
    let mut blocks = padded(plain);
    let mut out = header(envelope);
    out.extend([block_count(&blocks)?, SYNCHRONOUS | 5]);
    encrypt_cbc(key, &start_vector_mode_5(&envelope.meter, envelope.access_number), &mut blocks);
    out.extend(blocks);
    Ok(out)
}

/// Extended link layer, authentication layer, then header and records in mode 7. The MAC covers the message
/// control, the counter and the whole transport layer as sent (EN 13757-7:2018 § 6.3.6).
fn mode_7_message(
    envelope: &Envelope,
    key: &[u8; 16],
    counter: u32,
    plain: &[u8],
) -> Result<Vec<u8>, EncodeFault> {
    let mut blocks = padded(plain);
    let mut transport = header(envelope);
    transport.extend([block_count(&blocks)?, 7, KEY_DERIVATION_A]);
    let encryption_key = ephemeral_key(key, Direction::EncryptionFromMeter, counter, &envelope.meter);
    encrypt_cbc(&encryption_key, &[0; 16], &mut blocks);
    transport.extend(blocks);

    let mac_key = ephemeral_key(key, Direction::AuthenticationFromMeter, counter, &envelope.meter);
    let mac = mac_8(&mac_key, &[&[AFL_MESSAGE_CONTROL], &counter.to_le_bytes(), &transport]);
    let mut out = vec![0x8c, SYNCHRONOUS, envelope.access_number];
    out.extend(authentication_layer(counter, mac));
    out.extend(transport);
    Ok(out)
}

/// Extended link layer, then header, message counter and records in mode 10 without fillers, and the tag. The tag covers
/// the header from its CI to the extension, and the records.
fn mode_10_message(
    envelope: &Envelope,
    key: &[u8; 16],
    counter: u32,
    mut content: Vec<u8>,
) -> Result<Vec<u8>, EncodeFault> {
    let mut covered = header(envelope);
    covered.extend(CONFIGURATION_MODE_10);
    let key = ephemeral_key(key, Direction::EncryptionFromMeter, counter, &envelope.meter);
    let length = content.len();
    let tag = seal_ccm(&key, &nonce_mode_10(&envelope.meter, counter), &covered, &mut content)
        .ok_or(EncodeFault::TooLong { length })?;
    let mut out = vec![0x8c, SYNCHRONOUS, envelope.access_number];
    out.extend(covered);
    out.extend(counter.to_le_bytes());
    out.extend(content);
    out.extend(tag);
    Ok(out)
}

/// The authentication layer: CI `90`, its length, fragmentation control, message control, counter, MAC.
fn authentication_layer(counter: u32, mac: [u8; 8]) -> Vec<u8> {
    let mut out = vec![0x90, 15];
    out.extend(AFL_FRAGMENTATION.to_le_bytes());
    out.push(AFL_MESSAGE_CONTROL);
    out.extend(counter.to_le_bytes());
    out.extend(mac);
    out
}

/// Number of encrypted blocks in bits 4 to 7 of the configuration field.
fn block_count(blocks: &[u8]) -> Result<u8, EncodeFault> {
    let blocks = blocks.len() / 16;
    match u8::try_from(blocks) {
        Ok(count @ 0..=15) => Ok(count << 4),
        _ => Err(EncodeFault::TooManyBlocks { blocks }),
    }
}

#[cfg(test)]
mod tests {
    use aes::Aes128;
    use cbc::Decryptor;
    use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
    use tidstro_model::{Manufacturer, Medium, MeterNumber};

    use super::*;
    use crate::encode::{Data, Vif, with_crc_a};

    fn hex(text: &str) -> Vec<u8> {
        let text: String = text.split_whitespace().collect();
        (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
    }

    fn meter(maker: &str, number: u32, version: u8, medium: u8) -> MeterId {
        MeterId {
            manufacturer: Manufacturer::parse(maker).unwrap(),
            number: MeterNumber(number),
            version,
            medium: Medium(medium),
        }
    }

    fn water() -> Envelope {
        Envelope { meter: meter("TDB", 0x5200_0917, 2, 6), converter: None, access_number: 0xfe, status: 0 }
    }

    fn decrypted(key: &[u8; 16], start: &[u8; 16], blocks: &[u8]) -> Vec<u8> {
        let mut out = blocks.to_vec();
        let mut decryptor = Decryptor::<Aes128>::new(key.into(), start.into());
        for block in out.as_chunks_mut::<16>().0 {
            decryptor.decrypt_block(block.into());
        }
        out
    }

    #[test]
    fn mode_5_is_the_published_oms_example() {
        // OMS Specification volume 2, annex N: gas meter ELS 12345678, mode 5, frame format A with checksums.
        // Its status record is not one the world sends, so the encoder's steps are taken one by one.
        let envelope = Envelope {
            meter: meter("ELS", 0x1234_5678, 0x33, 3),
            converter: None,
            access_number: 0x2a,
            status: 0,
        };
        let key: [u8; 16] = hex("0102030405060708090a0b0c0d0e0f11").try_into().unwrap();
        let records = hex("0c1427048502 046d32371f15 02fd170000");
        let message = mode_5_message(&envelope, &key, &records).unwrap();
        let frame = link_frame(&envelope, &message).unwrap();
        assert_eq!(
            with_crc_a(&frame),
            hex("2e44 9315 78563412 3303 3363 7a2a002025 5923c95aaa26d1b2e7493b c2ad
                 013ec4a6f6d3529b520edff0ea6defc9 55b2 9d6d69ebf3 ec8a")
        );
    }

    #[test]
    fn mode_7_opens_with_derived_keys_only() {
        let key = [7; 16];
        let records = [Record::now(Vif::VolumeLitre, Data::Bcd8(123_456))];
        let protection = Protection::Mode7 { key: &key, counter: 0x0102_0304 };
        let frame = encode(&water(), &protection, &records).unwrap();

        assert_eq!(usize::from(frame[0]) + 1, frame.len());
        assert_eq!(frame[10..13], [0x8c, 0x20, 0xfe]);
        assert_eq!(frame[13..22], hex("90 0f 002c 25 04030201"));
        assert_eq!(frame[30..36], hex("7a fe 00 10 07 10"));

        let derived = |direction| ephemeral_key(&key, direction, 0x0102_0304, &water().meter);
        let mac = mac_8(&derived(Direction::AuthenticationFromMeter), &[&frame[17..22], &frame[30..]]);
        assert_eq!(frame[22..30], mac);
        let plain = decrypted(&derived(Direction::EncryptionFromMeter), &[0; 16], &frame[36..]);
        assert_eq!(plain, hex("2f2f 0c13 56341200 2f2f 2f2f 2f2f 2f2f"));
    }

    #[test]
    fn a_converter_makes_the_header_long() {
        let heat = meter("TDC", 0x7000_0001, 0x0c, 4);
        let envelope = Envelope {
            meter: heat,
            converter: Some(meter("TDC", 0x7900_0001, 1, 0x37)),
            access_number: 9,
            status: 4,
        };
        let frame = encode(&envelope, &Protection::Clear, &[]).unwrap();
        assert_eq!(frame, hex("16 44 8350 01000079 01 37 72 01000070 8350 0c 04 09 04 00 20"));
    }

    #[test]
    fn too_much_is_refused() {
        let records = [Record::now(Vif::VolumeLitre, Data::Bcd8(1)); 41];
        let key = [0; 16];
        let fault = encode(&water(), &Protection::Mode5 { key: &key }, &records).unwrap_err();
        assert_eq!(fault, EncodeFault::TooManyBlocks { blocks: 16 });
        let fault = encode(&water(), &Protection::Clear, &records).unwrap_err();
        assert_eq!(fault, EncodeFault::TooLong { length: 260 });
    }
}
