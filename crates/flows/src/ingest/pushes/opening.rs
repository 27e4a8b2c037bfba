//! Opening messages of electricity meters with the stored keys.
//!
//! What comes in: a whole message, its device, and when it was received. What goes out: what it says, or why nothing; and by the
//! way which keys were used. Never: more than a few pairs of keys tried on one message.

use std::hash::{Hash as _, Hasher as _};

use jiff::Timestamp;
use rustc_hash::FxHasher;
use tidstro_dlms::{KeySet, KeySource, KeyUse, Keys, Options, Push, Refusal, SystemTitle, decode, decode_p1};
use tidstro_model::DeviceId;
use tidstro_store::MeterKeyNo;

use super::arrival::{ArrivalFault, Form};
use super::fingerprint;
use super::said::Said;
use crate::ingest::decoding::Decoder;
use crate::keys::KeyPair;

/// An opened message.
pub(super) struct Opened {
    /// What it says, in order, and which key opened each part.
    pub(super) said: Vec<(Said, u64)>,
    /// Tells it from other messages of the meter.
    pub(super) print: u64,
}

/// The keys whose turn it is.
struct Turn<'k> {
    unicast: Option<&'k KeyPair>,
    broadcast: Option<&'k KeyPair>,
}

impl<'k> Turn<'k> {
    fn pair(&self, set: KeySet) -> Option<&'k KeyPair> {
        match set {
            KeySet::Unicast => self.unicast,
            KeySet::Broadcast => self.broadcast,
            KeySet::Dedicated => None,
        }
    }
}

impl KeySource for Turn<'_> {
    fn keys(&self, _title: SystemTitle, set: KeySet) -> Option<&Keys> {
        self.pair(set).map(|pair| &pair.keys)
    }
}

impl Decoder<'_> {
    /// Opens a message of a device, received at that moment.
    pub(super) fn open_push(
        &mut self,
        (form, bytes): (Form, &[u8]),
        device: DeviceId,
        at: Timestamp,
    ) -> Result<Opened, ArrivalFault> {
        let print = fingerprint(bytes);
        let Form::Frames(framing) = form else {
            let telegrams: Result<Vec<_>, _> = decode_p1(bytes).into_iter().collect();
            let said = telegrams?.into_iter().map(|telegram| (Said::P1(Box::new(telegram)), 0)).collect();
            return Ok(Opened { said, print });
        };
        let pairs = |used_for| match device {
            DeviceId::Title(title) => self.titles().pairs(title, used_for, at),
            DeviceId::Mbus(_) | DeviceId::Named(_) => Vec::new(),
        };
        let (unicast, broadcast) = (pairs(KeyUse::Encryption), pairs(KeyUse::Broadcast));
        let turns = unicast.len().max(broadcast.len()).max(1);
        for turn in 0..turns {
            let turn_of = |pairs: &'_ [KeyPair]| turn.min(pairs.len().saturating_sub(1));
            let keys = Turn {
                unicast: unicast.get(turn_of(&unicast)),
                broadcast: broadcast.get(turn_of(&broadcast)),
            };
            let pushes: Result<Vec<Push>, Refusal> =
                decode(bytes, framing, &keys, &Options::default()).into_iter().collect();
            match pushes {
                Err(refusal) if turn + 1 < turns && blames_key(&refusal) => {}
                Err(refusal) => return Err(refusal.into()),
                Ok(pushes) => {
                    let said = pushes.into_iter().map(|push| self.noted(push, &keys)).collect();
                    return Ok(Opened { said, print });
                }
            }
        }
        Err(ArrivalFault::Nameless)
    }

    /// Counts the use of the keys that opened a push.
    fn noted(&mut self, push: Push, keys: &Turn<'_>) -> (Said, u64) {
        let pair = match push.security {
            tidstro_dlms::Security::Ciphered(header) => keys.pair(header.key_set()),
            tidstro_dlms::Security::Clear => None,
        };
        let mark = pair.map_or(0, |pair| mark(pair.encryption));
        if let Some(pair) = pair {
            self.count_use(pair.encryption);
            pair.authentication.into_iter().for_each(|key| self.count_use(key));
        }
        (Said::Push(Box::new(push)), mark)
    }
}

/// Whether another key may do better.
const fn blames_key(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Tag { .. } | Refusal::WrongKey { .. } | Refusal::KeyLength { .. })
}

/// A number that tells the keys of one meter apart.
fn mark(key: MeterKeyNo) -> u64 {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    // 0 stands for no key.
    hasher.finish().max(1)
}
