//! AES-GCM as DLMS uses it (IEC 62056-5-3 § 5.3.4.7.4): tag of 12 bytes, system title and invocation counter as
//! initialisation vector.
//!
//! What comes in: keys, header, and what the APDU protects. What goes out: the content, after the tag was
//! verified in constant time; or the protected bytes of a content. Without a tag (encryption only) nothing is
//! proven here, and who called is told so by the header.

use aes::{Aes128, Aes256, cipher::BlockCipherEncrypt, cipher::BlockSizeUser, cipher::consts::U16};
use aes_gcm::{
    AesGcm, KeyInit,
    aead::{AeadInOut, array::Array, consts::U12},
};
use ctr::cipher::{InnerIvInit, StreamCipher};
use zeroize::Zeroizing;

use super::{CipherHeader, Key, Keys};

type Gcm128 = AesGcm<Aes128, U12, U12>;
type Gcm256 = AesGcm<Aes256, U12, U12>;

/// Length of the authentication tag.
pub(crate) const TAG_LEN: usize = 12;

/// Verifies and decrypts. `None` if the tag does not fit, or a length cannot be.
pub(super) fn open(header: CipherHeader, keys: &Keys, protected: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if !header.is_authenticated() {
        return decrypt(header, &keys.encryption, protected);
    }
    let (content, tag) = protected.split_last_chunk::<TAG_LEN>()?;
    let authentication = keys.authentication.as_ref()?;
    let nonce = header.nonce();
    if header.is_encrypted() {
        let mut buffer = Zeroizing::new(content.to_vec());
        verify(&keys.encryption, &nonce, &associated(header, authentication, &[]), &mut buffer, tag)?;
        return Some(buffer);
    }
    verify(&keys.encryption, &nonce, &associated(header, authentication, content), &mut [], tag)?;
    Some(Zeroizing::new(content.to_vec()))
}

/// Encrypts and authenticates as the header says. `None` if a key is missing or has no fitting length.
pub(super) fn protect(header: CipherHeader, keys: &Keys, content: &[u8]) -> Option<Vec<u8>> {
    if !header.is_authenticated() {
        return decrypt(header, &keys.encryption, content).map(|bytes| bytes.to_vec());
    }
    let authentication = keys.authentication.as_ref()?;
    let (hidden, open) = if header.is_encrypted() { (content, &[][..]) } else { (&[][..], content) };
    let mut buffer = hidden.to_vec();
    let associated = associated(header, authentication, open);
    let tag = seal(&keys.encryption, &header.nonce(), &associated, &mut buffer)?;
    Some([open, &buffer, &tag].concat())
}

/// Security control byte, authentication key, and what is authenticated without being encrypted.
fn associated(header: CipherHeader, authentication: &Key, open: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([&[header.control][..], authentication.bytes(), open].concat())
}

fn verify(
    key: &Key,
    nonce: &[u8; 12],
    associated: &[u8],
    buffer: &mut [u8],
    tag: &[u8; TAG_LEN],
) -> Option<()> {
    let (nonce, tag) = (Array::from(*nonce), Array::from(*tag));
    let verified = match key {
        Key::Aes128(key) => {
            Gcm128::new(key.into()).decrypt_inout_detached(&nonce, associated, buffer.into(), &tag)
        }
        Key::Aes256(key) => {
            Gcm256::new(key.into()).decrypt_inout_detached(&nonce, associated, buffer.into(), &tag)
        }
    };
    verified.ok()
}

fn seal(key: &Key, nonce: &[u8; 12], associated: &[u8], buffer: &mut [u8]) -> Option<[u8; TAG_LEN]> {
    let nonce = Array::from(*nonce);
    let tag = match key {
        Key::Aes128(key) => Gcm128::new(key.into()).encrypt_inout_detached(&nonce, associated, buffer.into()),
        Key::Aes256(key) => Gcm256::new(key.into()).encrypt_inout_detached(&nonce, associated, buffer.into()),
    };
    tag.ok().map(Into::into)
}

/// GCM without its tag is counter mode from 2 on (NIST SP 800-38D § 6.5), the same both ways.
fn decrypt(header: CipherHeader, key: &Key, content: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut block = [0; 16];
    let bytes = header.nonce().into_iter().chain([0, 0, 0, 2]);
    block.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
    let mut buffer = Zeroizing::new(content.to_vec());
    match key {
        Key::Aes128(key) => run(Aes128::new(key.into()), &block, &mut buffer),
        Key::Aes256(key) => run(Aes256::new(key.into()), &block, &mut buffer),
    }?;
    Some(buffer)
}

fn run<C>(cipher: C, block: &[u8; 16], buffer: &mut [u8]) -> Option<()>
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
{
    let core = ctr::CtrCore::<C, ctr::flavors::Ctr32BE>::inner_iv_init(cipher, block.into());
    ctr::cipher::StreamCipherCoreWrapper::from_core(core).try_apply_keystream(buffer).ok()
}
