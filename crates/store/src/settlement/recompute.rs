//! Sums made again from the blocks: to compare with the kept ones, and to put in their place.
//!
//! What comes in: an area and local days. What goes out: which groups differ. A day of a point whose block is erased cannot
//! be computed again; its groups stay as they are, and are said to be beyond recomputation. Never: a kept sum replaced
//! because a block is gone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tidstro_calendar::{Zone, epoch_day};
use tidstro_metering::settlement::{DaySums, GroupKey, SettlementSum};

use super::computed::compute;
use super::part::{Part, date, parts_of};
use super::point::every_area;
use super::resettle::stored_days;
use super::{kept, left, sums};
use crate::StoreFault;
use crate::db::Connection;
use crate::personal::Writing;
use crate::seal::Vault;

/// A group and local day whose kept sum is not the recomputed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// The local day.
    pub day: Date,
    /// Whose sum it is.
    pub group: GroupKey,
    /// How many slots of the day differ in energy or in qualities.
    pub slots: usize,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// Local days compared.
    pub days: u64,
    /// Groups compared, on each of the days.
    pub groups: u64,
    /// Those that differ.
    pub differing: Vec<Differing>,
    /// Blocks that are listed as left out and are not, or the other way round.
    pub left_differing: u64,
    /// Sums of groups of which a block may be erased, on each of the days: they were not compared.
    pub beyond: u64,
}

/// What a rebuild did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rebuilt {
    /// Local days computed.
    pub days: u64,
    /// Sums that were missing or other than they should have been.
    pub changed: u64,
    /// Sums left as they were, because a block of them is erased.
    pub beyond: u64,
}

/// Compares a part of an area, on a connection that sees one state of the data.
pub(super) fn verify(
    (db, vault, zone): (&Connection, &mut Vault, &Zone),
    part: Part,
    verified: &mut Verified,
) -> Result<(), StoreFault> {
    let mut left_differing = 0;
    let again = compute((db, vault, zone), part, &mut |_, _| {
        left_differing += 1;
        Ok(())
    })?;
    let mut kept = sums::kept_days(db, vault, zone, Some(part.area), part.days)?;
    verified.beyond += beyond(&again.erased, &kept)?;
    for day in &again.days {
        verify_day(day, kept.remove(&day.day()).as_ref(), &again.erased, verified);
    }
    verified.left_differing += left_differing;
    Ok(())
}

/// How many kept sums are of a group and day that lost a block.
fn beyond(erased: &BTreeSet<(i32, GroupKey)>, kept: &BTreeMap<Date, DaySums>) -> Result<u64, StoreFault> {
    let mut count = 0;
    for (day, group) in erased {
        let sums = kept.get(&date(*day)?);
        count += u64::from(sums.is_some_and(|sums| sums.groups().contains_key(group)));
    }
    Ok(count)
}

fn verify_day(
    again: &DaySums,
    kept: Option<&DaySums>,
    erased: &BTreeSet<(i32, GroupKey)>,
    verified: &mut Verified,
) {
    let (day, none) = (again.day(), BTreeMap::new());
    let kept = kept.map_or(&none, DaySums::groups);
    let groups: BTreeSet<&GroupKey> = kept.keys().chain(again.groups().keys()).collect();
    verified.days += 1;
    for group in groups.into_iter().filter(|group| !erased.contains(&(epoch_day(day), **group))) {
        verified.groups += 1;
        let slots = differing_slots(kept.get(group), again.groups().get(group));
        if slots > 0 {
            verified.differing.push(Differing { day, group: *group, slots });
        }
    }
}

/// How many slots of two sums differ; a sum that is not there is one of nothing.
fn differing_slots(one: Option<&SettlementSum>, other: Option<&SettlementSum>) -> usize {
    let slots = |sum: Option<&SettlementSum>| -> Vec<(i64, [i64; 4])> {
        sum.map(|sum| sum.quarter_watt_hours().iter().copied().zip(sum.counts()).collect())
            .unwrap_or_default()
    };
    let (one, other) = (slots(one), slots(other));
    let at = |slots: &[(i64, [i64; 4])], slot: usize| slots.get(slot).copied().unwrap_or_default();
    (0..one.len().max(other.len())).filter(|slot| at(&one, *slot) != at(&other, *slot)).count()
}

/// Makes every sum again from the blocks, and says that they are kept from now on. Call inside a transaction: a rebuild is
/// whole or did not happen.
pub(super) fn rebuild(writing: &mut Writing) -> Result<Rebuilt, StoreFault> {
    let mut rebuilt = Rebuilt::default();
    let from = kept::kept_from(&writing.db)?.unwrap_or(kept::ALWAYS);
    kept::keep_from(&writing.db, from)?;
    writing.settling.forget();
    let Some((first, last)) = stored_days(&writing.db)? else { return Ok(rebuilt) };
    let days = (epoch_day(first).max(from), epoch_day(last).saturating_add(1));
    if days.0 >= days.1 {
        return Ok(rebuilt);
    }
    let areas = every_area(&writing.db)?;
    for part in parts_of(days)? {
        for area in &areas {
            rebuild_part(writing, part.of(*area), &mut rebuilt)?;
        }
        rebuilt.days += u64::from((part.days.1 - part.days.0).unsigned_abs());
    }
    Ok(rebuilt)
}

fn rebuild_part(writing: &mut Writing, part: Part, rebuilt: &mut Rebuilt) -> Result<(), StoreFault> {
    let (db, zone) = (&writing.db, writing.zone.clone());
    let list = |place, why| left::put(db, place, why);
    let again = compute((db, &mut writing.vault, &zone), part, &mut { list })?;
    let mut kept = sums::kept_days(db, &writing.vault, &zone, Some(part.area), part.days)?;
    rebuilt.beyond += beyond(&again.erased, &kept)?;
    for day in &again.days {
        let kept = kept.remove(&day.day());
        let changes = changes_of(&zone, day, kept.as_ref(), &again.erased)?;
        rebuilt.changed += changes.groups().values().filter(|change| !change.is_zero()).count() as u64;
        writing.settling.days.insert(epoch_day(day.day()), changes);
    }
    sums::save(writing)
}

/// What has to be added to the kept sums of a day, so that they are the computed ones.
fn changes_of(
    zone: &Zone,
    again: &DaySums,
    kept: Option<&DaySums>,
    erased: &BTreeSet<(i32, GroupKey)>,
) -> Result<DaySums, StoreFault> {
    let mut changes = DaySums::new(zone, again.day(), again.resolution())?;
    let none = BTreeMap::new();
    let kept = kept.map_or(&none, DaySums::groups);
    let groups: BTreeSet<&GroupKey> = kept.keys().chain(again.groups().keys()).collect();
    for group in groups.into_iter().filter(|group| !erased.contains(&(epoch_day(again.day()), **group))) {
        let mut change = SettlementSum::zero(changes.resolution(), changes.slots())?;
        if let Some(sum) = again.groups().get(group) {
            change.add(sum)?;
        }
        if let Some(sum) = kept.get(group) {
            change.subtract(sum)?;
        }
        changes.add_sum(*group, &change)?;
    }
    Ok(changes)
}
