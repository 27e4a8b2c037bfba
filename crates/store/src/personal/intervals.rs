//! Energy of intervals that a device said itself, on its way to versions of series.
//!
//! What comes in: values of intervals, each of a device. What goes out: blocks of the interval series of the metering
//! point the device hung at then. A point has one interval series for a resolution, and it counts energy in one direction:
//! what a meter says of the other is not kept there, and counted. Never: a value in two places.

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_metering::{Block, Direction, IntervalBlock};
use tidstro_model::{Decimal, DeviceNo, Quality, QuantityKind, Resolution, SeriesNo};

use super::Writing;
use super::append::{NewBlock, is_covered};
use super::cover::Cover;
use super::state::direction;
use crate::StoreFault;
use crate::reference::ensure_interval_series;

/// Energy of one interval, as a device said it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NewInterval {
    /// The device that said it.
    pub device: DeviceNo,
    /// Whether the energy was delivered to the point or fed in there.
    pub direction: Direction,
    /// Length of the interval.
    pub resolution: Resolution,
    /// When it starts.
    pub start: Timestamp,
    /// How much, in watt hours.
    pub energy_wh: Decimal,
    /// What the device says of it.
    pub quality: Quality,
}

/// Blocks of intervals, and what did not become one.
#[derive(Default)]
pub(super) struct Placed {
    pub(super) blocks: Vec<NewBlock>,
    /// Intervals that no permit covers.
    pub(super) not_permitted: u64,
    /// Intervals against the direction of their point.
    pub(super) other_direction: u64,
}

/// One local day of one series.
type DayKey = (SeriesNo, i32);

/// Places intervals at the points their devices hung at, and gathers them by series and local day.
pub(super) fn placed(
    writing: &mut Writing,
    covers: &[Cover],
    intervals: &[NewInterval],
    now: Timestamp,
) -> Result<Placed, StoreFault> {
    let mut placed = Placed::default();
    let mut days: FxHashMap<DayKey, Vec<&NewInterval>> = FxHashMap::default();
    for interval in intervals {
        let day = epoch_day(writing.zone.day_of(interval.start));
        let point = writing.point_of(interval.device, day, now)?;
        if !is_covered(writing, covers, point, QuantityKind::Energy)? {
            placed.not_permitted += 1;
            continue;
        }
        let series = ensure_interval_series(&writing.db, point, interval.resolution)?;
        // A point that no master data name counts what is delivered.
        let of_point = direction(writing.meta(series)?.commodity).unwrap_or(Direction::Consumption);
        if of_point != interval.direction {
            placed.other_direction += 1;
            continue;
        }
        days.entry((series, day)).or_default().push(interval);
    }
    let mut days: Vec<_> = days.into_iter().collect();
    days.sort_unstable_by_key(|((series, day), _)| (*day, *series));
    for ((series, day), intervals) in days {
        placed.blocks.extend(day_blocks(writing, (series, day), &intervals)?);
    }
    Ok(placed)
}

/// A block of a day's intervals; of two values for one interval the later one is a block of its own, which corrects.
fn day_blocks(
    writing: &Writing,
    (series, day): DayKey,
    intervals: &[&NewInterval],
) -> Result<Vec<NewBlock>, StoreFault> {
    let damaged = StoreFault::Row { what: "local day out of range" };
    let day = from_epoch_day(day).ok_or(damaged)?;
    let exponent = intervals.iter().map(|interval| interval.energy_wh.exponent()).min().unwrap_or(0).min(0);
    let mut blocks: Vec<IntervalBlock> = Vec::new();
    for interval in intervals {
        let second = interval.start.as_second();
        let slots = writing.zone.slots(day, interval.resolution);
        let slot = writing.zone.slot_of_second(second, interval.resolution).map(|(_, slot)| slot);
        // An interval that does not begin with one of the zone is no interval of the series.
        let (Some(slots), Some(slot)) = (slots, slot) else { continue };
        let Some(value) = interval.energy_wh.in_steps_of(exponent) else { continue };
        let known = blocks.last().and_then(|block| block.value(slot as usize));
        if blocks.is_empty() || known.is_some_and(|known| known != value) {
            blocks.push(IntervalBlock::all_missing(exponent, slots)?);
        }
        if let Some(block) = blocks.last_mut() {
            block.set(slot, value, interval.quality)?;
        }
    }
    let block = |block| NewBlock { series, day, block: Block::Interval(block) };
    Ok(blocks.into_iter().map(block).collect())
}
