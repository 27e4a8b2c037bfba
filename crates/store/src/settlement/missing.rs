//! Days with missing values, point by point.
//!
//! What comes in: an area and its days. What goes out: each connected point and local day on which a value is missing, or was
//! sent as missing. Never: a value.

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_govern::Operation;
use tidstro_metering::Block;
use tidstro_metering::settlement::GridArea;
use tidstro_model::{ConnectionState, DayRange, Gsrn, Quality, Resolution, SeriesNo};

use super::resettle::stored_series;
use super::view::{area_of, each_day, permit_target};
use crate::gate::{Disclosed, Permit};
use crate::personal::{Writing, current_block};
use crate::reference::{KnownAt, KnownPeriod, Which, point_periods};
use crate::{Store, StoreFault};

impl Store {
    /// The points of the permit's area and the local days on which values are missing, in order of day and point. Points that
    /// are not connected on a day, and those that stand for grid loss, have to send nothing.
    ///
    /// # Errors
    /// As [`Store::settlement`], for a permit to compute.
    pub async fn missing_days(
        &self,
        permit: &Permit,
        days: DayRange,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<(Date, Gsrn)>>, StoreFault> {
        let terms = permit.must_allow(Operation::Compute, self.columns.settled()?, now)?;
        let target = permit_target(&terms)?;
        let mut missing = Vec::new();
        for day in terms.scope().days.intersect(days).into_iter().flat_map(each_day) {
            let job = move |writing: &mut Writing| {
                let area = area_of(&writing.db, target)?;
                missing_on(writing, area, day)
            };
            missing.extend(self.threads.write(job).await?.into_iter().map(|point| (day, point)));
        }
        Ok(Disclosed::new(missing, permit))
    }
}

fn missing_on(writing: &mut Writing, area: GridArea, day: Date) -> Result<Vec<Gsrn>, StoreFault> {
    let periods = point_periods(&writing.db, &Which::Area(area), one_day(day)?, KnownAt::NOW)?;
    let mut missing = Vec::new();
    for period in periods.iter().filter(|period| has_to_send(period, area)) {
        if !is_whole(writing, period, day)? {
            missing.push(period.gsrn);
        }
    }
    Ok(missing)
}

fn one_day(day: Date) -> Result<DayRange, StoreFault> {
    let next = day.tomorrow().map_err(|_| StoreFault::NoDays)?;
    DayRange::new(day, next).map_err(|_| StoreFault::NoDays)
}

fn has_to_send(period: &KnownPeriod, area: GridArea) -> bool {
    let state = &period.state;
    let has_intervals = matches!(state.resolution, Resolution::PT15M | Resolution::PT1H);
    let is_connected = state.connection == ConnectionState::Connected;
    state.area == area && has_intervals && is_connected && !state.stands_for_grid_loss
}

/// Whether every interval of the day has a value, in the resolution the point has.
fn is_whole(writing: &mut Writing, period: &KnownPeriod, day: Date) -> Result<bool, StoreFault> {
    let expected = writing.zone.slots(day, period.state.resolution).unwrap_or(0) as usize;
    for (series, first, last) in stored_series(writing, period.point)? {
        let is_stored = (first..=last).contains(&epoch_day(day));
        if is_stored && has_all(writing, (series, day), (period.state.resolution, expected))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_all(
    writing: &mut Writing,
    (series, day): (SeriesNo, Date),
    (resolution, expected): (Resolution, usize),
) -> Result<bool, StoreFault> {
    if writing.meta(series)?.resolution != resolution {
        return Ok(false);
    }
    let Some((_, Some(Block::Interval(block)))) = current_block(writing, day, series)? else {
        return Ok(false);
    };
    let present = block.marks().iter().filter(|mark| mark.quality() != Quality::Missing).count();
    Ok(present == expected)
}
