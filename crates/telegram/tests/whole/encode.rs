//! A small telegram encoder for the tests: water meter KAM 12345678, version 1B.

use aes::{
    Aes128,
    cipher::{Array, BlockCipherEncrypt, BlockModeEncrypt, KeyIvInit},
};
use cmac::{Cmac, KeyInit, Mac};
use tidstro_telegram::DecodeOptions;

/// Clear telegrams pass although the key is at hand.
pub(crate) const CLEAR_TOO: DecodeOptions = DecodeOptions { assume_decrypted: false, accept_clear: true };

/// L is filled in later; SND-NR from the meter.
pub(crate) const LINK: [u8; 10] = [0, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x07];
/// The key of the meter.
pub(crate) const KEY: [u8; 16] = *b"sixteen bytes k.";
/// 2850.427 m³, on 2021-10-12 at 07:08, and the set date's value.
pub(crate) const RECORDS: &[u8] = &[
    0x0c, 0x13, 0x27, 0x04, 0x85, 0x02, 0x04, 0x6d, 0x08, 0x07, 0xac, 0x2a, 0x4c, 0x13, 0x01, 0x00, 0x80,
    0x02,
];

/// A wireless frame without CRCs with this content.
pub(crate) fn wireless(content: &[u8]) -> Vec<u8> {
    let mut frame = [&LINK[..], content].concat();
    frame[0] = u8::try_from(frame.len() - 1).unwrap();
    frame
}

/// A wired long frame with this content.
pub(crate) fn wired(content: &[u8]) -> Vec<u8> {
    let counted = [&[0x08, 0x01][..], content].concat();
    let len = u8::try_from(counted.len()).unwrap();
    let sum = counted.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    [&[0x68, len, len, 0x68][..], &counted, &[sum, 0x16]].concat()
}

pub(crate) fn crc(block: &[u8]) -> [u8; 2] {
    let step = |mut crc: u16, byte: &u8| {
        crc ^= u16::from(*byte) << 8;
        (0..8).for_each(|_| crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x3d65 });
        crc
    };
    (!block.iter().fold(0, step)).to_be_bytes()
}

/// The frame with the CRCs of format A.
pub(crate) fn format_a(frame: &[u8]) -> Vec<u8> {
    let (first, rest) = frame.split_at(10);
    let blocks = std::iter::once(first).chain(rest.chunks(16));
    blocks.flat_map(|block| [block, &crc(block)].concat()).collect()
}

/// The frame with the CRCs of format B, which L counts.
pub(crate) fn format_b(frame: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    frame[0] += if frame.len() > 126 { 4 } else { 2 };
    frame.chunks(126).flat_map(|block| [block, &crc(block)].concat()).collect()
}

/// Clear content with a short header.
pub(crate) fn clear(records: &[u8]) -> Vec<u8> {
    [&[0x7a, 0x2a, 0x00, 0x00, 0x00][..], records].concat()
}

/// The records after the check bytes, filled up to whole blocks and encrypted.
fn encrypted(records: &[u8], key: &[u8; 16], iv: &[u8; 16]) -> Vec<u8> {
    let mut payload = [&[0x2f, 0x2f][..], records].concat();
    payload.resize(payload.len().next_multiple_of(16), 0x2f);
    let (blocks, _) = Array::slice_as_chunks_mut(&mut payload);
    cbc::Encryptor::<Aes128>::new(key.into(), iv.into()).encrypt_blocks(blocks);
    payload
}

/// Content in security mode 5 with a short header, and `tail` in the clear behind it.
pub(crate) fn mode5(records: &[u8], tail: &[u8]) -> Vec<u8> {
    let mut iv = [0x2a; 16];
    iv[..8].copy_from_slice(&LINK[2..]);
    let payload = encrypted(records, &KEY, &iv);
    let blocks = u8::try_from(payload.len() / 16).unwrap();
    [&[0x7a, 0x2a, 0x00, blocks << 4, 0x05][..], &payload, tail].concat()
}

fn mac(key: &[u8; 16], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = Cmac::<Aes128>::new(key.into());
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// Content in security mode 7: short extended link layer, authentication layer, short header.
pub(crate) fn mode7(records: &[u8], counter: u32) -> Vec<u8> {
    let counter = counter.to_le_bytes();
    let derive = |purpose: u8| mac(&KEY, &[&[purpose], &counter, &LINK[4..8], &[0x07; 7]]);
    let payload = encrypted(records, &derive(0), &[0; 16]);
    let blocks = u8::try_from(payload.len() / 16).unwrap();
    let transport = [&[0x7a, 0x2a, 0x00, blocks << 4, 0x07, 0x10][..], &payload].concat();
    let code = mac(&derive(1), &[&[0x25], &counter, &transport]);
    let layer = [&[0x90, 15, 0x00, 0x2c, 0x25][..], &counter, &code[..8]].concat();
    [&[0x8c, 0x20, 0x2a][..], &layer, &transport].concat()
}

/// A key derived for one message of the meter: 0 to encrypt, 1 to authenticate.
pub(crate) fn derived(purpose: u8, counter: u32) -> [u8; 16] {
    mac(&KEY, &[&[purpose], &counter.to_le_bytes(), &LINK[4..8], &[0x07; 7]])
}

/// The authentication layer: its fields as given, in their order, then the code, then the message length.
pub(crate) fn layer(fragmentation: u16, fields: &[u8], code: &[u8], len: &[u8]) -> Vec<u8> {
    let fields = [&fragmentation.to_le_bytes(), fields, code, len].concat();
    [&[0x90, u8::try_from(fields.len()).unwrap()][..], &fields].concat()
}

/// Which CMAC or GMAC the control field of the layer names.
pub(crate) fn code_of(kind: u8, key: &[u8; 16], counter: u32, covered: &[&[u8]]) -> Vec<u8> {
    let len = [0, 0, 0, 2, 4, 8, 12, 16, 12, 16][usize::from(kind)];
    let full = match kind {
        3..=7 => mac(key, covered),
        _ => gcm(key, &nonce_12(counter), &covered.concat(), &[]).1,
    };
    full[..len].to_vec()
}

/// The transport layer of mode 7 with a short header and its records, encrypted with a derived key.
pub(crate) fn transport_7(records: &[u8], counter: u32) -> Vec<u8> {
    let payload = encrypted(records, &derived(0, counter), &[0; 16]);
    let blocks = u8::try_from(payload.len() / 16).unwrap();
    [&[0x7a, 0x2a, 0x00, blocks << 4, 0x07, 0x10][..], &payload].concat()
}

/// Address of the meter and counter, high byte first.
fn nonce_12(counter: u32) -> [u8; 12] {
    [&LINK[2..], &counter.to_be_bytes()].concat().try_into().unwrap()
}

fn block(key: &[u8; 16], input: [u8; 16]) -> [u8; 16] {
    let mut block = input;
    Aes128::new(key.into()).encrypt_block((&mut block).into());
    block
}

/// AES in counter mode from this block on; the last four bytes count.
fn counted(key: &[u8; 16], first: [u8; 16], data: &[u8]) -> Vec<u8> {
    let [head @ .., a, b, c, d] = first;
    let start = u32::from_be_bytes([a, b, c, d]);
    let blocks = data.chunks(16).zip(start..).flat_map(|(chunk, index)| {
        let input: [u8; 16] = [&head[..], &index.to_be_bytes()].concat().try_into().unwrap();
        let stream = block(key, input);
        chunk.iter().zip(stream).map(|(byte, key)| byte ^ key).collect::<Vec<_>>()
    });
    blocks.collect()
}

fn xor(one: [u8; 16], other: &[u8]) -> [u8; 16] {
    let mut out = one;
    out.iter_mut().zip(other).for_each(|(byte, other)| *byte ^= other);
    out
}

/// AES-CCM of RFC 3610 with a nonce of 13 bytes: the encrypted data and the tag.
fn ccm(key: &[u8; 16], nonce: &[u8; 13], covered: &[u8], data: &[u8], tag_len: usize) -> Vec<u8> {
    let flags = 0x40 | u8::try_from((tag_len - 2) / 2).unwrap() << 3 | 1;
    let len = u16::try_from(data.len()).unwrap().to_be_bytes();
    let first: [u8; 16] = [&[flags][..], nonce, &len].concat().try_into().unwrap();
    let associated = [&u16::try_from(covered.len()).unwrap().to_be_bytes()[..], covered].concat();
    let chain = associated.chunks(16).chain(data.chunks(16));
    let tag = chain.fold(block(key, first), |tag, chunk| block(key, xor(tag, chunk)));
    let counter: [u8; 16] = [&[1][..], nonce, &[0, 0]].concat().try_into().unwrap();
    let mut out = counted(key, xor(counter, &[[0; 15].as_slice(), &[1]].concat()), data);
    out.extend(&xor(tag, &block(key, counter))[..tag_len]);
    out
}

/// AES-GCM of NIST SP 800-38D with a nonce of 12 bytes: the encrypted data, and the tag in full.
fn gcm(key: &[u8; 16], nonce: &[u8; 12], covered: &[u8], data: &[u8]) -> (Vec<u8>, [u8; 16]) {
    let h = u128::from_be_bytes(block(key, [0; 16]));
    let times = |x: u128| {
        let step = |(sum, v): (u128, u128), bit: u32| {
            let sum = if x >> (127 - bit) & 1 == 1 { sum ^ v } else { sum };
            (sum, if v & 1 == 1 { v >> 1 ^ 0xe1 << 120 } else { v >> 1 })
        };
        (0..128).fold((0, h), step).0
    };
    let from = |index: u32| [&nonce[..], &index.to_be_bytes()].concat().try_into().unwrap();
    let encrypted = counted(key, from(2), data);
    let padded = |chunk: &[u8]| u128::from_be_bytes(xor([0; 16], chunk));
    let bits = |bytes: &[u8]| u128::try_from(bytes.len() * 8).unwrap();
    let chunks = covered.chunks(16).chain(encrypted.chunks(16)).map(padded);
    let lengths = bits(covered) << 64 | bits(data);
    let hash = chunks.chain([lengths]).fold(0, |hash, chunk| times(hash ^ chunk));
    (encrypted, xor(block(key, from(1)), &hash.to_be_bytes()))
}

/// Content in security mode 8 as the decoder takes it to be: derived keys, counter in the header, a code of four bytes,
/// then `tail` (transmission time and the gateway's code).
pub(crate) fn mode8(records: &[u8], counter: u32, tail: &[u8]) -> Vec<u8> {
    let mut first = [0; 16];
    first[..12].copy_from_slice(&nonce_12(counter));
    let payload = counted(&derived(0, counter), first, records);
    let message = [&[0x7a, 0x2a, 0x00, 0x00, 0x28, 0x10][..], &counter.to_le_bytes(), &payload].concat();
    let code = mac(&derived(1, counter), &[&first, &message]);
    [&message, &code[..4], tail].concat()
}

/// Content in security mode 9 as the decoder takes it to be: the meter's own key with ID 1, and clear records behind.
pub(crate) fn mode9(records: &[u8], clear: &[u8], counter: u32) -> Vec<u8> {
    let lengths = [records, clear].map(|part| u8::try_from(part.len()).unwrap());
    let header = [&[0x7a, 0x2a, 0x00, 0x01, 0x29][..], &lengths].concat();
    let covered = [&header, clear].concat();
    let (payload, tag) = gcm(&KEY, &nonce_12(counter), &covered, records);
    [&header[..], &counter.to_le_bytes(), &payload, clear, &tag[..12]].concat()
}

/// Content in security mode 10: derived key, counter in the header, a tag of 4, 8, 12 or 16 bytes.
pub(crate) fn mode10(records: &[u8], counter: u32, tag_len: usize) -> Vec<u8> {
    let size = u8::try_from(tag_len / 4 - 1).unwrap();
    let header = [0x7a, 0x2a, 0x00, 0xff, 0x2a, 0x10, size];
    let nonce: [u8; 13] = [&LINK[2..], &[0], &counter.to_be_bytes()].concat().try_into().unwrap();
    let sealed = ccm(&derived(0, counter), &nonce, &header, records, tag_len);
    [&header[..], &counter.to_le_bytes(), &sealed].concat()
}

/// The receiver's address of CI 8E and 8F.
const RECEIVER: [u8; 8] = [0x2d, 0x2c, 9, 9, 9, 9, 1, 0x31];

/// Content behind an extended link layer of this CI. `session` is for CI 8D and 8F; its top bits say whether the
/// content is encrypted.
pub(crate) fn extended_link(ci: u8, session: u32, content: &[u8]) -> Vec<u8> {
    let receiver: &[u8] = if matches!(ci, 0x8e | 0x8f) { &RECEIVER } else { &[] };
    let header = [&[ci, 0x20, 0x2a][..], receiver].concat();
    if matches!(ci, 0x8c | 0x8e) {
        return [&header[..], content].concat();
    }
    let [high, low] = crc(content);
    let mut payload = [&[low, high][..], content].concat();
    if session >> 29 == 1 {
        let iv = [&LINK[2..], &[0x20], &session.to_le_bytes(), &[0, 0, 0]].concat();
        for (block, index) in payload.chunks_mut(16).zip(0_u8..) {
            let mut stream: [u8; 16] = iv[..].try_into().unwrap();
            stream[15] = index;
            Aes128::new(&KEY.into()).encrypt_block((&mut stream).into());
            block.iter_mut().zip(stream).for_each(|(byte, key)| *byte ^= key);
        }
    }
    [&header[..], &session.to_le_bytes(), &payload].concat()
}
