//! Rows of measurements as blocks of local days.
//!
//! What comes in: rows of point, time, quantity and quality. What goes out: blocks, as the product keeps them. The hub's
//! quality words beyond the four of the market (`virtual`) are values like measured ones.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_metering::{IntervalBlock, settlement::Readings};
use tidstro_model::{Gsrn, Quality, Resolution};

use super::table::{Fault, Row, gsrn, instant, read, read_if, steps};

/// Measured values on their way into blocks.
pub(super) struct Blocks<'a> {
    zone: &'a Zone,
    days: BTreeMap<(Gsrn, Date), (Resolution, IntervalBlock)>,
}

impl<'a> Blocks<'a> {
    pub(super) const fn new(zone: &'a Zone) -> Self {
        Self { zone, days: BTreeMap::new() }
    }

    /// Takes every row whose point and time have a resolution by `resolution`, and begin an interval of it.
    pub(super) fn read(
        zone: &'a Zone,
        rows: &[Row],
        resolution: impl Fn(Gsrn, Timestamp) -> Option<Resolution>,
    ) -> Result<Readings, Fault> {
        let mut blocks = Self::new(zone);
        for row in rows {
            let (point, at) =
                (read(row, "metering_point_id", gsrn)?, read(row, "observation_time", instant)?);
            if let Some(resolution) = resolution(point, at) {
                let value = read_if(row, "quantity", steps(-3))?;
                let quality = read(row, "quality", quality)?;
                blocks.set(point, at, resolution, value, quality)?;
            }
        }
        Ok(blocks.finish())
    }

    fn set(
        &mut self,
        point: Gsrn,
        at: Timestamp,
        resolution: Resolution,
        value: Option<i64>,
        quality: Quality,
    ) -> Result<(), Fault> {
        let Some((day, slot)) = self.zone.slot_of(at, resolution) else { return Ok(()) };
        let slots = self.zone.slots(day, resolution).unwrap_or(0);
        let missing = IntervalBlock::all_missing(-3, slots).map_err(|fault| fault.to_string())?;
        let (_, block) = self.days.entry((point, day)).or_insert((resolution, missing));
        // Two values of one interval are added, as the hub's sums of an hour do.
        let known = usize::try_from(slot).ok().and_then(|slot| block.value(slot)).unwrap_or(0);
        let (value, quality) = value.map_or((0, Quality::Missing), |value| (value + known, quality));
        if quality == Quality::Missing {
            return Ok(());
        }
        block.set(slot, value, quality).map_err(|fault| fault.to_string())
    }

    fn finish(self) -> Readings {
        let mut readings = Readings::default();
        for ((point, day), (resolution, block)) in self.days {
            readings.insert(point, day, resolution, block);
        }
        readings
    }
}

fn quality(word: &str) -> Option<Quality> {
    if word == "virtual" { Some(Quality::Measured) } else { Quality::from_word(word) }
}
