//! Security mode 5: AES-128-CBC with the meter's own key (EN 13757-7:2018 § 9.4.4, OMS vol. 2 § 9.1).
//!
//! What comes in: a frame. What goes out: its content. The check bytes tell a wrong key; nothing tells a changed byte,
//! so what is read of it must be whole records to the end (decision 0019).

use std::borrow::Cow;

use super::decrypt;
use crate::{Key, Refusal, layers::Layers, link::Frame};

/// Decrypts; the check bytes tell a wrong key.
pub(super) fn open<'a>(frame: Frame<'a>, layers: &Layers, key: &Key) -> Result<Cow<'a, [u8]>, Refusal> {
    decrypt(frame, layers, key.bytes(), &initial_vector(layers))
}

/// Manufacturer, number, version and type as the link layer orders them, then eight times the access number.
fn initial_vector(layers: &Layers) -> [u8; 16] {
    let mut iv = [layers.access_number.unwrap_or_default(); 16];
    iv.iter_mut().zip(layers.address).for_each(|(byte, field)| *byte = field);
    iv
}
