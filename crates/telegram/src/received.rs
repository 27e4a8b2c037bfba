//! A telegram whose link layer was opened, once for all that is asked of it.
//!
//! What comes in: the bytes as a gateway passed them on. What goes out: whose telegram it is, what is the same in every
//! reception of it, and, with keys, what it says. The bytes as received stay beside those without CRCs, to be kept.

use std::{borrow::Cow, fmt, ops::Range};

use tidstro_model::MeterId;

use crate::{
    DecodeOptions, FormatSource, KeySource, Refusal, Telegram, decode_opened, fingerprint, going_on,
    link::{self, Frame, Opened, Wire},
    named,
};

/// A telegram with a proven frame that names its meter. `Debug` shows the meter and no content.
///
/// ```
/// use tidstro_telegram::{DecodeOptions, KeyRing, NoFormats, Received};
///
/// let frame = [
///     0x14, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x07, 0x7a, 0x2a, 0, 0, 0, 0x0c, 0x13, 0x27, 4, 0x85, 2,
/// ];
/// let received = Received::open(frame.to_vec())?;
/// assert_eq!(received.meter().to_string(), "KAM 12345678 v1B t07");
/// let telegram = received.decode(&KeyRing::new(), &NoFormats, &DecodeOptions::default())?;
/// assert_eq!(telegram.readings.len(), 1);
/// # Ok::<(), tidstro_telegram::Refusal>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// As received.
    bytes: Vec<u8>,
    /// Without CRCs, where it came with some.
    plain: Option<Vec<u8>>,
    /// What follows the link layer, in the bytes without CRCs.
    content: Range<usize>,
    wire: Wire,
    /// Where the bytes may have been without CRCs all the same: what follows the link layer then.
    or_plain: Option<Range<usize>>,
    meter: MeterId,
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({}, {} bytes)", self.meter, self.bytes.len())
    }
}

impl Received {
    /// Opens the link layer: proves length and checksums, and finds whose telegram it is.
    ///
    /// # Errors
    /// [`Refusal`] if the frame is damaged, or names its meter in a layer this version does not read.
    pub fn open(bytes: Vec<u8>) -> Result<Self, Refusal> {
        let Opened { frame, or_plain } = link::open(&bytes)?;
        let or_plain = or_plain.map(|plain| plain.content);
        let meter = named(frame.borrowed())?;
        let Frame { bytes: proven, content, wire } = frame;
        let plain = match proven {
            Cow::Owned(plain) => Some(plain),
            Cow::Borrowed(_) => None,
        };
        Ok(Self { plain, content, wire, or_plain, meter, bytes })
    }

    /// The bytes as received.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whose telegram this is, from its headers alone; see [`address`](crate::address).
    #[must_use]
    pub const fn meter(&self) -> MeterId {
        self.meter
    }

    /// The telegram as its meter sent it; see [`as_sent`](crate::as_sent).
    #[must_use]
    pub fn as_sent(&self) -> Vec<u8> {
        fingerprint::as_sent(&self.frame()).into_owned()
    }

    /// The CI field that says how the telegram goes on after its extended link layer, or the layer's own where it
    /// encrypts the rest; no key is needed.
    #[must_use]
    pub fn ci(&self) -> Option<u8> {
        going_on(&self.frame())
    }

    /// What the telegram says; see [`decode_with`](crate::decode_with).
    ///
    /// # Errors
    /// As [`decode_with`](crate::decode_with).
    pub fn decode(
        &self,
        keys: &impl KeySource,
        formats: &impl FormatSource,
        options: &DecodeOptions,
    ) -> Result<Telegram, Refusal> {
        decode_opened(self.opened(), keys, formats, options)
    }

    /// The proven frame, borrowed.
    pub(crate) fn frame(&self) -> Frame<'_> {
        let bytes = self.plain.as_deref().unwrap_or(&self.bytes);
        Frame { bytes: Cow::Borrowed(bytes), content: self.content.clone(), wire: self.wire }
    }

    fn opened(&self) -> Opened<'_> {
        let plain = |content: &Range<usize>| Frame {
            bytes: Cow::Borrowed(&self.bytes[..]),
            content: content.clone(),
            wire: self.wire,
        };
        Opened { frame: self.frame(), or_plain: self.or_plain.as_ref().map(plain) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyRing, NoFormats, address, as_sent, decode};

    const FRAME: [u8; 21] = [
        0x14, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x07, 0x7a, 0x2a, 0, 0, 0, 0x0c, 0x13, 0x27, 4,
        0x85, 2,
    ];

    /// The frame in format A, with its CRCs.
    fn with_crcs() -> Vec<u8> {
        let blocks = [&FRAME[..10], &FRAME[10..]].into_iter();
        blocks.flat_map(|block| [block, &link::crc::crc(block).to_be_bytes()].concat()).collect()
    }

    #[test]
    fn opened_once_it_says_what_opening_each_time_says() {
        for bytes in [FRAME.to_vec(), with_crcs()] {
            let received = Received::open(bytes.clone()).unwrap();
            assert_eq!((received.bytes(), received.meter()), (&bytes[..], address(&bytes).unwrap()));
            assert_eq!(received.as_sent(), as_sent(&bytes).unwrap());
            assert_eq!(received.ci(), Some(0x7a));
            let (keys, options) = (KeyRing::new(), DecodeOptions::default());
            assert_eq!(received.decode(&keys, &NoFormats, &options), decode(&bytes, &keys, &options));
        }
    }

    #[test]
    fn what_is_damaged_is_not_opened() {
        let mut bytes = with_crcs();
        bytes[14] ^= 1;
        assert_eq!(Received::open(bytes).unwrap_err().kind(), "crc");
    }
}
