//! Days with missing values, point by point.
//!
//! What comes in: an area and its days. What goes out: each connected point and local day on which a value is missing, or was
//! sent as missing. A month of an area is read at once, beside the writer, as it was at one moment. Never: a value.

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::{Zone, epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::IntervalBlock;
use tidstro_metering::settlement::GridArea;
use tidstro_model::{ConnectionState, DayRange, Gsrn, PointNo, Quality, Resolution};

use super::blocks::{LooksAtBlocks, look_at_blocks};
use super::part::{Part, date, day_bit, parts_in_reach};
use super::view::{area_of, permit_target};
use crate::db::Connection;
use crate::gate::{Disclosed, Permit};
use crate::reference::{KnownAt, KnownPeriod, SeriesMeta, over_area};
use crate::seal::Vault;
use crate::sqlite::Reading;
use crate::{Store, StoreFault};

impl Store {
    /// The points of the permit's area and the local days on which values are missing, in order of day and point. Points that
    /// are not connected on a day, and those that stand for grid loss, have to send nothing. Each month is as it was at one
    /// moment; whoever writes does not wait.
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
        for month in parts_in_reach(&terms, days)? {
            let zone = self.zone.clone();
            let job = move |reading: &mut Reading| {
                let snapshot = reading.db.snapshot()?;
                let part = month.of(area_of(&snapshot, target)?);
                missing_in((&snapshot, &mut reading.vault, &zone), part)
            };
            missing.extend(self.threads.read(job).await?);
        }
        Ok(Disclosed::new(missing, permit))
    }
}

fn missing_in(
    (db, vault, zone): (&Connection, &mut Vault, &Zone),
    part: Part,
) -> Result<Vec<(Date, Gsrn)>, StoreFault> {
    let mut expected = Expected::read(db, zone, part)?;
    look_at_blocks((db, vault), part, &mut expected)?;
    expected.missing()
}

/// What has to be sent in a part.
struct Expected<'a> {
    zone: &'a Zone,
    part: Part,
    /// In order of point and day.
    points: Vec<ExpectedPoint>,
}

/// A point while it has to send in one resolution.
struct ExpectedPoint {
    point: PointNo,
    gsrn: Gsrn,
    resolution: Resolution,
    /// Local days, half open, counted from 1970-01-01.
    days: (i32, i32),
    /// Days of which every value came: one bit for each day of the part.
    whole: u32,
}

impl<'a> Expected<'a> {
    fn read(db: &Connection, zone: &'a Zone, part: Part) -> Result<Self, StoreFault> {
        let mut points = Vec::new();
        over_area(db, (part.area, part.dates()?, KnownAt::NOW), &mut |_, periods| {
            let expected = periods.iter().filter(|period| has_to_send(period, part.area));
            points.extend(expected.map(ExpectedPoint::of));
            Ok(())
        })?;
        Ok(Self { zone, part, points })
    }

    /// The periods of a point, to be looked at.
    fn of(&mut self, point: PointNo) -> &mut [ExpectedPoint] {
        let first = self.points.partition_point(|one| one.point < point);
        let end = self.points.partition_point(|one| one.point <= point);
        self.points.get_mut(first..end).unwrap_or_default()
    }

    fn missing(&self) -> Result<Vec<(Date, Gsrn)>, StoreFault> {
        let mut missing = Vec::new();
        for (day, place) in (self.part.days.0..self.part.days.1).zip(0..) {
            let lacks = |one: &&ExpectedPoint| one.has(day) && one.whole & day_bit(place) == 0;
            let date = date(day)?;
            missing.extend(self.points.iter().filter(lacks).map(|one| (date, one.gsrn)));
        }
        Ok(missing)
    }
}

impl ExpectedPoint {
    fn of(period: &KnownPeriod) -> Self {
        let days = (epoch_day(period.days.start()), epoch_day(period.days.end()));
        let KnownPeriod { point, gsrn, state, .. } = *period;
        Self { point, gsrn, resolution: state.resolution, days, whole: 0 }
    }

    const fn has(&self, day: i32) -> bool {
        self.days.0 <= day && day < self.days.1
    }
}

impl LooksAtBlocks for Expected<'_> {
    fn needs(&self, series: &SeriesMeta) -> bool {
        let found = self.points.partition_point(|one| one.point < series.point);
        let of_point = self.points.iter().skip(found).take_while(|one| one.point == series.point);
        of_point.into_iter().any(|one| one.resolution == series.resolution)
    }

    fn take(&mut self, series: &SeriesMeta, day: i32, block: &IntervalBlock) -> Result<(), StoreFault> {
        let Some(place) = self.part.place_of(day) else { return Ok(()) };
        let slots = self.zone.slots(date(day)?, series.resolution).unwrap_or(0) as usize;
        let present = block.marks().iter().filter(|mark| mark.quality() != Quality::Missing).count();
        if present == slots {
            let waiting = |one: &&mut ExpectedPoint| one.has(day) && one.resolution == series.resolution;
            self.of(series.point).iter_mut().filter(waiting).for_each(|one| one.whole |= day_bit(place));
        }
        Ok(())
    }
}

fn has_to_send(period: &KnownPeriod, area: GridArea) -> bool {
    let state = &period.state;
    let has_intervals = matches!(state.resolution, Resolution::PT15M | Resolution::PT1H);
    let is_connected = state.connection == ConnectionState::Connected;
    state.area == area && has_intervals && is_connected && !state.stands_for_grid_loss
}
