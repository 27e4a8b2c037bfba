//! A file that only its recipient opens: the form `age-encryption.org/v1` with one X25519 recipient.
//!
//! What comes in: the recipient's public key, `age1…`, and the bytes of a file. What goes out: the sealed file, which the
//! program `age` and its like open with the recipient's secret key. The ciphers are `ring`'s; here are the form
//! (<https://c2sp.org/age>) and the spelling of the key (BIP 173). Nothing is opened here. Never: a key of this file kept.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::StoreFault;

/// Bytes of the payload that are sealed at once.
const CHUNK: usize = 64 * 1024;
/// The alphabet of BIP 173.
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Who may open a sealed file: a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeRecipient([u8; 32]);

/// Why a text is no recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AgeRecipientFault {
    /// It does not begin with `age1`.
    #[error("does not begin with `age1`; give the public key that `age-keygen` prints")]
    Prefix,
    /// Another number of characters.
    #[error("has {got} characters, a public key of age has 62; copy the whole line")]
    Length {
        /// Characters found.
        got: usize,
    },
    /// A character or the checksum is wrong.
    #[error("is damaged: its checksum does not fit; copy it again")]
    Damaged,
}

impl AgeRecipient {
    /// Reads `age1…`.
    ///
    /// # Errors
    /// [`AgeRecipientFault`].
    pub fn parse(text: &str) -> Result<Self, AgeRecipientFault> {
        /// 32 bytes are 52 characters of five bits, and six are the checksum.
        const DATA: usize = 58;
        let data = text.strip_prefix("age1").ok_or(AgeRecipientFault::Prefix)?;
        if data.chars().count() != DATA {
            return Err(AgeRecipientFault::Length { got: text.chars().count() });
        }
        let value =
            |byte: u8| BECH32.iter().position(|known| *known == byte).and_then(|at| u8::try_from(at).ok());
        let values: Vec<u8> =
            data.bytes().map(value).collect::<Option<_>>().ok_or(AgeRecipientFault::Damaged)?;
        if checksum(&values) != 1 {
            return Err(AgeRecipientFault::Damaged);
        }
        let data = values.get(..DATA - 6).unwrap_or_default();
        bytes_of(data).map(Self).ok_or(AgeRecipientFault::Damaged)
    }

    /// Seals a file.
    ///
    /// # Errors
    /// [`StoreFault::Sealing`] if the system gives no randomness, or the public key is none.
    pub fn seal(&self, file: &[u8]) -> Result<Vec<u8>, StoreFault> {
        self.sealed(file).ok_or(StoreFault::Sealing)
    }

    fn sealed(&self, file: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        let (mut file_key, mut nonce) = (Zeroizing::new([0; 16]), [0; 16]);
        random.fill(&mut *file_key).ok()?;
        random.fill(&mut nonce).ok()?;
        let mut sealed = self.header(&file_key, &random)?.into_bytes();
        sealed.extend(nonce);
        seal_payload(&derived(&nonce, &*file_key, b"payload")?, file, &mut sealed)?;
        Some(sealed)
    }

    /// The lines before the payload: the key of the file, wrapped for the recipient, and a code over them.
    fn header(&self, file_key: &[u8; 16], random: &SystemRandom) -> Option<String> {
        let own = EphemeralPrivateKey::generate(&X25519, random).ok()?;
        let share = own.compute_public_key().ok()?;
        let salt = [share.as_ref(), &self.0].concat();
        let other = UnparsedPublicKey::new(&X25519, self.0);
        let wrapping =
            agree_ephemeral(own, &other, |shared| derived(&salt, shared, b"age-encryption.org/v1/X25519"));
        let mut wrapped = file_key.to_vec();
        seal_in_place(&wrapping.ok()??, [0; 12], &mut wrapped)?;
        let stanza = format!("-> X25519 {}\n{}\n", base64(share.as_ref()), base64(&wrapped));
        let header = format!("age-encryption.org/v1\n{stanza}---");
        let code_key = hmac::Key::new(hmac::HMAC_SHA256, &*derived(b"", file_key, b"header")?);
        let code = hmac::sign(&code_key, header.as_bytes());
        Some(format!("{header} {}\n", base64(code.as_ref())))
    }
}

/// A key of 32 bytes by HKDF-SHA-256.
fn derived(salt: &[u8], secret: &[u8], info: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    extracted.expand(&[info], hkdf::HKDF_SHA256).ok()?.fill(&mut *key).ok()?;
    Some(key)
}

/// The payload in chunks: each nonce is the chunk's number and whether it is the last.
fn seal_payload(key: &Zeroizing<[u8; 32]>, file: &[u8], into: &mut Vec<u8>) -> Option<()> {
    // An empty file is one empty chunk.
    let count = file.len().div_ceil(CHUNK).max(1);
    for number in 0..count {
        let start = number * CHUNK;
        let mut chunk = file.get(start..file.len().min(start + CHUNK))?.to_vec();
        let mut nonce = [0; 12];
        let (counter, last) = (u64::try_from(number).ok()?.to_be_bytes(), u8::from(number + 1 == count));
        nonce.iter_mut().skip(3).zip(counter.into_iter().chain([last])).for_each(|(to, from)| *to = from);
        seal_in_place(key, nonce, &mut chunk)?;
        into.extend(chunk);
    }
    Some(())
}

fn seal_in_place(key: &Zeroizing<[u8; 32]>, nonce: [u8; 12], bytes: &mut Vec<u8>) -> Option<()> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &**key).ok()?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), bytes).ok()
}

/// The checksum of BIP 173 over the prefix `age` and five-bit values; 1 where it fits.
fn checksum(values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let prefix = b"age".iter().map(|byte| byte >> 5).chain([0]).chain(b"age".iter().map(|byte| byte & 31));
    prefix.chain(values.iter().copied()).fold(1, |sum, value| {
        let mixed = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        let bits = (0..5).zip(GENERATOR).filter(|(bit, _)| sum >> 25 >> bit & 1 == 1);
        bits.fold(mixed, |mixed, (_, generator)| mixed ^ generator)
    })
}

/// 32 bytes of 52 five-bit values; the bits that are left over are zero.
fn bytes_of(values: &[u8]) -> Option<[u8; 32]> {
    let (mut bytes, mut bits, mut count) = (Vec::with_capacity(32), 0_u32, 0);
    for value in values {
        bits = (bits << 5 | u32::from(*value)) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    let left = bits & ((1 << count) - 1);
    if left == 0 { bytes.try_into().ok() } else { None }
}

/// RFC 4648 § 4, without padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).flat_map(|three| {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(three.get(at).copied().unwrap_or_default()));
        let bits = a << 16 | b << 8 | c;
        let digit = move |place: u32| DIGITS.get((bits >> (18 - 6 * place) & 63) as usize).copied();
        (0..4).take(three.len() + 1).filter_map(digit)
    });
    digits.map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens a sealed file as its recipient does.
    fn open(sealed: &[u8], identity: EphemeralPrivateKey, own: &AgeRecipient) -> Vec<u8> {
        let end = sealed.windows(5).position(|window| window == b"\n--- ").unwrap() + 1;
        let header_end = end + sealed[end..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let header = std::str::from_utf8(&sealed[..header_end]).unwrap();
        let lines: Vec<&str> = header.lines().collect();
        let share = unbase64(lines[1].strip_prefix("-> X25519 ").unwrap());
        let salt = [&share[..], &own.0].concat();
        let peer = UnparsedPublicKey::new(&X25519, share);
        let wrapping = agree_ephemeral(identity, &peer, |shared| {
            derived(&salt, shared, b"age-encryption.org/v1/X25519").unwrap()
        });
        let file_key = open_chunk(&wrapping.unwrap(), [0; 12], &unbase64(lines[2]));
        let code_key = hmac::Key::new(hmac::HMAC_SHA256, &*derived(b"", &file_key, b"header").unwrap());
        let code = unbase64(lines[3].strip_prefix("--- ").unwrap());
        hmac::verify(&code_key, &sealed[..end + 3], &code).unwrap();
        let (nonce, payload) = sealed[header_end..].split_at(16);
        let key = derived(nonce, &file_key, b"payload").unwrap();
        let chunks: Vec<&[u8]> = payload.chunks(CHUNK + 16).collect();
        let open = |(number, chunk): (usize, &&[u8])| {
            let mut nonce = [0; 12];
            nonce[3..11].copy_from_slice(&(number as u64).to_be_bytes());
            nonce[11] = u8::from(number + 1 == chunks.len());
            open_chunk(&key, nonce, chunk)
        };
        chunks.iter().enumerate().flat_map(open).collect()
    }

    fn open_chunk(key: &[u8; 32], nonce: [u8; 12], sealed: &[u8]) -> Vec<u8> {
        let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).unwrap());
        let mut bytes = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        key.open_in_place(nonce, Aad::empty(), &mut bytes).unwrap().to_vec()
    }

    fn unbase64(text: &str) -> Vec<u8> {
        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bits: String = text.chars().map(|digit| format!("{:06b}", digits.find(digit).unwrap())).collect();
        bits.as_bytes()
            .as_chunks::<8>()
            .0
            .iter()
            .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
            .collect()
    }

    #[test]
    fn the_recipient_opens_it() {
        for length in [0, 1, 1_000, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let identity = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).unwrap();
            let public = identity.compute_public_key().unwrap();
            let recipient = AgeRecipient(public.as_ref().try_into().unwrap());
            let file: Vec<u8> = (0..=250).cycle().take(length).collect();
            let sealed = recipient.seal(&file).unwrap();
            assert_ne!(sealed, recipient.seal(&file).unwrap(), "another key each time");
            assert!(open(&sealed, identity, &recipient) == file, "{length} bytes");
        }
    }

    #[test]
    fn digits_of_rfc_4648() {
        for (bytes, digits) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), digits);
        }
    }

    /// The example of the specification of age.
    const EXAMPLE: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    #[test]
    fn a_public_key_is_read_and_a_damaged_one_is_not() {
        let AgeRecipient(bytes) = AgeRecipient::parse(EXAMPLE).unwrap();
        assert_ne!(bytes, [0; 32]);
        assert_eq!(AgeRecipient::parse("AGE-SECRET-KEY-1"), Err(AgeRecipientFault::Prefix));
        assert_eq!(AgeRecipient::parse(&EXAMPLE[..61]), Err(AgeRecipientFault::Length { got: 61 }));
        for at in 4..62 {
            for other in ["q", "p", "b", "Q"] {
                let mut text = EXAMPLE.to_owned();
                text.replace_range(at..=at, other);
                if text != EXAMPLE {
                    assert_eq!(AgeRecipient::parse(&text), Err(AgeRecipientFault::Damaged), "{at}{other}");
                }
            }
        }
    }
}
