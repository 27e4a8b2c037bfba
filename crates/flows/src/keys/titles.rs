//! The stored keys of DLMS meters, ready to decode with.
//!
//! What comes in: opened keys. What goes out: for a system title and a moment, the pairs of encryption and authentication key
//! that may open a push of then. Each key follows another on a day of its own, so the pairs to try are few.

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tidstro_calendar::Zone;
use tidstro_dlms::{Key, KeyUse, Keys};
use tidstro_model::SystemTitle;
use tidstro_store::{MeterKeyNo, UsableKey};

/// Pairs tried on one push.
const TRIED_MAX: usize = 4;

/// The keys of every system title.
#[derive(Default)]
pub(crate) struct TitleKeys {
    by_title: FxHashMap<SystemTitle, Vec<StoredTitleKey>>,
}

struct StoredTitleKey {
    number: MeterKeyNo,
    used_for: KeyUse,
    start: Timestamp,
    end: Timestamp,
    /// Boxed, so that a growing table leaves no copy of a key behind.
    key: Box<Key>,
}

/// Keys to try on a push, and which of the stored ones they are.
pub(crate) struct KeyPair {
    pub(crate) keys: Keys,
    pub(crate) encryption: MeterKeyNo,
    pub(crate) authentication: Option<MeterKeyNo>,
}

impl TitleKeys {
    /// Takes up a key; one of a length that no suite has is left out.
    pub(crate) fn add(&mut self, title: SystemTitle, key: &UsableKey, zone: &Zone) {
        let (Some(used_for), Some(secret)) = (KeyUse::of_slot(key.slot), Key::from_bytes(key.secret.bytes()))
        else {
            return;
        };
        self.by_title.entry(title).or_default().push(StoredTitleKey {
            number: key.key,
            used_for,
            start: key.from.map_or(Timestamp::MIN, |day| zone.day_start(day)),
            end: key.to.map_or(Timestamp::MAX, |day| zone.day_start(day)),
            key: Box::new(secret),
        });
    }

    /// Whether there is any key to decrypt with.
    pub(crate) fn knows(&self, title: SystemTitle) -> bool {
        self.by_title
            .get(&title)
            .is_some_and(|keys| keys.iter().any(|key| key.used_for != KeyUse::Authentication))
    }

    /// The pairs to try on a push received at that moment, with the key of that use to decrypt: those that held then before
    /// those of other days, the newest first.
    pub(crate) fn pairs(&self, title: SystemTitle, used_for: KeyUse, at: Timestamp) -> Vec<KeyPair> {
        let authentications = self.of(title, KeyUse::Authentication, at);
        let mut pairs = Vec::new();
        for (rank, encryption) in self.of(title, used_for, at).into_iter().enumerate() {
            if authentications.is_empty() {
                pairs.push((rank, KeyPair::of(encryption, None)));
            }
            let both = authentications.iter().zip(rank..);
            pairs.extend(
                both.map(|(authentication, rank)| (rank, KeyPair::of(encryption, Some(authentication)))),
            );
        }
        pairs.sort_by_key(|(rank, _)| *rank);
        pairs.into_iter().map(|(_, pair)| pair).take(TRIED_MAX).collect()
    }

    fn of(&self, title: SystemTitle, used_for: KeyUse, at: Timestamp) -> Vec<&StoredTitleKey> {
        let of_title = self.by_title.get(&title).into_iter().flatten();
        let mut keys: Vec<_> = of_title.filter(|key| key.used_for == used_for).collect();
        keys.sort_by_key(|key| (!(key.start..key.end).contains(&at), std::cmp::Reverse(key.start)));
        keys
    }
}

impl KeyPair {
    fn of(encryption: &StoredTitleKey, authentication: Option<&StoredTitleKey>) -> Self {
        Self {
            keys: Keys {
                encryption: (*encryption.key).clone(),
                authentication: authentication.map(|key| (*key.key).clone()),
            },
            encryption: encryption.number,
            authentication: authentication.map(|key| key.number),
        }
    }
}
