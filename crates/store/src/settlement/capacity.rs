//! Capacity settlement of an area: the mean of the ten largest hours of a year, for the children it is settled on.
//!
//! What comes in: a permit to compute with the values of one area, a month, and a moment of knowledge. What goes out, under that permit: of
//! each child (D19) of a consumption point the value of its local days in the month, and the hours it was made of, by household.
//! Never: an hour of one household in another's value.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tidstro_calendar::{Zone, next_month};
use tidstro_govern::Operation;
use tidstro_metering::settlement::{CapacityPoint, LargestHour, SettlementFault, capacity_settlement};
use tidstro_model::{DayRange, Gsrn};

use super::ChildSeries;
use super::children::{ChildLeft, ChildRule, Family, Wanted, span};
use crate::gate::{Disclosed, Permit};
use crate::{Store, StoreFault};

/// The code of the children that capacity is settled on.
const CAPACITY: &str = "D19";

/// The capacity of one household in a month. It has no `Debug`: it is about a home.
#[derive(Clone, PartialEq, Eq)]
pub struct SettledCapacity {
    /// The consumption point.
    pub point: Gsrn,
    /// The child it is settled on.
    pub child: Gsrn,
    /// The local days of the month it holds for.
    pub days: DayRange,
    /// The mean of the hours, in watt-hours; the value of each of these days.
    pub watt_hours: i64,
    /// The largest hours of the household in the year that ends with the month, at most ten, the largest first.
    pub hours: Vec<LargestHour>,
}

impl Store {
    /// Settles the capacity of the permit's area in the month that `month` lies in, as known at a moment; now, without one.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to compute with values of one area,
    /// [`StoreFault::FinerThanPermit`] for one that does not see hours.
    pub async fn capacity_settlement(
        &self,
        permit: &Permit,
        (month, as_of): (Date, Option<Timestamp>),
        now: Timestamp,
    ) -> Result<Disclosed<ChildSeries<SettledCapacity>>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Compute, now)?;
        let (first, end) = (month.first_of_month(), next_month(month));
        let year_before = end.checked_sub(1.year()).map_err(|_| StoreFault::NoDays)?;
        let days = |start, end| DayRange::new(start, end).map_err(|_| StoreFault::NoDays);
        let (coupled, counted) = (days(first, end)?, days(year_before, end)?);
        let wanted = Wanted { code: CAPACITY, coupled, counted, with_customers: false, as_of };
        let rule = OfMonth { first, counted };
        Ok(Disclosed::new(self.settle_children(terms, wanted, rule).await?, permit))
    }
}

/// Settles a month by the year that ends with it.
struct OfMonth {
    /// The first local day of the month.
    first: Date,
    /// The local days of the year.
    counted: DayRange,
}

impl ChildRule for OfMonth {
    type Settled = SettledCapacity;

    fn needs(&self, family: &Family) -> Result<Vec<(Gsrn, DayRange)>, SettlementFault> {
        Ok(vec![(family.parent, self.counted)])
    }

    /// The values of each household that has the point in the month, and of days on which nobody has.
    fn settle(&self, zone: &Zone, family: Family) -> Result<Vec<SettledCapacity>, ChildLeft> {
        let of = |days: &DayRange| of_household(zone, self.first, &family, *days).transpose();
        family.households.iter().filter_map(of).collect()
    }
}

/// The value of one household; `None` outside the month, and without hours.
fn of_household(
    zone: &Zone,
    month: Date,
    family: &Family,
    household: DayRange,
) -> Result<Option<SettledCapacity>, ChildLeft> {
    let Family { parent: point, child, coupled, .. } = *family;
    let Some(days) = household.intersect(coupled).filter(|days| !days.is_empty()) else { return Ok(None) };
    // The largest hour may be on any day of the household.
    family.must_reach(household.start())?;
    let (valid, child_valid) = (span(zone, household)?, span(zone, coupled)?);
    let of = CapacityPoint { point, valid, child, child_valid };
    let (hours, values) = capacity_settlement(zone, month, &[of], &family.readings)?;
    let value = values.first();
    Ok(value.map(|value| SettledCapacity { point, child, days, watt_hours: value.watt_hours, hours }))
}
