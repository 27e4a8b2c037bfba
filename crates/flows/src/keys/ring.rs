//! The stored keys of meters, ready to decode with.
//!
//! This file opens the keys the store hands out for use (see `tests/doors.rs`). Finding the keys of a meter takes the same
//! time however many meters there are.

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tidstro_calendar::Zone;
use tidstro_govern::Operation;
use tidstro_model::{ActivityId, ActorId, Medium, MeterId, Resolution};
use tidstro_store::{Decided, KeyHolder, MbusHolder, MeterKeyNo, Permit, UsableKey};
use tidstro_telegram::{Key, KeyMark};

use super::TitleKeys;
use crate::{FlowFault, Workspace};

/// The purpose for which keys are used and never seen.
const KEY_USE: &str = "key-use";

/// The stored keys, and the permit to use them.
pub(crate) struct StoredKeys {
    by_meter: FxHashMap<(u16, u32), Vec<StoredKey>>,
    /// Those of DLMS meters.
    pub(crate) titles: TitleKeys,
    /// `None` where the register has no such purpose, or the actor no part in it: then there are no keys.
    pub(crate) permit: Option<Permit>,
}

struct StoredKey {
    number: MeterKeyNo,
    version: Option<u8>,
    medium: Option<Medium>,
    slot: u8,
    start: Timestamp,
    end: Timestamp,
    /// Boxed, so that a growing table leaves no copy of a key behind.
    key: Box<Key>,
}

impl StoredKeys {
    /// Asks for the keys. A register without the purpose `key-use` has none to give.
    pub(crate) async fn load(
        workspace: &Workspace,
        actor: &ActorId,
        now: Timestamp,
    ) -> Result<Self, FlowFault> {
        let none = Self { by_meter: FxHashMap::default(), titles: TitleKeys::default(), permit: None };
        if workspace.register().activity(&ActivityId::parse(KEY_USE)?).is_none() {
            return Ok(none);
        }
        let keys = ("meter-keys", Resolution::Raw);
        let asked = workspace.permit_everything(actor, KEY_USE, Operation::Compute, keys, now).await?;
        let Decided::Granted(permit) = asked else { return Ok(none) };
        let keys = workspace.store.usable_meter_keys(&permit, now).await?.open(&permit)?;
        let mut by_meter: FxHashMap<_, Vec<StoredKey>> = FxHashMap::default();
        let mut titles = TitleKeys::default();
        for key in &keys {
            match key.holder {
                KeyHolder::Mbus(holder) => {
                    let meter = (holder.manufacturer.field(), holder.number.0);
                    by_meter.entry(meter).or_default().extend(StoredKey::of(key, holder, workspace.zone()));
                }
                KeyHolder::Title(title) => titles.add(title, key, workspace.zone()),
            }
        }
        Ok(Self { by_meter, titles, permit: Some(permit) })
    }

    /// Whether any key may open a telegram of this meter.
    pub(crate) fn knows(&self, meter: &MeterId) -> bool {
        self.of(meter).any(|key| key.fits(meter))
    }

    /// The keys of a meter for a telegram received at that moment: those that held then, before those of other days, for
    /// clocks and networks are late; what names the meter best and the newest first.
    pub(crate) fn candidates(&self, meter: &MeterId, at: Timestamp) -> Vec<(&Key, MeterKeyNo)> {
        let mut fitting: Vec<&StoredKey> = self.of(meter).filter(|key| key.fits(meter)).collect();
        if fitting.len() > 1 {
            fitting.sort_by_key(|key| {
                let open = usize::from(key.version.is_none()) + usize::from(key.medium.is_none());
                (!(key.start..key.end).contains(&at), key.slot, open, std::cmp::Reverse(key.start))
            });
        }
        fitting.into_iter().map(|key| (&*key.key, key.number)).collect()
    }

    /// The stored keys that follow the one with this mark, in its slot.
    pub(crate) fn followers(&self, meter: &MeterId, mark: KeyMark) -> Vec<KeyMark> {
        let keys: Vec<&StoredKey> = self.of(meter).filter(|key| key.fits(meter)).collect();
        if keys.len() < 2 {
            return Vec::new();
        }
        let Some(used) = keys.iter().find(|key| KeyMark::of(&key.key) == mark) else { return Vec::new() };
        let follow = keys.iter().filter(|key| key.slot == used.slot && key.start > used.start);
        follow.map(|key| KeyMark::of(&key.key)).collect()
    }

    fn of(&self, meter: &MeterId) -> impl Iterator<Item = &StoredKey> {
        self.by_meter.get(&(meter.manufacturer.field(), meter.number.0)).into_iter().flatten()
    }
}

impl StoredKey {
    /// `None` for a key of a length that telegrams of this kind do not have.
    fn of(key: &UsableKey, holder: MbusHolder, zone: &Zone) -> Option<Self> {
        Some(Self {
            number: key.key,
            version: holder.version,
            medium: holder.medium,
            slot: key.slot,
            start: key.from.map_or(Timestamp::MIN, |day| zone.day_start(day)),
            end: key.to.map_or(Timestamp::MAX, |day| zone.day_start(day)),
            key: Box::new(Key::new(key.secret.bytes().try_into().ok()?)),
        })
    }

    fn fits(&self, meter: &MeterId) -> bool {
        self.version.is_none_or(|version| version == meter.version)
            && self.medium.is_none_or(|medium| medium == meter.medium)
    }
}
