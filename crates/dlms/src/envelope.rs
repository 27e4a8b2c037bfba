//! What a push shows before anybody has its keys: that it is one, who sent it, and whether it is whole.
//!
//! What comes in: the bytes of a line or message. What goes out: the framing, told from the first bytes only where no
//! other telegram can have them; the sender's system title; and what is the same in every reception of the push. No value is
//! read here and nothing is decrypted.

use crate::{
    Framing, Refusal, SystemTitle,
    apdu::{self, tag},
    push::{Apdu, apdus},
};

/// Control information of M-Bus frames that carry DLMS: 00 to 1F (EN 13757-3:2018 table 1).
const MBUS_CI_MAX: u8 = 0x1f;
/// Where it stands in a long frame.
const MBUS_CI_AT: usize = 6;
/// Length of a system title.
const TITLE_LEN: u8 = 8;

/// What a push shows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Envelope {
    /// Every piece is there.
    Whole {
        /// Who sent it; `None` for what is sent in the clear.
        title: Option<SystemTitle>,
        /// The APDUs one after the other: the same by whatever way they came.
        as_sent: Vec<u8>,
    },
    /// The first pieces of a push whose others come in lines of their own.
    Begins {
        /// Who sent it, where the first piece says so.
        title: Option<SystemTitle>,
    },
    /// A piece of a push that began in another line.
    Continues,
}

/// The framing of bytes that can be nothing else than a push; `None` for all others.
///
/// A radio telegram begins with its length and a C field, which is none of these: `7E Ax` is a frame of HDLC, `00 01` a
/// wrapper (no telegram has length 0), `68 L L 68` with CI 00 to 1F a wired frame of DLMS. A bare APDU counts only if it is
/// general-glo-ciphering of a title that begins with three letters, has exactly the length it says, and not the one that a radio
/// telegram of its first byte would have.
///
/// ```
/// use tidstro_dlms::{Framing, recognise};
///
/// assert_eq!(recognise(&[0x7e, 0xa0, 0x10]), Some(Framing::Hdlc));
/// assert_eq!(recognise(&[0x2e, 0x44, 0x2d, 0x2c]), None);
/// ```
#[must_use]
pub fn recognise(bytes: &[u8]) -> Option<Framing> {
    match bytes {
        [0x7e, format, ..] if format & 0xf0 == 0xa0 => Some(Framing::Hdlc),
        [0x00, 0x01, ..] => Some(Framing::Wrapper),
        [0x68, first, second, 0x68, ..] if first == second => {
            let ci = bytes.get(MBUS_CI_AT)?;
            (*ci <= MBUS_CI_MAX).then_some(Framing::Mbus)
        }
        _ => is_bare(bytes).then_some(Framing::Raw),
    }
}

/// Whether the bytes are a protected APDU without a frame, and nothing else.
fn is_bare(bytes: &[u8]) -> bool {
    let (apdu, _) = apdu::without_llc(bytes);
    let has_letters = title_of(apdu).is_some_and(|title| title.maker().is_some());
    let is_radio = bytes.first().is_some_and(|len| usize::from(*len) + 1 == bytes.len());
    has_letters && apdu::stated_len(apdu) == Some(apdu.len()) && !is_radio
}

/// What a push shows of itself.
///
/// # Errors
/// [`Refusal`] if a frame's check is wrong, a frame is cut, or there is nothing in it.
pub fn envelope(bytes: &[u8], framing: Framing) -> Result<Envelope, Refusal> {
    let mut whole: Vec<Apdu> = Vec::new();
    for apdu in apdus(bytes, framing) {
        match apdu {
            Ok(apdu) => whole.push(apdu),
            Err(Refusal::MessageIncomplete { offset }) if whole.is_empty() => {
                return Ok(beginning(bytes, offset));
            }
            // Segments of M-Bus count from 0, blocks from 1.
            Err(Refusal::SegmentLost { expected, .. })
                if whole.is_empty() && expected == u32::from(framing != Framing::Mbus) =>
            {
                return Ok(Envelope::Continues);
            }
            Err(refusal) => return Err(refusal),
        }
    }
    if framing == Framing::Hdlc && whole.iter().any(|apdu| !begins_apdu(&apdu.bytes)) {
        return Ok(Envelope::Continues);
    }
    let title = whole.iter().find_map(|apdu| title_of(&apdu.bytes));
    Ok(Envelope::Whole { title, as_sent: whole.into_iter().flat_map(|apdu| apdu.bytes).collect() })
}

/// Whether the bytes begin as a push does; the last segment of one begins with anything.
fn begins_apdu(bytes: &[u8]) -> bool {
    matches!(
        bytes.first(),
        Some(
            &(tag::DATA_NOTIFICATION
                | tag::EVENT_NOTIFICATION
                | tag::GLO_EVENT_NOTIFICATION
                | tag::DED_EVENT_NOTIFICATION
                | tag::GENERAL_GLO
                | tag::GENERAL_DED
                | tag::GENERAL_CIPHERING)
        )
    )
}

/// The title of a protected APDU.
fn title_of(apdu: &[u8]) -> Option<SystemTitle> {
    match apdu {
        [tag::GENERAL_GLO | tag::GENERAL_DED, TITLE_LEN, title @ ..] => {
            title.first_chunk().copied().map(SystemTitle)
        }
        [tag::GENERAL_CIPHERING, ..] => {
            apdu::ciphered_header(apdu, None).ok().map(|(header, _)| header.title)
        }
        _ => None,
    }
}

/// A piece that others follow, whose content begins at `offset`: the first one, or one in between.
fn beginning(bytes: &[u8], offset: usize) -> Envelope {
    /// Tag, control, two numbers and length of a block.
    const BLOCK_HEADER: usize = 7;
    let (content, _) = apdu::without_llc(bytes.get(offset..).unwrap_or_default());
    let skipped = if apdu::is_block(content) { BLOCK_HEADER } else { 0 };
    let content = content.get(skipped..).unwrap_or_default();
    if begins_apdu(content) { Envelope::Begins { title: title_of(content) } } else { Envelope::Continues }
}
