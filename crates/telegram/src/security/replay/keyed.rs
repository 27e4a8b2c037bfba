//! The counters of a meter, key by key.
//!
//! What comes in: decoded telegrams of one meter, and how each was heard: under which key, when by its gateway's word, when
//! by the meter's own clock. What goes out: a [`Verdict`], and bytes that a store keeps. Counters belong to a key: a key that
//! follows another begins at any number, and what the old one has counted stays. A meter whose counters began anew (its radio
//! was exchanged, its battery was empty) begins anew here when somebody says so, and then nothing from before is believed.

use aes::{
    Aes128,
    cipher::{BlockCipherEncrypt, KeyInit},
};
use jiff::Timestamp;
use tidstro_model::Verdict;

use super::{Rank, ReplayState, ReplayStateFault, WINDOW, rank_of};
use crate::{Key, Telegram};

/// Keys of one meter whose counters are remembered; of more, the one that was first heard longest ago is forgotten.
const KEYS_MAX: usize = 8;

/// What tells one key of a meter from another, and tells nothing of either: four bytes that the key encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyMark(u32);

impl KeyMark {
    /// What no key protects.
    const NONE: Self = Self(0);

    /// The mark of a key: the same wherever the key came from.
    #[must_use]
    pub fn of(key: &Key) -> Self {
        let mut block = *b"tidstro counters";
        Aes128::new(key.bytes().into()).encrypt_block((&mut block).into());
        let [a, b, c, d, ..] = block;
        Self(u32::from_be_bytes([a, b, c, d]).max(1))
    }
}

/// How a telegram was heard.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hearing<'h> {
    /// The key that opened it.
    pub key: Option<KeyMark>,
    /// The keys that follow that one in its meter's slot.
    pub followers: &'h [KeyMark],
    /// When it was received, by its gateway's word.
    pub received: Option<Timestamp>,
    /// When it was made, by the meter's own clock.
    pub stated: Option<Timestamp>,
    /// Whether the same bytes were kept before, at another time.
    pub is_kept: bool,
}

/// What was heard of one meter under each of its keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MeterCounters {
    /// The best protection seen, by whatever key.
    rank: Rank,
    /// Since when its counters count, in seconds since 1970; 0 for ever.
    began: u32,
    keys: Vec<OfKey>,
}

/// What was heard under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OfKey {
    /// `None` for what an earlier edition kept, which knew no keys: the next key takes it over.
    mark: Option<KeyMark>,
    /// When it was first heard, in seconds since 1970; 0 where no gateway said.
    first: u32,
    state: ReplayState,
}

impl MeterCounters {
    /// Judges a telegram of the meter, and remembers it if its readings count.
    pub fn hear(&mut self, telegram: &Telegram, hearing: &Hearing<'_>) -> Verdict {
        if self.is_from_before(telegram, hearing) || self.is_followed(hearing) {
            return Verdict::Older;
        }
        let is_protected = rank_of(telegram.security) > Rank::Nothing;
        let mark = hearing.key.filter(|_| is_protected).unwrap_or(KeyMark::NONE);
        let mut of_key = self.of_key(mark, hearing.received);
        of_key.state.rank = self.rank;
        let verdict = of_key.state.hear(telegram, hearing.received);
        if verdict.gives_readings() {
            self.rank = of_key.state.rank;
            self.remember(of_key);
        }
        verdict
    }

    /// Lets the counters of every key begin anew from an instant on. The best protection stays known: a meter that began
    /// anew protects what it sends no worse.
    pub fn begin_anew(&mut self, at: Timestamp) {
        self.began = seconds(at);
        self.keys.clear();
    }

    /// Since when the counters count, if they began anew.
    #[must_use]
    pub fn began(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.began.into()).ok().filter(|_| self.began > 0)
    }

    /// Whether a telegram is of the time before the counters began anew: by its gateway's word, by the meter's own clock, or
    /// because its bytes are known from another time, which no counter lets be sent twice.
    fn is_from_before(&self, telegram: &Telegram, hearing: &Hearing<'_>) -> bool {
        if self.began == 0 {
            return false;
        }
        let is_before = |at: Timestamp| at.as_second() < i64::from(self.began);
        let by_clock = hearing.stated.is_some_and(|at| at.as_second() + WINDOW < i64::from(self.began));
        let is_counted = telegram.message_counter.is_some() || telegram.session_number.is_some();
        hearing.received.is_some_and(is_before) || by_clock || (hearing.is_kept && is_counted)
    }

    /// Whether a key was used after one that follows it: whoever has the old key could count on with it.
    fn is_followed(&self, hearing: &Hearing<'_>) -> bool {
        let follows = |of_key: &&OfKey| of_key.mark.is_some_and(|mark| hearing.followers.contains(&mark));
        let is_later = |of_key: &OfKey| {
            hearing.received.is_none_or(|at| of_key.first > 0 && seconds(at) >= of_key.first)
        };
        self.keys.iter().filter(follows).any(is_later)
    }

    /// What was heard under a key; nothing, if it is new.
    fn of_key(&self, mark: KeyMark, received: Option<Timestamp>) -> OfKey {
        let known = self.keys.iter().find(|of_key| of_key.mark == Some(mark));
        let earlier = self.keys.iter().find(|of_key| of_key.mark.is_none() && mark != KeyMark::NONE);
        let new = OfKey { mark: None, first: received.map_or(0, seconds), state: ReplayState::default() };
        OfKey { mark: Some(mark), ..known.or(earlier).copied().unwrap_or(new) }
    }

    /// Keeps what was heard under a key, in the place of what was known of it.
    fn remember(&mut self, of_key: OfKey) {
        let is_place = |known: &&mut OfKey| {
            known.mark == of_key.mark || (known.mark.is_none() && of_key.mark != Some(KeyMark::NONE))
        };
        if let Some(place) = self.keys.iter_mut().find(is_place) {
            *place = of_key;
            return;
        }
        if self.keys.len() >= KEYS_MAX {
            let oldest = self.keys.iter().map(|known| known.first).min().unwrap_or_default();
            self.keys.retain(|known| known.first > oldest);
        }
        self.keys.push(of_key);
    }
}

fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.as_second().max(0)).unwrap_or(u32::MAX)
}

/// The first byte of stored counters; [`ReplayState`] has another one.
const FORM: u8 = 2;

impl MeterCounters {
    /// The bytes to store: form, best protection, since when, then of each key its mark, when it was first heard, the
    /// length of its state and the state; numbers with their low bytes first.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORM, self.rank as u8];
        bytes.extend(self.began.to_le_bytes());
        for OfKey { mark, first, state } in &self.keys {
            let state = state.to_bytes();
            let mark = mark.map_or(u32::MAX, |mark| mark.0);
            bytes.extend([mark, *first].into_iter().flat_map(u32::to_le_bytes));
            // A state has at most 55 bytes.
            bytes.push(u8::try_from(state.len()).unwrap_or_default());
            bytes.extend(state);
        }
        bytes
    }

    /// Counters as they were stored, also by an edition that knew one key of a meter.
    ///
    /// # Errors
    /// [`ReplayStateFault`] for bytes that are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReplayStateFault> {
        if let Ok(state) = ReplayState::from_bytes(bytes) {
            let keys = vec![OfKey { mark: None, first: 0, state }];
            return Ok(Self { rank: state.rank, began: 0, keys });
        }
        Self::read(bytes).ok_or(ReplayStateFault { got: bytes.len() })
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (&[FORM, rank, a, b, c, d], mut rest) = bytes.split_first_chunk()? else { return None };
        let mut counters =
            Self { rank: Rank::of(rank)?, began: u32::from_le_bytes([a, b, c, d]), keys: Vec::new() };
        while !rest.is_empty() {
            let (&[a, b, c, d, e, f, g, h, len], after) = rest.split_first_chunk()?;
            let (state, after) = after.split_at_checked(usize::from(len))?;
            let mark = Some(u32::from_le_bytes([a, b, c, d])).filter(|mark| *mark != u32::MAX).map(KeyMark);
            let first = u32::from_le_bytes([e, f, g, h]);
            counters.keys.push(OfKey { mark, first, state: ReplayState::from_bytes(state).ok()? });
            rest = after;
        }
        (counters.keys.len() <= KEYS_MAX).then_some(counters)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::Security;
    use crate::security::replay::tests::{at, telegram};

    fn mark(byte: u8) -> KeyMark {
        KeyMark::of(&Key::new([byte; 16]))
    }

    fn heard(counters: &mut MeterCounters, key: u8, number: u32, second: i64) -> Verdict {
        let hearing = Hearing { key: Some(mark(key)), received: Some(at(second)), ..Hearing::default() };
        counters.hear(&telegram(Security::Mode7, number, u64::from(number) + 1), &hearing)
    }

    #[test]
    fn a_key_that_follows_counts_from_anywhere_and_the_old_one_goes_on_where_it_was() {
        let mut counters = MeterCounters::default();
        assert_eq!(heard(&mut counters, 1, 900, 0), Verdict::Fresh);
        assert_eq!(heard(&mut counters, 2, 1, 60), Verdict::Fresh);
        assert_eq!(heard(&mut counters, 2, 1, 90), Verdict::Repeat);
        assert_eq!(heard(&mut counters, 1, 899, 120), Verdict::Older);
        assert_eq!(heard(&mut counters, 1, 901, 30), Verdict::Fresh);
    }

    #[test]
    fn who_has_the_old_key_cannot_count_on_with_it() {
        let mut counters = MeterCounters::default();
        heard(&mut counters, 1, 900, 0);
        heard(&mut counters, 2, 1, 60);
        let followers = [mark(2)];
        let mut old = |number, received| {
            let hearing =
                Hearing { key: Some(mark(1)), followers: &followers, received, ..Hearing::default() };
            counters.hear(&telegram(Security::Mode7, number, 5), &hearing)
        };
        assert_eq!(old(1_000, Some(at(61))), Verdict::Older);
        assert_eq!(old(1_000, None), Verdict::Older);
        // What a gateway kept from before.
        assert_eq!(old(901, Some(at(59))), Verdict::Fresh);
    }

    #[test]
    fn what_began_anew_believes_nothing_from_before() {
        let mut counters = MeterCounters::default();
        heard(&mut counters, 1, 900, 0);
        assert_eq!(heard(&mut counters, 1, 3, 4_000), Verdict::Older);
        counters.begin_anew(at(3_600));
        assert_eq!(counters.began(), Some(at(3_600)));
        assert_eq!(heard(&mut counters, 1, 3, 4_000), Verdict::Fresh);
        // Received before; stated before; known from before.
        assert_eq!(heard(&mut counters, 1, 901, 3_599), Verdict::Older);
        let mut replayed = |stated: Option<i64>, is_kept| {
            let hearing = Hearing {
                key: Some(mark(1)),
                received: Some(at(9_000)),
                stated: stated.map(at),
                is_kept,
                ..Hearing::default()
            };
            counters.hear(&telegram(Security::Mode7, 800, 7), &hearing)
        };
        assert_eq!(replayed(Some(-9_000), false), Verdict::Older);
        assert_eq!(replayed(None, true), Verdict::Older);
        // A clock may be some minutes late.
        assert_eq!(replayed(Some(3_000), false), Verdict::Fresh);
        let clear = telegram(Security::Clear, 1, 1);
        let hearing = Hearing { received: Some(at(9_000)), ..Hearing::default() };
        assert_eq!(counters.hear(&clear, &hearing), Verdict::Downgrade);
    }

    #[test]
    fn what_an_earlier_edition_kept_is_taken_over_by_the_next_key() {
        let mut earlier = ReplayState::default();
        earlier.hear(&telegram(Security::Mode7, 900, 1), Some(at(0)));
        let mut counters = MeterCounters::from_bytes(&earlier.to_bytes()).unwrap();
        assert_eq!(heard(&mut counters, 1, 899, 60), Verdict::Older);
        assert_eq!(MeterCounters::from_bytes(&counters.to_bytes()).unwrap(), counters);
        assert_eq!(heard(&mut counters, 1, 901, 60), Verdict::Fresh);
        assert_eq!(heard(&mut counters, 2, 1, 90), Verdict::Fresh);
        assert_eq!(counters.keys.len(), 2);
    }

    #[test]
    fn keys_are_told_apart_and_bounded() {
        assert_ne!(mark(1), mark(2));
        let mut counters = MeterCounters::default();
        for key in 0..40 {
            assert_eq!(heard(&mut counters, key, 5, i64::from(key)), Verdict::Fresh);
        }
        assert!(counters.keys.len() <= KEYS_MAX);
        assert_eq!(heard(&mut counters, 39, 5, 90), Verdict::Repeat);
    }

    proptest! {
        #[test]
        fn stored_counters_judge_as_those_in_memory(heard_of in vec((0..3_u8, 0..20_u32, 0..5_000_i64), 1..40)) {
            let (mut kept, mut stored) = (MeterCounters::default(), MeterCounters::default());
            for (key, number, second) in heard_of {
                stored = MeterCounters::from_bytes(&stored.to_bytes()).unwrap();
                prop_assert_eq!(heard(&mut kept, key, number, second), heard(&mut stored, key, number, second));
            }
        }

        #[test]
        fn other_bytes_are_none(bytes in vec(any::<u8>(), 0..80)) {
            let _ = MeterCounters::from_bytes(&bytes);
        }
    }
}
