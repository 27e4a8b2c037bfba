//! Who asks to associate, and what the meter answers (IEC 62056-5-3 § 7).

use super::plan::Access;
use super::value::{ber, field};

/// What the request says.
pub(super) struct Request<'a> {
    /// 0 none, 1 password, 5 GMAC.
    pub(super) mechanism: u8,
    pub(super) is_ciphered: bool,
    pub(super) title: Option<[u8; 8]>,
    /// Password or challenge.
    pub(super) value: &'a [u8],
    /// The initiate-request, perhaps ciphered.
    pub(super) initiate: &'a [u8],
}

/// The fields of an AARQ; `None` if it is none.
pub(super) fn request(apdu: &[u8]) -> Option<Request<'_>> {
    let fields = field(apdu, 0x60)?;
    let last = |tag| field(fields, tag).and_then(<[u8]>::last).copied();
    let title = field(fields, 0xa6).and_then(|field_bytes| field(field_bytes, 0x04));
    Some(Request {
        mechanism: last(0x8b).unwrap_or_default(),
        is_ciphered: last(0xa1)? == 3,
        title: title.and_then(|title| title.try_into().ok()),
        value: field(fields, 0xac).and_then(|value| field(value, 0x80)).unwrap_or_default(),
        initiate: field(field(fields, 0xbe)?, 0x04)?,
    })
}

/// Result and diagnostic of an answer (IEC 62056-5-3 § 7.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    /// Accepted, once the keys are proven.
    ProofRequired,
    /// Rejected for good: authentication failed.
    Rejected,
    /// Rejected for now, without a reason.
    NotNow,
}

impl Verdict {
    /// What a meter says to who shows this.
    pub(super) fn of(access: &Access, request: &Request<'_>) -> Self {
        match (access, request.mechanism) {
            (Access::Open, 0) => Self::Accepted,
            (Access::Password(password), 1) if password == request.value => Self::Accepted,
            (Access::Keys { .. }, 5) if request.is_ciphered => Self::ProofRequired,
            _ => Self::Rejected,
        }
    }

    const fn codes(self) -> [u8; 2] {
        match self {
            Self::Accepted => [0, 0],
            Self::ProofRequired => [0, 14],
            Self::Rejected => [1, 13],
            Self::NotNow => [2, 1],
        }
    }
}

/// An AARE; `named` are title and challenge of a meter that proves itself.
pub(super) fn answer(verdict: Verdict, named: Option<([u8; 8], &[u8])>, initiate: &[u8]) -> Vec<u8> {
    let context = if named.is_some() { 3 } else { 1 };
    let [result, diagnostic] = verdict.codes();
    let mut fields = ber(0xa1, &[6, 7, 0x60, 0x85, 0x74, 5, 8, 1, context]);
    fields.extend(ber(0xa2, &[2, 1, result]));
    fields.extend(ber(0xa3, &ber(0xa1, &[2, 1, diagnostic])));
    if let Some((title, challenge)) = named {
        fields.extend(ber(0xa4, &ber(0x04, &title)));
        fields.extend([0x88, 2, 7, 0x80]);
        fields.extend(ber(0x89, &[0x60, 0x85, 0x74, 5, 8, 2, 5]));
        fields.extend(ber(0xaa, &ber(0x80, challenge)));
    }
    if !initiate.is_empty() {
        fields.extend(ber(0xbe, &ber(0x04, initiate)));
    }
    ber(0x61, &fields)
}

/// What the meter can of what is asked for: get, action, selective access, blocks, general protection.
const CONFORMANCE: [u8; 3] = [0x40, 0x10, 0x15];

/// The initiate-response to an initiate-request in the clear; `None` if it is none. A ciphered one names what was
/// asked for.
pub(super) fn initiate_response(request: &[u8], pdu_max: usize) -> Option<Vec<u8>> {
    let at = request.windows(4).position(|window| window == [0x5f, 0x1f, 0x04, 0x00])?;
    let proposed: [u8; 3] = request.get(at + 4..at + 7)?.try_into().ok()?;
    if request.first() != Some(&0x01) {
        return None;
    }
    let agreed = proposed.iter().zip(CONFORMANCE).map(|(asked, own)| asked & own);
    let [high, low] = u16::try_from(pdu_max).unwrap_or(u16::MAX).to_be_bytes();
    let mut response = vec![0x08, 0x00, 0x06, 0x5f, 0x1f, 0x04, 0x00];
    response.extend(agreed);
    response.extend([high, low, 0x00, 0x07]);
    Some(response)
}
