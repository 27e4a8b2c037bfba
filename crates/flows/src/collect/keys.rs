//! The stored keys of meters that are asked, and the counters our client may use with them.
//!
//! This file opens the keys the store hands out for use (see `tests/doors.rs`).

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tidstro_calendar::Zone;
use tidstro_dlms::{Key, Keys};
use tidstro_govern::Operation;
use tidstro_model::{ActivityId, ActorId, Resolution, SystemTitle};
use tidstro_store::{CounterUse, Decided, KeyHolder, KeySecret, MeterKeyNo, Permit, UsableKey};

use super::call::Proof;
use super::fault::CallFault;
use super::limits::Limits;
use crate::{FlowFault, Workspace};

/// The purpose for which keys are used and never seen.
const KEY_USE: &str = "key-use";
/// Slots of a meter with a system title.
const ENCRYPTION: u8 = 0;
const AUTHENTICATION: u8 = 1;

/// The keys of meters with a system title.
pub(super) struct TitleKeys {
    /// Newest first.
    keys: FxHashMap<(SystemTitle, u8), Vec<TitleKey>>,
    permit: Option<Permit>,
}

struct TitleKey {
    number: MeterKeyNo,
    start: Timestamp,
    end: Timestamp,
    secret: KeySecret,
}

impl TitleKeys {
    /// Asks for the keys. A register without the purpose `key-use`, or without a part of the actor in it, has none.
    pub(super) async fn load(
        workspace: &Workspace,
        actor: &ActorId,
        now: Timestamp,
    ) -> Result<Self, FlowFault> {
        let mut loaded = Self { keys: FxHashMap::default(), permit: None };
        if workspace.register().activity(&ActivityId::parse(KEY_USE)?).is_none() {
            return Ok(loaded);
        }
        let what = ("meter-keys", Resolution::Raw);
        let asked = workspace.permit_everything(actor, KEY_USE, Operation::Compute, what, now).await?;
        let Decided::Granted(permit) = asked else { return Ok(loaded) };
        for key in workspace.store.usable_meter_keys(&permit, now).await?.open(&permit)? {
            if let KeyHolder::Title(title) = key.holder {
                let slot = (title, key.slot);
                loaded.keys.entry(slot).or_default().push(TitleKey::of(key, workspace.zone()));
            }
        }
        loaded.keys.values_mut().for_each(|keys| keys.sort_by_key(|key| std::cmp::Reverse(key.start)));
        loaded.permit = Some(permit);
        Ok(loaded)
    }

    /// The proof of a call: keys that hold now, and counters nobody else will use; and what they are counted by.
    pub(super) async fn proof(
        &self,
        workspace: &Workspace,
        permit: &Permit,
        (client, meter): (SystemTitle, SystemTitle),
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Result<(Proof, CounterUse), CallFault>, FlowFault> {
        let held =
            |slot| self.keys.get(&(meter, slot)).and_then(|keys| keys.iter().find(|key| key.holds(now)));
        let (Some(encryption), Some(authentication)) = (held(ENCRYPTION), held(AUTHENTICATION)) else {
            return Ok(Err(CallFault::NoKey));
        };
        let keys = encryption.key().zip(authentication.key());
        let Some((key, authenticating)) = keys else { return Ok(Err(CallFault::NoKey)) };
        let which = CounterUse { client, meter, key: encryption.secret.clone() };
        let lease = workspace.store.lease_counters(permit, which.clone(), limits.requests, now).await?;
        if let Some(permit) = &self.permit {
            let uses = vec![(encryption.number, 1), (authentication.number, 1)];
            workspace.store.count_meter_key_uses(permit, uses, now).await?;
        }
        let proof = Proof::Keys {
            keys: Keys { encryption: key, authentication: Some(authenticating) },
            first: lease.first,
            end: lease.end,
            meter: lease.meter,
            challenge: lease.challenge.to_vec(),
        };
        Ok(Ok((proof, which)))
    }
}

impl TitleKey {
    fn of(key: UsableKey, zone: &Zone) -> Self {
        Self {
            number: key.key,
            start: key.from.map_or(Timestamp::MIN, |day| zone.day_start(day)),
            end: key.to.map_or(Timestamp::MAX, |day| zone.day_start(day)),
            secret: key.secret,
        }
    }

    fn holds(&self, at: Timestamp) -> bool {
        (self.start..self.end).contains(&at)
    }

    /// `None` for a key of a length DLMS does not have.
    fn key(&self) -> Option<Key> {
        let bytes = self.secret.bytes();
        bytes.try_into().map(Key::Aes128).or_else(|_| bytes.try_into().map(Key::Aes256)).ok()
    }
}
