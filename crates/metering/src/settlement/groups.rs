//! The sums of one local day, by group.
//!
//! What comes in: periods of points and their blocks. What goes out: one [`SettlementSum`] for each group a point
//! counts in: consumption or production of one supplier and balance responsible in one grid area, or exchange of one
//! area with one neighbour. Children take no part, and the two points of grid loss are the caller's to leave out: their
//! energy is computed from these sums.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use jiff::civil::{Date, date};
use tidstro_calendar::Zone;
use tidstro_model::{Gsrn, Interval, Resolution};

use super::{
    DayValues, Direction, GridArea, Parties, PointPeriod, PointType, Readings, SettlementFault,
    SettlementMethod, SettlementSum, SlotRange,
};

/// The first local day that is settled by quarters; days before it are settled by hours.
///
/// Source: `DataHub`'s published energy scenarios, which settle local days of February 2023 by quarters where they name no
/// other day of the transition.
pub const QUARTERS_SINCE: Date = date(2023, 2, 1);

/// The resolution in which the energy of a local day is summed: PT15M, and PT1H before [`QUARTERS_SINCE`].
#[must_use]
pub fn settled_resolution(day: Date) -> Resolution {
    if day < QUARTERS_SINCE { Resolution::PT1H } else { Resolution::PT15M }
}

/// What is summed in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GroupKind {
    /// Energy into the area less energy out of it, with one neighbour.
    Exchange {
        /// The other area; the area itself for a point that measures inside it.
        neighbour: GridArea,
    },
    /// Consumption by method and parties.
    Consumption {
        /// How it is settled.
        method: SettlementMethod,
        /// Who stands for it.
        parties: Parties,
    },
    /// Production by parties.
    Production {
        /// Who stands for it.
        parties: Parties,
    },
}

/// A group of energy sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupKey {
    /// The grid area.
    pub area: GridArea,
    /// What is summed.
    pub kind: GroupKind,
}

impl GroupKey {
    /// The groups a period counts in: none for children, two for exchange.
    pub fn of(period: &PointPeriod) -> impl Iterator<Item = (Self, Direction)> {
        let (area, parties) = (period.area, period.parties);
        let groups = match period.kind {
            PointType::Consumption(method) => {
                [Some((Self { area, kind: GroupKind::Consumption { method, parties } }, Direction::In)), None]
            }
            PointType::Production => {
                [Some((Self { area, kind: GroupKind::Production { parties } }, Direction::In)), None]
            }
            PointType::Exchange { from, to } => {
                let into = Self { area: to, kind: GroupKind::Exchange { neighbour: from } };
                let out = Self { area: from, kind: GroupKind::Exchange { neighbour: to } };
                [Some((into, Direction::In)), Some((out, Direction::Out))]
            }
            PointType::Child(_) => [None, None],
        };
        groups.into_iter().flatten()
    }
}

/// The sums of one local day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaySums {
    day: Date,
    span: Interval,
    resolution: Resolution,
    slots: usize,
    groups: BTreeMap<GroupKey, SettlementSum>,
}

impl DaySums {
    /// The empty sums of a local day, in quarters (PT15M) or hours (PT1H).
    ///
    /// Results are quarterly from the market's transition on; a calculation of an earlier period sums hours.
    ///
    /// # Errors
    /// [`SettlementFault::Resolution`] if the day is not divided by the resolution.
    pub fn new(zone: &Zone, day: Date, resolution: Resolution) -> Result<Self, SettlementFault> {
        let slots = zone.slots(day, resolution).ok_or(SettlementFault::Resolution { resolution })? as usize;
        SettlementSum::zero(resolution, 0)?;
        Ok(Self { day, span: zone.day(day), resolution, slots, groups: BTreeMap::new() })
    }

    /// The sums of all points of a local day, the points of grid loss left out.
    ///
    /// # Errors
    /// As [`SettlementSum::add_block`].
    pub fn of<'a>(
        zone: &Zone,
        day: Date,
        resolution: Resolution,
        periods: impl IntoIterator<Item = &'a PointPeriod>,
        grid_loss: &BTreeSet<Gsrn>,
        readings: &Readings,
    ) -> Result<Self, SettlementFault> {
        let mut sums = Self::new(zone, day, resolution)?;
        for period in periods.into_iter().filter(|period| !grid_loss.contains(&period.point)) {
            sums.add(period, readings.day(period.point, day))?;
        }
        Ok(sums)
    }

    /// The local day.
    #[must_use]
    pub const fn day(&self) -> Date {
        self.day
    }

    /// PT15M or PT1H.
    #[must_use]
    pub const fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// Number of slots.
    #[must_use]
    pub const fn slots(&self) -> usize {
        self.slots
    }

    /// Every group with its sum, in the order of the groups.
    #[must_use]
    pub const fn groups(&self) -> &BTreeMap<GroupKey, SettlementSum> {
        &self.groups
    }

    /// The slots of this day that begin in the span of time.
    #[must_use]
    pub fn part(&self, valid: Interval) -> SlotRange {
        part_of((self.span, self.resolution), valid)
    }

    /// Adds the day's block of a point; no block counts as missing values.
    ///
    /// # Errors
    /// As [`SettlementSum::add_block`].
    pub fn add(
        &mut self,
        period: &PointPeriod,
        values: Option<DayValues<'_>>,
    ) -> Result<(), SettlementFault> {
        let part = self.part(period.valid);
        self.change(period, |sum, direction| sum.add_block(&part, values, direction))
    }

    /// Takes back what [`DaySums::add`] added, such as a period of master data that turned out to be wrong.
    ///
    /// # Errors
    /// As [`SettlementSum::add_block`].
    pub fn subtract(
        &mut self,
        period: &PointPeriod,
        values: Option<DayValues<'_>>,
    ) -> Result<(), SettlementFault> {
        let part = self.part(period.valid);
        self.change(period, |sum, direction| sum.subtract_block(&part, values, direction))
    }

    /// Puts the new block of a point in the place of the old one: `new - old` in each of its groups.
    ///
    /// # Errors
    /// As [`SettlementSum::add_block`].
    pub fn correct(
        &mut self,
        period: &PointPeriod,
        old: Option<DayValues<'_>>,
        new: Option<DayValues<'_>>,
    ) -> Result<(), SettlementFault> {
        let (part, resolution, slots) = (self.part(period.valid), self.resolution, self.slots);
        self.change(period, |sum, direction| {
            sum.add(&SettlementSum::delta(resolution, slots, &part, old, new, direction)?)
        })
    }

    /// Adds the sums of other points of the same day, such as those of another thread.
    ///
    /// # Errors
    /// [`SettlementFault::Shapes`].
    pub fn merge(&mut self, other: &Self) -> Result<(), SettlementFault> {
        for (key, sum) in &other.groups {
            match self.groups.get_mut(key) {
                Some(known) => known.add(sum)?,
                None => drop(self.groups.insert(*key, sum.clone())),
            }
        }
        Ok(())
    }

    /// Adds a sum that was made elsewhere to its group.
    ///
    /// # Errors
    /// [`SettlementFault::Shapes`] for a sum of another resolution or length of day.
    pub fn add_sum(&mut self, key: GroupKey, sum: &SettlementSum) -> Result<(), SettlementFault> {
        let (resolution, slots) = (self.resolution, self.slots);
        let known = match self.groups.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(SettlementSum::zero(resolution, slots)?),
        };
        known.add(sum)
    }

    /// Leaves the groups of one area.
    pub fn retain_area(&mut self, area: GridArea) {
        self.groups.retain(|key, _| key.area == area);
    }

    /// Counts as missing whoever is in `everybody` and not here: `everybody` has the same points without any values.
    ///
    /// Sums that are kept count the blocks that came. Who should have sent one is known from master data when they are
    /// read, so that a block costs what it changes and a point that never speaks costs nothing.
    ///
    /// # Errors
    /// [`SettlementFault::Shapes`].
    pub fn count_absent(&mut self, everybody: &Self) -> Result<(), SettlementFault> {
        for (key, expected) in &everybody.groups {
            match self.groups.get_mut(key) {
                Some(known) => known.count_absent(expected)?,
                None => drop(self.groups.insert(*key, expected.clone())),
            }
        }
        Ok(())
    }

    fn change(
        &mut self,
        period: &PointPeriod,
        mut change: impl FnMut(&mut SettlementSum, Direction) -> Result<(), SettlementFault>,
    ) -> Result<(), SettlementFault> {
        if self.part(period.valid).is_empty() {
            return Ok(());
        }
        for (key, direction) in GroupKey::of(period) {
            let sum = match self.groups.entry(key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(SettlementSum::zero(self.resolution, self.slots)?),
            };
            change(sum, direction)?;
            // A group nobody is in any more is no group: sums reached by corrections equal recomputed ones.
            if sum.is_zero() {
                self.groups.remove(&key);
            }
        }
        Ok(())
    }
}

/// The slots of a span of this resolution that begin in another span of time.
pub(super) fn part_of((span, resolution): (Interval, Resolution), valid: Interval) -> SlotRange {
    let Some(cut) = span.intersect(valid) else { return 0..0 };
    let length = i64::from(resolution.seconds().unwrap_or(1));
    let slot = |second: i64| {
        let since = second - span.start().as_second();
        // A slot that has begun belongs to who had the point when it began.
        usize::try_from((since + length - 1).div_euclid(length)).unwrap_or(0)
    };
    slot(cut.start().as_second())..slot(cut.end().as_second())
}
