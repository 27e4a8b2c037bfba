//! From a changed block to changes of sums.
//!
//! What comes in: the newest block of a local day of a series before and after. What goes out, into memory: the old one is
//! taken out of the sums of its groups, the new one put in. Written is that at the end of the transaction, once for each
//! group and day, however many blocks changed. Never: a fault because of a value; what cannot be settled is left out.

use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_metering::settlement::{DaySums, DayValues, EnergyUnit, settled_resolution};
use tidstro_metering::{Block, IntervalBlock};
use tidstro_model::{Factor, MarketUnit, QuantityKind, Resolution, Unit};

use super::point::{SettledPeriod, SettledPoint};
use super::{Left, Settling};
use crate::StoreFault;
use crate::personal::Writing;
use crate::reference::{SeriesKind, SeriesMeta};

/// Follows a change of the newest block of a local day; `None` where there was none, or is none any more. Call in the
/// transaction that changes it.
pub(crate) fn block_changed(
    writing: &mut Writing,
    series: &SeriesMeta,
    day: Date,
    old: Option<&Block>,
    new: Option<&Block>,
) -> Result<(), StoreFault> {
    if series.kind != SeriesKind::Interval || writing.settled_from()?.is_none_or(|from| epoch_day(day) < from)
    {
        return Ok(());
    }
    let Some(point) = writing.settled_point(series.point)? else { return Ok(()) };
    let old = old.map(|old| (&*point, old));
    let new = new.map(|new| (&*point, new));
    exchange(writing, series, day, old, new)
}

/// A block and what its point counts in.
type Counted<'a> = Option<(&'a SettledPoint, &'a Block)>;

/// Takes one block out of the sums of a local day and puts the other one in.
pub(super) fn exchange(
    writing: &mut Writing,
    series: &SeriesMeta,
    day: Date,
    old: Counted<'_>,
    new: Counted<'_>,
) -> Result<(), StoreFault> {
    let period = epoch_day(day);
    let zone = writing.zone.clone();
    let Settling { days, left, .. } = &mut writing.settling;
    let sums = match days.entry(period) {
        std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
        std::collections::btree_map::Entry::Vacant(unknown) => {
            unknown.insert(DaySums::new(&zone, day, settled_resolution(day))?)
        }
    };
    let was_left = old.and_then(|old| count(sums, series, old, How::Out));
    let is_left = new.and_then(|new| count(sums, series, new, How::In));
    if was_left != is_left || left.contains_key(&(period, series.series)) {
        left.insert((period, series.series), is_left);
    }
    Ok(())
}

/// Whether a block is put into sums or taken out of them.
#[derive(Clone, Copy)]
pub(super) enum How {
    In,
    Out,
}

/// Counts a block in every group of its point on the day; why it is in none, or not in all of them.
fn count(
    sums: &mut DaySums,
    series: &SeriesMeta,
    (point, block): (&SettledPoint, &Block),
    how: How,
) -> Option<Left> {
    match block {
        Block::Interval(block) => count_intervals(sums, series, (point, block), how),
        Block::Register(_) => Some(Left::Unit),
    }
}

/// The same for a block of intervals.
pub(super) fn count_intervals(
    sums: &mut DaySums,
    series: &SeriesMeta,
    (point, block): (&SettledPoint, &IntervalBlock),
    how: How,
) -> Option<Left> {
    let mut left = Some(Left::NoPeriod);
    for settled in &point.periods {
        if sums.part(settled.period.valid).is_empty() {
            continue;
        }
        let why = count_in(sums, series, (settled, block), how);
        // The first part of the day that is settled says that there is a period.
        left = if left == Some(Left::NoPeriod) { why } else { left.or(why) };
    }
    left
}

fn count_in(
    sums: &mut DaySums,
    series: &SeriesMeta,
    (settled, block): (&SettledPeriod, &IntervalBlock),
    how: How,
) -> Option<Left> {
    // The energy of these points is computed from the sums.
    if settled.is_grid_loss {
        return None;
    }
    let period = &settled.period;
    let values = match settled_values(series, (settled, block)) {
        Ok(values) => values,
        Err(why) => return Some(why),
    };
    let values = values.as_values(series.resolution);
    let done = match how {
        How::In => sums.add(period, Some(values)),
        How::Out => sums.subtract(period, Some(values)),
    };
    done.err().map(|fault| Left::of(&fault))
}

/// The values of a block as they are settled: times the factor of a scaled point.
pub(super) struct SettledValues<'a> {
    measured: &'a IntervalBlock,
    scaled: Option<IntervalBlock>,
}

impl SettledValues<'_> {
    /// The same, as settlement computes with them.
    pub(super) fn as_values(&self, resolution: Resolution) -> DayValues<'_> {
        let block = self.scaled.as_ref().unwrap_or(self.measured);
        DayValues { resolution, unit: EnergyUnit::WattHour, block }
    }
}

/// The values of a block as they are settled, or why they are not.
pub(super) fn settled_values<'a>(
    series: &SeriesMeta,
    (settled, measured): (&SettledPeriod, &'a IntervalBlock),
) -> Result<SettledValues<'a>, Left> {
    if let Some(why) = why_left(settled, series) {
        return Err(why);
    }
    let plain = SettledValues { measured, scaled: None };
    if settled.factor == Factor::ONE {
        return Ok(plain);
    }
    let scaled = plain.as_values(series.resolution).scaled(settled.factor);
    Ok(SettledValues { measured, scaled: Some(scaled.map_err(|fault| Left::of(&fault))?) })
}

/// What keeps a series out of the sums whatever its values are.
pub(super) fn why_left(settled: &SettledPeriod, series: &SeriesMeta) -> Option<Left> {
    let is_energy = series.quantity == QuantityKind::Energy && series.unit == Unit::WattHour;
    if !is_energy || settled.unit != MarketUnit::KilowattHour {
        Some(Left::Unit)
    } else if !settled.is_supplied() {
        Some(Left::NoSupply)
    } else if series.resolution != settled.period.resolution {
        Some(Left::Resolution)
    } else {
        None
    }
}
