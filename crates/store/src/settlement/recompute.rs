//! Sums made again from the blocks: to compare with the kept ones, and to put in their place.
//!
//! What comes in: an area and local days. What goes out: which groups differ. A day of a point whose block is erased cannot
//! be computed again; its groups stay as they are, and are said to be beyond recomputation. Never: a kept sum replaced
//! because a block is gone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_metering::settlement::{DaySums, GridArea, GroupKey, SettlementSum, settled_resolution};
use tidstro_model::{PointNo, SeriesNo};

use super::changed::{How, count};
use super::point::{SettledPoint, every_point, points_on};
use super::resettle::{stored_days, stored_series};
use super::{Left, kept, left, sums};
use crate::StoreFault;
use crate::personal::{Kind, Writing, current_block};
use crate::reference::SeriesCategory;

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
    /// Groups of which a block is erased, on each of the days: they were not compared.
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

/// The sums of one local day, made from its blocks.
struct Recomputed {
    sums: DaySums,
    left: BTreeMap<SeriesNo, Left>,
    /// Series that were looked at.
    series: BTreeSet<SeriesNo>,
    /// Groups of points whose block is erased.
    erased: BTreeSet<GroupKey>,
}

/// Compares one local day of an area. Call inside a transaction.
pub(super) fn verify_day(
    writing: &mut Writing,
    area: GridArea,
    day: Date,
    verified: &mut Verified,
) -> Result<(), StoreFault> {
    let points = points_on(&writing.db, area, day)?;
    let mut again = recompute(writing, &points, day)?;
    again.erased.retain(|group| group.area == area);
    let period = epoch_day(day);
    let days = (period, period.saturating_add(1));
    let kept = sums::kept_days(&writing.db, &writing.vault, &writing.zone, Some(area), days)?.remove(&day);
    let none = BTreeMap::new();
    let kept = kept.as_ref().map_or(&none, DaySums::groups);
    let groups: BTreeSet<&GroupKey> =
        kept.keys().chain(again.sums.groups().keys()).filter(|group| group.area == area).collect();
    verified.days += 1;
    verified.beyond += again.erased.len() as u64;
    for group in groups.into_iter().filter(|group| !again.erased.contains(group)) {
        verified.groups += 1;
        let slots = differing_slots(kept.get(group), again.sums.groups().get(group));
        if slots > 0 {
            verified.differing.push(Differing { day, group: *group, slots });
        }
    }
    let listed: BTreeMap<_, _> = left::on_day(&writing.db, period)?.into_iter().collect();
    let is_other = |series: &&SeriesNo| listed.get(series) != again.left.get(series);
    verified.left_differing += again.series.iter().filter(is_other).count() as u64;
    Ok(())
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

/// Makes every sum again from the blocks, and says that they are kept from now on. Call inside a transaction.
pub(super) fn rebuild(writing: &mut Writing) -> Result<Rebuilt, StoreFault> {
    let mut rebuilt = Rebuilt::default();
    let from = kept::kept_from(&writing.db)?.unwrap_or(kept::ALWAYS);
    kept::keep_from(&writing.db, from)?;
    writing.settling.forget();
    let Some((first, last)) = stored_days(writing)? else { return Ok(rebuilt) };
    let points = every_point(&writing.db)?;
    for day in first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last) {
        if epoch_day(day) >= from {
            rebuild_day(writing, &points, day, &mut rebuilt)?;
        }
    }
    Ok(rebuilt)
}

fn rebuild_day(
    writing: &mut Writing,
    points: &[PointNo],
    day: Date,
    rebuilt: &mut Rebuilt,
) -> Result<(), StoreFault> {
    let again = recompute(writing, points, day)?;
    let period = epoch_day(day);
    let days = (period, period.saturating_add(1));
    let kept = sums::kept_days(&writing.db, &writing.vault, &writing.zone, None, days)?.remove(&day);
    let mut changes = DaySums::new(&writing.zone, day, settled_resolution(day))?;
    let none = BTreeMap::new();
    let kept = kept.as_ref().map_or(&none, DaySums::groups);
    let groups: BTreeSet<&GroupKey> = kept.keys().chain(again.sums.groups().keys()).collect();
    for group in groups.into_iter().filter(|group| !again.erased.contains(group)) {
        let mut change = SettlementSum::zero(changes.resolution(), changes.slots())?;
        if let Some(sum) = again.sums.groups().get(group) {
            change.add(sum)?;
        }
        if let Some(sum) = kept.get(group) {
            change.subtract(sum)?;
        }
        rebuilt.changed += u64::from(!change.is_zero());
        changes.add_sum(*group, &change)?;
    }
    rebuilt.days += 1;
    rebuilt.beyond += again.erased.len() as u64;
    writing.settling.days.insert(period, changes);
    let known = left::on_day(&writing.db, period)?.into_iter().map(|(series, _)| series);
    for series in known.chain(again.left.keys().copied()).collect::<BTreeSet<_>>() {
        writing.settling.left.insert((period, series), again.left.get(&series).copied());
    }
    sums::save(writing)
}

fn recompute(writing: &mut Writing, points: &[PointNo], day: Date) -> Result<Recomputed, StoreFault> {
    let sums = DaySums::new(&writing.zone, day, settled_resolution(day))?;
    let mut again =
        Recomputed { sums, left: BTreeMap::new(), series: BTreeSet::new(), erased: BTreeSet::new() };
    let period = epoch_day(day);
    for point in points {
        let Some(settled) = writing.settled_point(*point)? else { continue };
        for (number, first, last) in stored_series(writing, *point)? {
            if !(first..=last).contains(&period) {
                continue;
            }
            let series = writing.meta(number)?;
            again.series.insert(number);
            match current_block(writing, day, number)? {
                Some((_, Some(block))) => {
                    if let Some(why) = count(&mut again.sums, &series, (&settled, &block), How::In) {
                        again.left.insert(number, why);
                    }
                }
                Some((_, None)) => again.note_erased(&settled),
                None if is_over(writing, *point, period)? => again.note_erased(&settled),
                None => {}
            }
        }
    }
    Ok(again)
}

impl Recomputed {
    fn note_erased(&mut self, point: &SettledPoint) {
        let on_day = point.periods.iter().filter(|one| !self.sums.part(one.period.valid).is_empty());
        let groups: Vec<_> =
            on_day.flat_map(|one| GroupKey::of(&one.period).map(|(group, _)| group)).collect();
        self.erased.extend(groups);
    }
}

/// Whether the values of a point on a local day are erased.
fn is_over(writing: &mut Writing, point: PointNo, period: i32) -> Result<bool, StoreFault> {
    Ok(writing.owner_of(point, Kind::Series(SeriesCategory::Consumption), period)?.is_over)
}
