//! Headers of protected APDUs (IEC 62056-5-3 § 5.3.4.7, § 8.3): who, under which keys, and where the protected
//! bytes are. Nothing is decrypted here.

use super::tag::{
    DED_EVENT_NOTIFICATION, GENERAL_CIPHERING, GENERAL_DED, GENERAL_GLO, GLO_EVENT_NOTIFICATION,
};
use tidstro_wire::Cursor;

use crate::{CipherHeader, Keys, Refusal, SystemTitle, axdr::length, security};

/// Whether an APDU with this tag is protected.
pub(super) const fn is_protected(tag: u8) -> bool {
    matches!(
        tag,
        GENERAL_GLO | GENERAL_DED | GENERAL_CIPHERING | GLO_EVENT_NOTIFICATION | DED_EVENT_NOTIFICATION
    )
}

/// Whether it names its sender itself.
pub(crate) const fn is_general(tag: u8) -> bool {
    matches!(tag, GENERAL_GLO | GENERAL_DED | GENERAL_CIPHERING)
}

/// The header and the protected bytes, which reach to the end of the APDU.
pub(crate) fn read(apdu: &[u8], sender: Option<SystemTitle>) -> Result<(CipherHeader, &[u8]), Refusal> {
    let (parts, end) = parts(apdu)?;
    if end < apdu.len() {
        return Err(Refusal::LeftOver { offset: end, len: apdu.len() - end });
    }
    let title = parts.title.or(sender).ok_or(Refusal::ApduCut { offset: 1, part: "system title" })?;
    let mut cursor = Cursor::new(parts.service, 0);
    let cut = Refusal::ApduCut { offset: end, part: "security header" };
    let (control, invocation_counter) = (cursor.byte().ok_or(cut)?, cursor.u32().ok_or(cut)?);
    let protected = cursor.rest();
    let protected_len = protected.len();
    let is_dedicated = parts.is_dedicated;
    Ok((CipherHeader { title, is_dedicated, control, invocation_counter, protected_len }, protected))
}

/// General-glo-ciphering (or general-ded-ciphering) around an APDU, as the header says. Its `protected_len` is not
/// used.
///
/// ```
/// use tidstro_dlms::{CipherHeader, Framing, Key, Keys, Options, SystemTitle, decode, protect};
///
/// let keys = Keys { encryption: Key::Aes128([1; 16]), authentication: Some(Key::Aes128([2; 16])) };
/// let header = CipherHeader {
///     title: SystemTitle(*b"TID\0\0\0\0\x01"),
///     is_dedicated: false,
///     control: 0x30, // suite 0, authenticated and encrypted
///     invocation_counter: 1,
///     protected_len: 0,
/// };
/// let sent = protect(header, &keys, &[0x0f, 0, 0, 0, 1, 0x00, 0x11, 0x2a])?;
/// let pushes = decode(&sent, Framing::Raw, &keys, &Options::default());
/// assert!(pushes[0].as_ref().unwrap().security.is_authenticated());
/// # Ok::<(), tidstro_dlms::Refusal>(())
/// ```
///
/// # Errors
/// [`Refusal`] if the header protects nothing, or the keys do not fit the suite.
pub fn protect(header: CipherHeader, keys: &Keys, apdu: &[u8]) -> Result<Vec<u8>, Refusal> {
    let tag = if header.is_dedicated { GENERAL_DED } else { GENERAL_GLO };
    let title = header.title.0;
    let mut bytes = vec![tag];
    length(title.len(), &mut bytes);
    bytes.extend(title);
    bytes.extend(service(header, keys, apdu)?);
    Ok(bytes)
}

/// Length, security control byte, invocation counter and protected content: what follows the tag of a service that
/// is ciphered for itself.
pub(crate) fn service(header: CipherHeader, keys: &Keys, content: &[u8]) -> Result<Vec<u8>, Refusal> {
    let protected = security::protect(header, keys, content)?;
    let mut bytes = Vec::with_capacity(protected.len() + 10);
    length(protected.len() + 5, &mut bytes);
    bytes.push(header.control);
    bytes.extend(header.invocation_counter.to_be_bytes());
    bytes.extend(protected);
    Ok(bytes)
}

/// How long the APDU says it is.
pub(super) fn stated_len(apdu: &[u8]) -> Option<usize> {
    parts(apdu).ok().map(|(_, end)| end)
}

struct Parts<'a> {
    title: Option<SystemTitle>,
    is_dedicated: bool,
    /// Security control byte, invocation counter, protected bytes.
    service: &'a [u8],
}

fn parts(apdu: &[u8]) -> Result<(Parts<'_>, usize), Refusal> {
    let mut cursor = Cursor::new(apdu, 0);
    let tag = cursor.byte();
    let title = match tag {
        Some(GENERAL_GLO | GENERAL_DED) => title(&mut cursor)?,
        Some(GENERAL_CIPHERING) => general_ciphering(&mut cursor)?,
        _ => None,
    };
    let cut = Refusal::ApduCut { offset: cursor.at(), part: "protected content" };
    let service = cursor.counted().ok_or(cut)?;
    let is_dedicated = matches!(tag, Some(GENERAL_DED | DED_EVENT_NOTIFICATION));
    Ok((Parts { title, is_dedicated, service }, cursor.at()))
}

/// A system title of eight bytes, or none.
fn title(cursor: &mut Cursor<'_>) -> Result<Option<SystemTitle>, Refusal> {
    let cut = Refusal::ApduCut { offset: cursor.at(), part: "system title" };
    match cursor.counted().ok_or(cut)? {
        [] => Ok(None),
        bytes => bytes.try_into().map(|bytes| Some(SystemTitle(bytes))).map_err(|_| cut),
    }
}

/// General ciphering: transaction, originator, recipient, date and time, other information, and which key. Only
/// keys that both sides have already are read: a wrapped or agreed key needs a key of its own.
fn general_ciphering(cursor: &mut Cursor<'_>) -> Result<Option<SystemTitle>, Refusal> {
    let cut = |offset| Refusal::ApduCut { offset, part: "general ciphering header" };
    cursor.counted().ok_or(cut(cursor.at()))?;
    let originator = title(cursor)?;
    for _ in 0..3 {
        cursor.counted().ok_or(cut(cursor.at()))?;
    }
    match cursor.array::<1>() {
        Some([0]) => {}
        Some([1]) => {
            // Key information: choice 0 (identified), then unicast 0.
            let [choice, key] = cursor.array().ok_or(cut(cursor.at()))?;
            if (choice, key) != (0, 0) {
                return Err(cut(cursor.at()));
            }
        }
        _ => return Err(cut(cursor.at())),
    }
    Ok(originator)
}
