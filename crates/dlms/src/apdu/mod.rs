//! APDUs of pushes (IEC 62056-5-3 § 8): notifications, the protection around them, and blocks of them.
//!
//! What comes in: the bytes of messages. What goes out: notifications whose protection was verified, or why
//! there is none. Nothing is read from a protected APDU before its tag fits.

mod block;
mod ciphered;
mod notification;

use crate::{KeySource, Refusal, Security, SystemTitle, security};

pub(crate) use block::{Blocks, is_block};
pub use ciphered::protect;
pub(crate) use ciphered::{is_general, read as ciphered_header, service as ciphered_service};
pub(crate) use notification::Notification;
pub use notification::Service;

/// Tags of APDUs.
pub(crate) mod tag {
    pub(crate) const DATA_NOTIFICATION: u8 = 0x0f;
    pub(crate) const EVENT_NOTIFICATION: u8 = 0xc2;
    pub(crate) const GLO_EVENT_NOTIFICATION: u8 = 0xca;
    pub(crate) const DED_EVENT_NOTIFICATION: u8 = 0xd2;
    pub(crate) const GENERAL_GLO: u8 = 0xdb;
    pub(crate) const GENERAL_DED: u8 = 0xdc;
    pub(crate) const GENERAL_CIPHERING: u8 = 0xdd;
    pub(crate) const GENERAL_BLOCK: u8 = 0xe0;
}

/// How often protection may lie inside protection.
const LAYERS_MAX: u8 = 2;

/// The APDU without the LLC header `E6 E7 00` (IEC 62056-46 § 5.3.3), and how many bytes that took.
pub(crate) fn without_llc(bytes: &[u8]) -> (&[u8], usize) {
    match bytes {
        [0xe6, 0xe7, 0x00, apdu @ ..] | [0xe6, 0xe6, 0x00, apdu @ ..] => (apdu, 3),
        _ => (bytes, 0),
    }
}

/// How long the first APDU is, where it says so itself; what follows it is another one.
pub(crate) fn stated_len(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        &tag::GENERAL_BLOCK => block::stated_len(bytes),
        tag if ciphered::is_protected(*tag) => ciphered::stated_len(bytes),
        _ => None,
    }
}

/// The notification of an APDU, and what protected it. `sender` is who sent it, where the transport knows.
pub(crate) fn open(
    apdu: &[u8],
    keys: &impl KeySource,
    sender: Option<SystemTitle>,
) -> Result<(Notification, Security), Refusal> {
    open_layer(apdu, keys, sender, 0)
}

fn open_layer(
    apdu: &[u8],
    keys: &impl KeySource,
    sender: Option<SystemTitle>,
    layer: u8,
) -> Result<(Notification, Security), Refusal> {
    let tag = *apdu.first().ok_or(Refusal::ApduCut { offset: 0, part: "tag" })?;
    if !ciphered::is_protected(tag) {
        return Notification::read(apdu).map(|notification| (notification, Security::Clear));
    }
    if layer == LAYERS_MAX {
        return Err(Refusal::Nested { offset: 0 });
    }
    let (header, protected) = ciphered::read(apdu, sender)?;
    let content = security::open(header, protected, keys)?;
    let is_apdu =
        content.first().is_some_and(|tag| ciphered::is_protected(*tag) || notification::is_one(*tag));
    // What has no tag is proven by nothing else than that it makes sense.
    if !header.is_authenticated() && !is_apdu {
        return Err(Refusal::WrongKey { header });
    }
    let (notification, _) = open_layer(&content, keys, sender, layer + 1)?;
    Ok((notification, Security::Ciphered(header)))
}
