//! Security of the extended link layer: AES-128-CTR and the payload CRC (EN 13757-4:2019 § 13.2.9 to 13.2.11).
//!
//! What comes in: a proven frame. What goes out: the frame whose content begins after the layer, decrypted, and
//! proven by the payload CRC. The CRC has two bytes and is no authentication: a wrong key passes it once in 65,536
//! times, and then still has to give a layer that can be read.

use std::borrow::Cow;

use aes::{
    Aes128,
    cipher::{KeyIvInit, StreamCipher},
};

use crate::{
    Announced, DecodeOptions, Key, KeySource, Refusal, Security,
    layers::{
        self,
        ell::{self, Ell, Found, Session},
    },
    link::{Frame, crc::crc},
};

const CRC: usize = 2;
/// Values of the encryption bits.
const NOT_ENCRYPTED: u32 = 0;
const AES_CTR: u32 = 1;

/// A frame without its extended link layer.
#[derive(Debug)]
pub(crate) struct Unwrapped<'a> {
    /// The frame, its content in the clear as far as this layer goes.
    pub(crate) frame: Frame<'a>,
    /// The layer, if there was one.
    pub(crate) ell: Option<Ell>,
    /// What was proved.
    pub(crate) security: Security,
}

/// Removes the extended link layer, if there is one.
pub(crate) fn open<'a>(
    mut frame: Frame<'a>,
    keys: &impl KeySource,
    options: &DecodeOptions,
) -> Result<Unwrapped<'a>, Refusal> {
    let ell = match ell::read(&frame) {
        Found::None => return Ok(Unwrapped { frame, ell: None, security: Security::Clear }),
        Found::Whole(ell) => ell,
        Found::Cut(offset) => {
            let meter = layers::sender(&frame);
            return Err(Refusal::HeaderCut { meter, offset, layer: "extended link layer" });
        }
    };
    frame.content.start = ell.end;
    let security = match ell.session {
        Some(session) => open_session(&mut frame, ell, session, keys, options)?,
        None => Security::Clear,
    };
    Ok(Unwrapped { frame, ell: Some(ell), security })
}

/// Proves the payload CRC, after decryption where the session says so, and steps over it.
fn open_session(
    frame: &mut Frame<'_>,
    ell: Ell,
    session: Session,
    keys: &impl KeySource,
    options: &DecodeOptions,
) -> Result<Security, Refusal> {
    let (meter, offset) = (layers::sender(frame), ell.end);
    let security = match session.encryption() {
        NOT_ENCRYPTED if has_right_crc(frame) => Security::Clear,
        NOT_ENCRYPTED => return Err(Refusal::PayloadCrc { meter, offset }),
        AES_CTR if options.assume_decrypted && has_right_crc(frame) => {
            Security::AssumedDecrypted { announced: Announced::ExtendedLink }
        }
        AES_CTR => {
            let announced = Announced::ExtendedLink;
            let key = keys.key(&meter).ok_or(Refusal::KeyMissing { meter, announced })?;
            decrypt(frame, ell, session, key);
            if !has_right_crc(frame) {
                return Err(Refusal::LinkKey { meter, offset });
            }
            Security::ExtendedLink
        }
        _ => return Err(Refusal::LinkModeNotYet { meter, offset, encryption: session.encryption() }),
    };
    frame.content.start += CRC;
    Ok(security)
}

/// Whether the content begins with the CRC, low byte first, of what follows it. There must be something.
fn has_right_crc(frame: &Frame<'_>) -> bool {
    let content = frame.bytes.get(frame.content.clone()).unwrap_or_default();
    content
        .split_first_chunk()
        .is_some_and(|(stated, rest)| !rest.is_empty() && crc(rest) == u16::from_le_bytes(*stated))
}

/// Decrypts the payload CRC and all that follows.
fn decrypt(frame: &mut Frame<'_>, ell: Ell, session: Session, key: &Key) {
    let content = frame.content.clone();
    let bytes: &mut Cow<'_, [u8]> = &mut frame.bytes;
    let iv = initial_vector(bytes, ell, session);
    let mut cipher = ctr::Ctr128BE::<Aes128>::new(key.bytes().into(), &iv.into());
    if let Some(encrypted) = bytes.to_mut().get_mut(content) {
        cipher.apply_keystream(encrypted);
    }
}

/// M- and A-field as sent, CC, SN, then frame number and block counter from 0. A frame has fewer than 256 blocks, so
/// that counting never leaves the block counter.
fn initial_vector(frame: &[u8], ell: Ell, Session(session): Session) -> [u8; 16] {
    let address = frame.get(2..10).unwrap_or_default();
    let mut iv = [0; 16];
    let fields = address.iter().copied().chain([ell.control]).chain(session.to_le_bytes());
    iv.iter_mut().zip(fields).for_each(|(byte, field)| *byte = field);
    iv
}
