//! Security mode 7: keys derived per message, a code over the message, AES-128-CBC (EN 13757-7:2018 § 9.4.5 and
//! § 9.6.1, OMS vol. 2 § 9.1; the example of CEN/TR 17167:2018 annex F.3 is a test).
//!
//! What comes in: a message with its authentication layer. What goes out: its content, after the code was
//! verified in constant time. Nothing is decrypted before.

use std::borrow::Cow;

use super::{
    code::{self, lacks},
    decrypt,
    derive::{Use, message_key},
    not_yet,
};
use crate::{Key, Refusal, layers::Layers, link::Frame};

/// Verifies the code, then decrypts.
pub(super) fn open<'a>(frame: Frame<'a>, layers: &Layers, key: &Key) -> Result<Cow<'a, [u8]>, Refusal> {
    let choice = layers.config.key;
    // With a vector of zero the same key must never encrypt two messages.
    if choice.derivation == 0 {
        return Err(not_yet(layers, "AES-128-CBC without key derivation"));
    }
    let afl = layers.afl.as_ref().ok_or_else(|| lacks(layers, "authentication layer"))?;
    code::verify(&frame, layers, afl, afl.key().unwrap_or(choice), key)?;
    if layers.config.encrypted_len == Some(0) {
        return Ok(frame.bytes);
    }
    let key = message_key(key, choice, layers, Use::Encryption)?;
    decrypt(frame, layers, &key, &[0; 16])
}
