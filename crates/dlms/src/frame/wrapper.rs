//! The wrapper of DLMS over TCP or UDP (IEC 62056-47 § 5.3.2.2): version, ports and length before each APDU.
//!
//! What comes in: bytes of a connection. What goes out: the APDU of each wrapper, in order. The wrapper has
//! no checksum of its own: TCP's covers it, so its bytes are as good as the connection.

use super::{Framing, Link, Message};
use tidstro_wire::Cursor;

use crate::Refusal;

/// The one version there is.
const VERSION: u16 = 1;

pub(super) fn messages(bytes: &[u8]) -> Vec<Result<Message, Refusal>> {
    let (mut found, mut cursor) = (Vec::new(), Cursor::new(bytes, 0));
    while cursor.left() > 0 {
        match message(&mut cursor) {
            Ok(message) => found.push(Ok(message)),
            Err(refusal) => {
                found.push(Err(refusal));
                // Without its length nobody knows where the next one begins.
                break;
            }
        }
    }
    found
}

fn message(cursor: &mut Cursor<'_>) -> Result<Message, Refusal> {
    let (link, apdu, offset) = wrapped(cursor)?;
    Ok(Message { apdu: apdu.to_vec(), offset, link: Some(link) })
}

/// The link, the APDU, and where it begins.
fn wrapped<'a>(cursor: &mut Cursor<'a>) -> Result<(Link, &'a [u8], usize), Refusal> {
    let offset = cursor.at();
    let unfinished = Refusal::Unfinished { offset, framing: Framing::Wrapper };
    let version = cursor.u16().ok_or(unfinished)?;
    if version != VERSION {
        return Err(Refusal::WrapperVersion { offset, got: version });
    }
    let mut field = || cursor.u16().ok_or(unfinished);
    let (source, destination, len) = (field()?, field()?, field()?);
    let at = cursor.at();
    let apdu = cursor.take(usize::from(len)).ok_or(unfinished)?;
    Ok((Link { destination: u32::from(destination), source: u32::from(source) }, apdu, at))
}

/// The first wrapped APDU of a stream, who speaks to whom, and how many bytes both took.
///
/// # Errors
/// [`Refusal::Unfinished`] if more bytes are needed; [`Refusal::WrapperVersion`] if this is no wrapper, after
/// which the connection is out of step.
pub fn unwrapped(bytes: &[u8]) -> Result<(Link, &[u8], usize), Refusal> {
    let mut cursor = Cursor::new(bytes, 0);
    let (link, apdu, _) = wrapped(&mut cursor)?;
    Ok((link, apdu, cursor.at()))
}

/// The APDU with a wrapper before it; `None` if it is longer than 65,535 bytes.
///
/// ```
/// use tidstro_dlms::wrap;
///
/// assert_eq!(wrap(16, 1, &[0x62, 0x00]).unwrap(), [0, 1, 0, 16, 0, 1, 0, 2, 0x62, 0x00]);
/// ```
#[must_use]
pub fn wrap(source: u16, destination: u16, apdu: &[u8]) -> Option<Vec<u8>> {
    let len = u16::try_from(apdu.len()).ok()?;
    let header = [VERSION, source, destination, len].map(u16::to_be_bytes);
    Some([header.as_flattened(), apdu].concat())
}
