//! Several telegrams at once.
//!
//! What comes in: frames, as a gateway or a file delivers them. What goes out: for each what [`decode_with`] gives, in
//! their order. Nothing is decided here: the keys are only found earlier. With a million known meters a key lies
//! outside the caches, and the processor waits for it as long as for a fifth of all decoding; of look-ups that follow each
//! other closely it waits for many at a time.

use tidstro_model::MeterId;

use crate::{DecodeOptions, FormatSource, Key, KeySource, Refusal, Telegram, decode_with, layers};

/// Telegrams whose keys are looked up together: more than a processor waits for at a time, and few enough that keys
/// and frames stay in the nearest cache.
const TOGETHER: usize = 32;

/// Decodes telegrams as [`decode_with`] does, one after another; the answers are in the order of `frames`.
///
/// The formats are those known before: what a full frame of the batch teaches serves the next batch.
///
/// ```
/// use tidstro_telegram::{DecodeOptions, KeyRing, NoFormats, decode_batch};
///
/// let frame = [
///     0x14, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x07, 0x7a, 0x2a, 0x00, 0x00, 0x00, // headers
///     0x0c, 0x13, 0x27, 0x04, 0x85, 0x02, // 2850.427 m³
/// ];
/// let batch = decode_batch(&[&frame[..], &frame[..7]], &KeyRing::new(), &NoFormats, &DecodeOptions::default());
/// assert!(batch[0].is_ok() && batch[1].is_err());
/// ```
pub fn decode_batch<F: AsRef<[u8]>>(
    frames: &[F],
    keys: &impl KeySource,
    formats: &impl FormatSource,
    options: &DecodeOptions,
) -> Vec<Result<Telegram, Refusal>> {
    let mut answers = Vec::with_capacity(frames.len());
    for frames in frames.chunks(TOGETHER) {
        // All senders first: what was written just now is not read back at once, and the look-up behind would wait.
        let senders: Vec<Option<MeterId>> = frames.iter().map(|frame| sender(frame.as_ref())).collect();
        let found: Vec<Option<&Key>> =
            senders.iter().map(|sender| sender.as_ref().and_then(|sender| keys.key(sender))).collect();
        let ahead =
            senders.iter().zip(&found).map(|(sender, key)| Ahead { sender: *sender, key: *key, keys });
        let decoded = frames.iter().zip(ahead);
        answers.extend(decoded.map(|(frame, ahead)| decode_with(frame.as_ref(), &ahead, formats, options)));
    }
    answers
}

/// Who sent a frame, as far as it was not proven; `None` for one too short for an address. Of a wired frame the bytes are
/// no address; then they name nobody, and nobody asks for the key.
fn sender(frame: &[u8]) -> Option<MeterId> {
    Some(layers::link_address(*frame.get(2..)?.first_chunk()?))
}

/// The source of keys, and what was found in it already.
struct Ahead<'a, K> {
    sender: Option<MeterId>,
    /// The sender's key.
    key: Option<&'a Key>,
    keys: &'a K,
}

impl<K: KeySource> KeySource for Ahead<'_, K> {
    fn key(&self, meter: &MeterId) -> Option<&Key> {
        if self.sender == Some(*meter) { self.key } else { self.keys.key(meter) }
    }

    fn slot(&self, meter: &MeterId, id: u8) -> Option<&Key> {
        self.keys.slot(meter, id)
    }
}
