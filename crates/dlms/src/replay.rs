//! Repeated, replayed and downgraded pushes: rules over what was heard of each meter.
//!
//! What comes in: the header of a push whose protection was verified, and a fingerprint of its bytes. What goes out: a
//! [`Verdict`]: whether its readings count. No clock is read and nothing is stored here: the memory of a meter is a few
//! bytes that a store keeps. The invocation counter of each key must rise (IEC 62056-5-3 § 5.3.2). Of the newest counters each is
//! remembered, so that a push that comes late over a slow way counts once; what is older than these is a replay.

use tidstro_model::Verdict;

use crate::{CipherHeader, KeySet, Security};

/// Counters remembered for each key.
const REMEMBERED: usize = 16;
/// Keys remembered for each meter: several sets, and a key that follows another.
const KEYS: usize = 6;
/// The form of stored bytes.
const FORM: u8 = 1;
/// Bytes of one remembered counter: itself and its fingerprint.
const ENTRY: usize = 12;

/// Which push it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushMark {
    /// Which of the meter's keys protected it, as the caller tells them apart; of no meaning for what was sent in the clear.
    pub key: u64,
    /// A fingerprint of its bytes.
    pub print: u64,
}

/// What was heard of one meter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PushMemory {
    /// The best protection seen: 0 clear, 1 encrypted, 2 authenticated, 3 both.
    rank: u8,
    /// The key heard last comes last.
    counted: Vec<Counted>,
}

/// Why stored bytes are no memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {got} stored bytes are no memory of a meter's pushes; forget it, the next push begins anew")]
pub struct PushMemoryFault {
    /// Bytes found.
    pub got: usize,
}

/// The newest counters of one key, lowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Counted {
    set: u8,
    key: u64,
    heard: Vec<(u32, u64)>,
}

impl PushMemory {
    /// Judges a push whose protection was verified, and remembers it if it counts.
    pub fn hear(&mut self, security: Security, mark: PushMark) -> Verdict {
        let rank = rank(security);
        if rank < self.rank {
            return Verdict::Downgrade;
        }
        let verdict = match security {
            Security::Clear => Verdict::Fresh,
            Security::Ciphered(header) => self.count(&header, mark),
        };
        if verdict.gives_readings() {
            self.rank = rank;
        }
        verdict
    }

    fn count(&mut self, header: &CipherHeader, PushMark { key, print }: PushMark) -> Verdict {
        let set = code(header.key_set());
        let known = self.counted.iter().position(|counted| (counted.set, counted.key) == (set, key));
        let mut counted = match known {
            Some(at) => self.counted.remove(at),
            None => Counted { set, key, heard: Vec::new() },
        };
        let verdict = counted.hear(header.invocation_counter, print);
        self.counted.push(counted);
        if self.counted.len() > KEYS {
            self.counted.remove(0);
        }
        verdict
    }

    /// The bytes to store: at most 1,214.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORM, self.rank];
        for Counted { set, key, heard } in &self.counted {
            bytes.push(*set);
            bytes.extend(key.to_be_bytes());
            bytes.push(u8::try_from(heard.len()).unwrap_or(u8::MAX));
            for (counter, print) in heard {
                bytes.extend(counter.to_be_bytes());
                bytes.extend(print.to_be_bytes());
            }
        }
        bytes
    }

    /// The memory with these bytes.
    ///
    /// # Errors
    /// [`PushMemoryFault`] if they are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PushMemoryFault> {
        read(bytes).ok_or(PushMemoryFault { got: bytes.len() })
    }
}

impl Counted {
    fn hear(&mut self, counter: u32, print: u64) -> Verdict {
        let at = match self.heard.binary_search_by_key(&counter, |(heard, _)| *heard) {
            Ok(at) => {
                let is_same = self.heard.get(at).is_some_and(|(_, heard)| *heard == print);
                return if is_same { Verdict::Repeat } else { Verdict::CounterReused };
            }
            Err(at) => at,
        };
        let is_full = self.heard.len() == REMEMBERED;
        // Below the lowest that is remembered nobody knows what was heard.
        if at == 0 && !self.heard.is_empty() {
            return Verdict::Older;
        }
        let is_newest = at == self.heard.len();
        self.heard.insert(at, (counter, print));
        if is_full {
            self.heard.remove(0);
        }
        if is_newest { Verdict::Fresh } else { Verdict::Late }
    }
}

fn rank(security: Security) -> u8 {
    match security {
        Security::Clear => 0,
        Security::Ciphered(header) => {
            u8::from(header.is_encrypted()) + 2 * u8::from(header.is_authenticated())
        }
    }
}

const fn code(set: KeySet) -> u8 {
    match set {
        KeySet::Unicast => 0,
        KeySet::Broadcast => 1,
        KeySet::Dedicated => 2,
    }
}

fn read(bytes: &[u8]) -> Option<PushMemory> {
    let (&[form, rank], mut rest) = bytes.split_first_chunk()?;
    let mut counted = Vec::new();
    while let Some((&set, after)) = rest.split_first() {
        let (key, after) = after.split_first_chunk()?;
        let (&count, after) = after.split_first()?;
        let (entries, after) = after.split_at_checked(usize::from(count) * ENTRY)?;
        let entry = |entry: &[u8; ENTRY]| {
            let (counter, print) = entry.split_at(4);
            Some((u32::from_be_bytes(counter.try_into().ok()?), u64::from_be_bytes(print.try_into().ok()?)))
        };
        let heard = entries.as_chunks().0.iter().map(entry).collect::<Option<Vec<_>>>()?;
        counted.push(Counted { set, key: u64::from_be_bytes(*key), heard });
        rest = after;
    }
    (form == FORM && rank <= 3 && counted.len() <= KEYS).then_some(PushMemory { rank, counted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemTitle;

    fn security(control: u8, invocation_counter: u32) -> Security {
        let title = SystemTitle(*b"TID\0\0\0\0\x01");
        let header =
            CipherHeader { title, is_dedicated: false, control, invocation_counter, protected_len: 0 };
        Security::Ciphered(header)
    }

    /// Control byte, counter, key, fingerprint, verdict.
    type Heard = (u8, u32, u64, u64, Verdict);

    fn check(heard: &[Heard]) {
        let mut memory = PushMemory::default();
        for (control, counter, key, print, expected) in heard {
            let verdict = memory.hear(security(*control, *counter), PushMark { key: *key, print: *print });
            assert_eq!(verdict, *expected, "counter {counter}");
            // What is stored is what is remembered.
            memory = PushMemory::from_bytes(&memory.to_bytes()).unwrap();
        }
    }

    #[test]
    fn counters_rise_and_each_counts_once() {
        use Verdict::{CounterReused, Fresh, Late, Older, Repeat};
        check(&[
            (0x30, 7, 1, 70, Fresh),
            (0x30, 7, 1, 70, Repeat),
            (0x30, 7, 1, 71, CounterReused),
            (0x30, 6, 1, 60, Older),
            (0x30, 10, 1, 100, Fresh),
            (0x30, 9, 1, 90, Late),
            (0x30, 9, 1, 90, Repeat),
            // Another key counts for itself, and leaves the first one closed.
            (0x30, 1, 2, 10, Fresh),
            (0x30, 3, 1, 30, Older),
        ]);
    }

    #[test]
    fn what_lies_behind_the_window_is_old() {
        use Verdict::{Fresh, Late, Older};
        let mut heard: Vec<Heard> = (0..16).map(|n| (0x30, 10 + 2 * n, 1, 0, Fresh)).collect();
        heard.extend([(0x30, 100, 1, 0, Fresh), (0x30, 11, 1, 0, Older), (0x30, 13, 1, 0, Late)]);
        check(&heard);
    }

    #[test]
    fn less_protection_than_before_does_not_count() {
        use Verdict::{Downgrade, Fresh};
        check(&[
            (0x20, 1, 1, 0, Fresh),
            (0x30, 2, 1, 0, Fresh),
            (0x20, 3, 1, 0, Downgrade),
            (0x10, 4, 1, 0, Downgrade),
        ]);
        let mut memory = PushMemory::default();
        let mark = PushMark { key: 0, print: 0 };
        assert_eq!(memory.hear(Security::Clear, mark), Fresh);
        assert_eq!(memory.hear(security(0x30, 1), mark), Fresh);
        assert_eq!(memory.hear(Security::Clear, mark), Downgrade);
    }

    #[test]
    fn other_bytes_are_no_memory() {
        let mut memory = PushMemory::default();
        memory.hear(security(0x30, 1), PushMark { key: 9, print: 9 });
        let bytes = memory.to_bytes();
        for cut in [0, 1, 3, bytes.len() - 1] {
            assert_eq!(PushMemory::from_bytes(&bytes[..cut]), Err(PushMemoryFault { got: cut }));
        }
        assert!(PushMemory::from_bytes(&[9, 0]).is_err());
    }
}
