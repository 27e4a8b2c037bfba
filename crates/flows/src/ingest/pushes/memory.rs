//! What is remembered of an electricity meter between its messages: its counters, and which quarters of an hour have a reading.
//!
//! What comes in: bytes of the store, and messages whose protection was verified. What goes out: whether a message counts, and
//! whether its registers are kept: once in a quarter of an hour, the finest that the law and the register know of electricity.
//! Ports of meters speak every few seconds; what they say in between stays in the sealed message and becomes no series.

use jiff::Timestamp;
use tidstro_dlms::{PushMark, PushMemory, Security};
use tidstro_model::Verdict;

/// Seconds of a quarter of an hour.
const QUARTER: i64 = 900;
/// Quarters before the newest of which it is known whether they have a reading.
const WINDOW: u32 = 64;
/// Bytes of the quarters before those of the counters.
const KEPT_LEN: usize = 16;

/// The memory of one meter.
#[derive(Debug, Clone, Default)]
pub(super) struct DeviceMemory {
    pushes: PushMemory,
    kept: Kept,
}

/// Quarters with a reading: the newest, and one bit for each of the 64 up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Kept {
    newest: i64,
    bits: u64,
}

impl DeviceMemory {
    /// Judges a message, and remembers it if it counts.
    pub(super) fn hear(&mut self, security: Security, mark: PushMark) -> Verdict {
        self.pushes.hear(security, mark)
    }

    /// Whether registers read at that moment are the first of their quarter of an hour; they are remembered.
    pub(super) fn keeps(&mut self, at: Timestamp) -> bool {
        self.kept.keeps(at.as_second().div_euclid(QUARTER))
    }

    /// The bytes to store.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let Kept { newest, bits } = self.kept;
        [newest.to_be_bytes().as_slice(), &bits.to_be_bytes(), &self.pushes.to_bytes()].concat()
    }

    /// The memory with these bytes; an empty one if they are none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let read = || {
            let (kept, pushes) = bytes.split_at_checked(KEPT_LEN)?;
            let (newest, bits) = kept.split_at_checked(KEPT_LEN / 2)?;
            let kept = Kept {
                newest: i64::from_be_bytes(newest.try_into().ok()?),
                bits: u64::from_be_bytes(bits.try_into().ok()?),
            };
            Some(Self { kept, pushes: PushMemory::from_bytes(pushes).ok()? })
        };
        read().unwrap_or_default()
    }
}

impl Kept {
    /// What lies before the window is so rare that it is kept.
    fn keeps(&mut self, quarter: i64) -> bool {
        let Ok(age) = u32::try_from(self.newest.saturating_sub(quarter)) else {
            let passed = u32::try_from(quarter.saturating_sub(self.newest)).unwrap_or(u32::MAX);
            self.bits = self.bits.checked_shl(passed).unwrap_or(0) | 1;
            self.newest = quarter;
            return true;
        };
        if age >= WINDOW {
            return true;
        }
        let is_new = self.bits >> age & 1 == 0;
        self.bits |= 1 << age;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reading_a_quarter_in_whatever_order() {
        let mut memory = DeviceMemory::default();
        let told = [
            (900, true),
            (905, false),
            (1799, false),
            (5400, true),
            (2700, true),
            (2701, false),
            (5401, false),
        ];
        for (second, expected) in told {
            assert_eq!(
                memory.keeps(Timestamp::from_second(1_700_000_100 + second).unwrap()),
                expected,
                "{second}"
            );
            memory = DeviceMemory::from_bytes(&memory.to_bytes());
        }
        let long_ago = Timestamp::from_second(1_600_000_000).unwrap();
        assert!(memory.keeps(long_ago) && memory.keeps(long_ago));
        assert!(DeviceMemory::from_bytes(b"none of ours").keeps(long_ago));
    }
}
