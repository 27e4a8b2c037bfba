//! Days with missing values, for the reminder the hub sends (RSM-018).
//!
//! What comes in: points with the time they have to be measured, and their readings. What goes out: every point and
//! local day on which a value is missing, or was sent as missing. The day counts 23, 24 or 25 hours as the calendar says.
//!
//! Source: DataHub's published scenarios of the missing measurements log.

use std::collections::BTreeSet;

use jiff::civil::Date;
use tidstro_calendar::Zone;
use tidstro_model::{Gsrn, Interval, Quality, Resolution};

use super::{DaySums, DayValues, Readings, SettlementFault, SlotRange, calculation::days};

/// A point that has to be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedPoint {
    /// The point.
    pub point: Gsrn,
    /// How often: PT15M or PT1H.
    pub resolution: Resolution,
    /// From when to when.
    pub valid: Interval,
}

/// The local days of the window on which a point has fewer values than it has to have.
///
/// Values of another resolution do not count. Only days that begin while the point has to be measured are looked at.
///
/// # Errors
/// [`SettlementFault::Resolution`] for other resolutions than PT15M and PT1H.
pub fn missing_days(
    zone: &Zone,
    window: Interval,
    points: &[ExpectedPoint],
    readings: &Readings,
) -> Result<BTreeSet<(Gsrn, Date)>, SettlementFault> {
    let mut missing = BTreeSet::new();
    for expected in points {
        let Some(valid) = expected.valid.intersect(window) else { continue };
        for day in days(zone, valid) {
            let part = DaySums::new(zone, day, expected.resolution)?.part(valid);
            let values = readings.day(expected.point, day);
            if present(values, expected.resolution, &part) < part.len() {
                missing.insert((expected.point, day));
            }
        }
    }
    Ok(missing)
}

fn present(values: Option<DayValues<'_>>, resolution: Resolution, part: &SlotRange) -> usize {
    let block = values.filter(|values| values.resolution == resolution).map(|values| values.block);
    let marks = block.and_then(|block| block.marks().get(part.clone())).unwrap_or_default();
    marks.iter().filter(|mark| mark.quality() != Quality::Missing).count()
}
