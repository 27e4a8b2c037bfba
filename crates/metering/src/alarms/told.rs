//! When a meter last told of its alarms, so that a message that comes late is known to be of the past.

use jiff::Timestamp;

use super::Source;

/// The newest messages of one meter that were taken in, by what they tell of: each source tells of its own alarms only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told([Option<Timestamp>; PLACES]);

/// Sources that tell which alarms stand.
const PLACES: usize = 3;

/// Where a source is remembered; `None` for one that tells what happened when, and not what stands.
const fn place(source: Source) -> Option<usize> {
    match source {
        Source::StatusByte => Some(0),
        Source::ErrorFlags => Some(1),
        Source::Derived => Some(2),
        Source::EventCode | Source::Security => None,
    }
}

impl Told {
    /// Bytes of the stored form: for each source milliseconds since 1970, low bytes first; the lowest number for none.
    pub const BYTES: usize = PLACES * 8;

    /// Whether messages of this source tell which alarms stand. Others tell events, each with its time.
    #[must_use]
    pub const fn is_of(source: Source) -> bool {
        place(source).is_some()
    }

    /// When the newest message was made that told of the alarms of this source.
    #[must_use]
    pub fn newest(&self, source: Source) -> Option<Timestamp> {
        place(source).and_then(|place| self.0.get(place).copied().flatten())
    }

    /// Takes in a message made at `at`.
    pub fn hear(&mut self, source: Source, at: Timestamp) {
        if let Some(newest) = place(source).and_then(|place| self.0.get_mut(place)) {
            *newest = (*newest).max(Some(at));
        }
    }

    /// The bytes to store.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let numbers = self.0.map(|newest| newest.map_or(i64::MIN, Timestamp::as_millisecond));
        for (to, from) in bytes.iter_mut().zip(numbers.into_iter().flat_map(i64::to_le_bytes)) {
            *to = from;
        }
        bytes
    }

    /// What was stored. A number that is no instant is none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let mut told = Self::default();
        let (numbers, _) = bytes.as_chunks::<8>();
        for (newest, number) in told.0.iter_mut().zip(numbers) {
            *newest = Timestamp::from_millisecond(i64::from_le_bytes(*number)).ok();
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_has_its_own_newest() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut told = Told::default();
        told.hear(Source::StatusByte, at(9));
        told.hear(Source::StatusByte, at(5));
        told.hear(Source::EventCode, at(7));
        assert_eq!(told.newest(Source::StatusByte), Some(at(9)));
        assert_eq!((told.newest(Source::ErrorFlags), told.newest(Source::EventCode)), (None, None));
        assert_eq!(Told::from_bytes(&told.to_bytes()), told);
        assert_eq!(Told::from_bytes(&Told::default().to_bytes()), Told::default());
    }
}
