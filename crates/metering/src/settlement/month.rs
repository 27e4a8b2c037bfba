//! The sums of local days of a month that follow each other, for whoever makes them anew.
//!
//! What comes in: the values of a point on several days in a row, as a closed month has them. What goes out: the sums of
//! each day, the same that [`DaySums`] comes to day by day; a month is added at once, and its group is looked up once. Never:
//! a day whose number of values is not its own.

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::civil::Date;
use tidstro_calendar::Zone;
use tidstro_model::{DayRange, Interval, PointPeriod, Resolution};

use super::groups::part_of;
use super::{DaySums, GroupKey, MonthValues, SettlementFault, SettlementSum, SlotRange};

/// The sums of local days of a month that follow each other, by group.
#[derive(Debug, Clone)]
pub struct MonthSums {
    /// The days in order, still empty, each with its first slot among those of all days.
    days: Vec<(usize, DaySums)>,
    span: Interval,
    resolution: Resolution,
    slots: usize,
    groups: BTreeMap<GroupKey, SettlementSum>,
}

impl MonthSums {
    /// The empty sums of local days, in quarters (PT15M) or hours (PT1H).
    ///
    /// # Errors
    /// As [`DaySums::new`].
    pub fn new(zone: &Zone, days: DayRange, resolution: Resolution) -> Result<Self, SettlementFault> {
        let (mut slots, mut sums) = (0, Vec::new());
        for day in days.start().series(jiff::Span::new().days(1)).take_while(|day| *day < days.end()) {
            let of_day = DaySums::new(zone, day, resolution)?;
            let length = of_day.slots();
            sums.push((slots, of_day));
            slots += length;
        }
        let span = Interval::new(zone.day_start(days.start()), zone.day_start(days.end()));
        let span = span.map_err(|_| SettlementFault::Resolution { resolution })?;
        Ok(Self { days: sums, span, resolution, slots, groups: BTreeMap::new() })
    }

    /// Adds the values of a point on days from `first` on.
    ///
    /// # Errors
    /// [`SettlementFault::Slots`] for values of other days than these, or a day with more or fewer values than it has
    /// intervals; otherwise as [`SettlementSum::add_block`]. The sums are unchanged then.
    pub fn add(
        &mut self,
        period: &PointPeriod,
        first: Date,
        values: &MonthValues<'_>,
    ) -> Result<(), SettlementFault> {
        let of = self.slots_of(first, values)?;
        let valid = part_of((self.span, self.resolution), period.valid);
        let part = valid.start.max(of.start)..valid.end.min(of.end);
        if part.is_empty() {
            return Ok(());
        }
        for (group, direction) in GroupKey::of(period) {
            let sum = match self.groups.entry(group) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(SettlementSum::zero(self.resolution, self.slots)?),
            };
            sum.add_days(of.start, &part, values, direction)?;
        }
        Ok(())
    }

    /// The slots that values from a day on are of; proves that each day has as many as it must.
    fn slots_of(&self, first: Date, values: &MonthValues<'_>) -> Result<SlotRange, SettlementFault> {
        let per_hour = values.per_hour()?;
        let own_per_hour = super::readings::intervals_per_hour(self.resolution)?;
        let at = self.days.partition_point(|(_, sums)| sums.day() < first);
        let mut days = self.days.get(at..).unwrap_or_default().iter();
        let begin = days.as_slice().first().filter(|(_, sums)| sums.day() == first).map(|(slot, _)| *slot);
        let mut end = begin.unwrap_or(0);
        for got in values.days.each_length() {
            let slots = days.next().filter(|_| begin.is_some()).map_or(0, |(_, sums)| sums.slots());
            let expected = slots / own_per_hour * per_hour;
            if got != expected || expected == 0 {
                return Err(SettlementFault::Slots { resolution: values.resolution, expected, got });
            }
            end += slots;
        }
        Ok(begin.unwrap_or(0)..end)
    }

    /// The sums of each day, in order of days. A day to which nothing was added is empty.
    ///
    /// # Errors
    /// None in fact; the parts of a sum have the shape of their days.
    pub fn into_days(self) -> Result<Vec<DaySums>, SettlementFault> {
        let mut days = Vec::with_capacity(self.days.len());
        for (first, mut day) in self.days {
            let slots = first..first + day.slots();
            for (group, sum) in &self.groups {
                let part = sum.part(&slots);
                if !part.is_zero() {
                    day.add_sum(*group, &part)?;
                }
            }
            days.push(day);
        }
        Ok(days)
    }
}

impl SettlementSum {
    /// The sum of some slots alone.
    fn part(&self, slots: &SlotRange) -> Self {
        let quantities = self.quantities.get(slots.clone()).unwrap_or_default().to_vec();
        let mut steps = self.steps.get(slots.clone()).unwrap_or_default().to_vec();
        // How many were counted before goes on to count.
        let before = self.steps.get(..slots.start).unwrap_or_default();
        if let Some(first) = steps.first_mut() {
            for step in before {
                first.iter_mut().zip(step).for_each(|(count, step)| *count += step);
            }
        }
        Self { per_hour: self.per_hour, quantities, steps }
    }
}

#[cfg(test)]
mod tests;
