//! Security mode 5: AES-128-CBC with the meter's own key (EN 13757-7:2018 § 7.6.4, OMS vol. 2 § 9.1).

use std::borrow::Cow;

use super::{decrypt, not_yet};
use crate::{Key, Refusal, layers::Layers, link::Frame};

/// Decrypts; the check bytes tell a wrong key.
pub(super) fn open<'a>(frame: Frame<'a>, layers: &Layers, key: &Key) -> Result<Cow<'a, [u8]>, Refusal> {
    // A code that nobody checks must not look as if it had been.
    if layers.afl.as_ref().is_some_and(|afl| afl.authentication() != 0) {
        return Err(not_yet(layers, "AES-128-CBC with authentication layer"));
    }
    decrypt(frame, layers, key.bytes(), &initial_vector(layers))
}

/// Manufacturer, number, version and type as the link layer orders them, then eight times the access number.
fn initial_vector(layers: &Layers) -> [u8; 16] {
    let [m0, m1] = layers.meter.manufacturer.field().to_le_bytes();
    let [n0, n1, n2, n3] = layers.meter.number.0.to_le_bytes();
    let (version, medium) = (layers.meter.version, layers.meter.medium.0);
    let a = layers.access_number.unwrap_or_default();
    [m0, m1, n0, n1, n2, n3, version, medium, a, a, a, a, a, a, a, a]
}
