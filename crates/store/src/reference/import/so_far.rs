//! What earlier pieces of one import said, as far as a later piece must know it.
//!
//! What comes in: the plans of pieces, one after the other, and before the first which points and devices have rows anywhere.
//! What goes out: whether a name becomes known, the life of a point, who lives there, what ends. Points and people are kept as
//! hashes of their names, a few bytes for each. Never: a row, or a person's name.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_model::{AreaKind, ChargeKey, DayRange, DeviceId, Gsrn, Mounting, Timeline};

use super::MasterOutcome;

/// A hash of a name. Among a million names two share one with a chance of one in 37 million.
pub(super) fn hash_of(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// What pieces of one import said so far.
#[derive(Debug, Clone, Default)]
pub struct ImportSoFar {
    /// The points that these files state, in whatever piece.
    stated: FxHashSet<u64>,
    /// The devices that have rows in these files, in whatever piece.
    devices: BTreeSet<DeviceId>,
    /// Points that become known or other, and the life of each, if the market knows them.
    points: FxHashMap<u64, Option<DayRange>>,
    areas: BTreeMap<String, AreaKind>,
    people: FxHashSet<u64>,
    charges: BTreeSet<ChargeKey>,
    /// The days of occupancies that become known, by point.
    lived: BTreeSet<(u64, i32, i32)>,
    /// The new end of known occupancies.
    ends_of_occupancies: BTreeMap<i64, i32>,
    /// The first day after the life of points that end earlier.
    ends_of_points: BTreeMap<String, Date>,
    /// Where devices hung, if a point ended under them before their rows were read.
    hangs: BTreeMap<DeviceId, Timeline<(String, Mounting)>>,
    counts: Vec<FileCounts>,
}

/// What became of the rows of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileCounts {
    /// Rows of master data it adds.
    pub added: u64,
    /// Rows of master data it retires.
    pub retired: u64,
    /// Rows that are refused.
    pub refused: u64,
}

impl ImportSoFar {
    /// Says that the files state a point, so that a row before it may name it as parent.
    pub fn will_state(&mut self, point: Gsrn) {
        self.stated.insert(hash_of(&point.to_string()));
    }

    /// Says that the files have rows about a device, so that its change is told as one.
    pub fn will_place(&mut self, device: DeviceId) {
        self.devices.insert(device);
    }

    /// What became of the rows of a file.
    #[must_use]
    pub fn counts_of(&self, file: usize) -> FileCounts {
        self.counts.get(file).copied().unwrap_or_default()
    }

    pub(super) fn states(&self, point: &str) -> bool {
        self.stated.contains(&hash_of(point))
    }

    pub(super) fn places(&self, device: DeviceId) -> bool {
        self.devices.contains(&device)
    }

    pub(super) fn knows_point(&self, point: &str) -> bool {
        self.points.contains_key(&hash_of(point))
    }

    /// The life of a point of which an earlier piece said something; `None` inside if the market does not know it.
    pub(super) fn life_of(&self, point: &str) -> Option<Option<DayRange>> {
        self.points.get(&hash_of(point)).copied()
    }

    /// A point that becomes known.
    pub(super) fn add_point(&mut self, point: &str) {
        self.points.entry(hash_of(point)).or_insert(None);
    }

    /// The life that a point has from now on.
    pub(super) fn lives(&mut self, point: &str, life: Option<DayRange>) {
        self.points.insert(hash_of(point), life);
    }

    pub(super) fn area_kind(&self, name: &str) -> Option<AreaKind> {
        self.areas.get(name).copied()
    }

    pub(super) fn add_area(&mut self, name: &str, kind: AreaKind) {
        self.areas.insert(name.to_owned(), kind);
    }

    pub(super) fn knows_person(&self, reference: &str) -> bool {
        self.people.contains(&hash_of(reference))
    }

    pub(super) fn add_person(&mut self, reference: &str) {
        self.people.insert(hash_of(reference));
    }

    pub(super) const fn charges(&self) -> &BTreeSet<ChargeKey> {
        &self.charges
    }

    pub(super) fn add_charge(&mut self, key: &ChargeKey) {
        self.charges.insert(key.clone());
    }

    /// Somebody becomes known to live at a point.
    pub(super) fn add_days(&mut self, point: &str, days: DayRange) {
        self.lived.insert((hash_of(point), epoch_day(days.start()), epoch_day(days.end())));
    }

    /// The first of these days on which somebody becomes known to live at a point.
    pub(super) fn lived_on(&self, point: &str, days: DayRange) -> Option<Date> {
        let (point, start, end) = (hash_of(point), epoch_day(days.start()), epoch_day(days.end()));
        // Occupancies of one point share no day, so the last one that begins before these days end has the latest end.
        let before = self.lived.range((point, i32::MIN, i32::MIN)..(point, end, i32::MIN));
        let mut shared = before.rev().take_while(|(_, _, to)| *to > start);
        let first = shared.next().map(|(_, from, _)| *from)?;
        let first = shared.last().map_or(first, |(_, from, _)| *from);
        from_epoch_day(first.max(start))
    }

    pub(super) fn end_occupancy(&mut self, occupancy: i64, end: i32) {
        self.ends_of_occupancies.insert(occupancy, end);
    }

    pub(super) fn end_of_occupancy(&self, occupancy: i64) -> Option<i32> {
        self.ends_of_occupancies.get(&occupancy).copied()
    }

    pub(super) fn end_point(&mut self, point: &str, day: Date) {
        self.ends_of_points.insert(point.to_owned(), day);
    }

    pub(super) fn end_of_point(&self, point: &str) -> Option<Date> {
        self.ends_of_points.get(point).copied()
    }

    /// Where a device hung before a point ended under it.
    pub(super) fn hung(&self, device: DeviceId) -> Option<&Timeline<(String, Mounting)>> {
        self.hangs.get(&device)
    }

    pub(super) fn keep_hung(&mut self, device: DeviceId, hung: Timeline<(String, Mounting)>) {
        self.hangs.entry(device).or_insert(hung);
    }

    /// Adds up what a piece did.
    pub(super) fn count(&mut self, files: usize, outcome: &MasterOutcome) {
        self.counts.resize(files.max(self.counts.len()), FileCounts::default());
        for item in &outcome.items {
            let (added, retired) = item.change.counts();
            if let Some(counts) = self.counts.get_mut(item.file) {
                counts.added += added;
                counts.retired += retired;
            }
        }
        for refused in &outcome.refused {
            if let Some(counts) = self.counts.get_mut(refused.file) {
                counts.refused += 1;
            }
        }
    }
}
