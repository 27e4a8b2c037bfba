//! Association: AARQ, AARE, RLRQ, RLRE (IEC 62056-5-3 § 7), and what the two agree on (§ 8.4).
//!
//! What comes in: who asks and how, or the meter's answer. What goes out: the bytes of a request, or the fields
//! of an answer. Nothing is decided here.

use super::{Authentication, ClientConfig, ClientFault, ber};
use tidstro_wire::Cursor;

use crate::SystemTitle;

const AARQ: u8 = 0x60;
pub(super) const AARE: u8 = 0x61;
const RLRQ: u8 = 0x62;
pub(super) const RLRE: u8 = 0x63;

/// Joint-ISO-CCITT, country, UK, DLMS UA, then application context or mechanism.
const DLMS_UA: [u8; 5] = [0x60, 0x85, 0x74, 0x05, 0x08];
const CONTEXT: u8 = 1;
const MECHANISM: u8 = 2;
/// Logical names, in the clear and ciphered.
const LOGICAL_NAMES: u8 = 1;
const LOGICAL_NAMES_CIPHERED: u8 = 3;
const LOW: u8 = 1;
const GMAC: u8 = 5;

/// Get, action, selective access, blocks of long answers (IEC 62056-5-3 § 8.4.2).
const CONFORMANCE: [u8; 3] = [0x00, 0x10, 0x15];
const DLMS_VERSION: u8 = 6;
const INITIATE_RESPONSE: u8 = 0x08;
const CONFIRMED_SERVICE_ERROR: u8 = 0x0e;

/// Initiate-request: no dedicated key, response allowed, no quality of service, version, conformance, longest APDU.
pub(super) fn initiate_request(max_apdu: u16) -> Vec<u8> {
    let [high, low] = max_apdu.to_be_bytes();
    let [a, b, c] = CONFORMANCE;
    vec![0x01, 0x00, 0x00, 0x00, DLMS_VERSION, 0x5f, 0x1f, 0x04, 0x00, a, b, c, high, low]
}

/// The request to associate; `initiate` is the initiate-request, protected if the context is.
pub(super) fn request(
    config: &ClientConfig,
    challenge: &[u8],
    initiate: &[u8],
    is_protected: bool,
) -> Vec<u8> {
    let context = if is_protected { LOGICAL_NAMES_CIPHERED } else { LOGICAL_NAMES };
    let mut fields = ber::write(0xa1, &object(0x06, CONTEXT, context));
    if is_protected {
        fields.extend(ber::write(0xa6, &ber::write(0x04, &config.title.0)));
    }
    let value = match &config.authentication {
        Authentication::None => None,
        Authentication::Low(password) => Some((LOW, password.bytes())),
        Authentication::Gmac => Some((GMAC, challenge)),
    };
    if let Some((mechanism, value)) = value {
        let [_, _, name @ ..] = object(0x06, MECHANISM, mechanism);
        fields.extend([0x8a, 0x02, 0x07, 0x80]);
        fields.extend(ber::write(0x8b, &name));
        fields.extend(ber::write(0xac, &ber::write(0x80, value)));
    }
    fields.extend(user_information(initiate));
    ber::write(AARQ, &fields)
}

/// The request to release.
pub(super) fn release(initiate: Option<&[u8]>) -> Vec<u8> {
    let information = initiate.map(user_information).unwrap_or_default();
    ber::write(RLRQ, &[&[0x80, 0x01, 0x00], &information[..]].concat())
}

fn user_information(initiate: &[u8]) -> Vec<u8> {
    ber::write(0xbe, &ber::write(0x04, initiate))
}

/// An object identifier of the DLMS UA with its tag and length.
const fn object(tag: u8, kind: u8, value: u8) -> [u8; 9] {
    let [a, b, c, d, e] = DLMS_UA;
    [tag, 7, a, b, c, d, e, kind, value]
}

/// What the meter answered.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    /// The meter's system title, where it says it.
    pub(super) title: Option<SystemTitle>,
    /// Its challenge.
    pub(super) challenge: Option<&'a [u8]>,
    /// Initiate-response or error, perhaps protected.
    pub(super) information: Option<&'a [u8]>,
}

/// The fields of an AARE that accepts.
pub(super) fn answer(apdu: &[u8]) -> Result<Answer<'_>, ClientFault> {
    let cut = ClientFault::Cut { part: "association response" };
    let (_, fields) = ber::read(&mut Cursor::new(apdu, 0)).ok_or(cut)?;
    let result = ber::field(fields, 0xa2).and_then(number).ok_or(cut)?;
    let diagnostic =
        ber::field(fields, 0xa3).and_then(|choice| number(ber::read(&mut Cursor::new(choice, 0))?.1));
    if result != 0 {
        return Err(ClientFault::Rejected { result, diagnostic: diagnostic.unwrap_or(0) });
    }
    let title = ber::field(fields, 0xa4).and_then(|field| ber::field(field, 0x04));
    Ok(Answer {
        title: title.and_then(|title| title.try_into().ok()).map(SystemTitle),
        challenge: ber::field(fields, 0xaa).and_then(|field| ber::field(field, 0x80)),
        information: ber::field(fields, 0xbe).and_then(|field| ber::field(field, 0x04)),
    })
}

/// An integer of one byte.
fn number(field: &[u8]) -> Option<u8> {
    match field {
        [0x02, 0x01, number] => Some(*number),
        _ => None,
    }
}

/// The longest APDU the meter takes, from its initiate-response in the clear.
pub(super) fn initiate_response(information: &[u8]) -> Result<u16, ClientFault> {
    let cut = ClientFault::Cut { part: "initiate response" };
    match *information {
        [INITIATE_RESPONSE, 0x00, DLMS_VERSION, 0x5f, 0x1f, 0x04, 0x00, _, _, _, high, low, ..] => {
            Ok(u16::from_be_bytes([high, low]))
        }
        [CONFIRMED_SERVICE_ERROR, _, kind, code, ..] => Err(ClientFault::Service { kind, code }),
        _ => Err(cut),
    }
}
