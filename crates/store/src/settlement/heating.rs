//! Electrical heating of an area: how much of each day's consumption is taxed as heating, for the children it is settled on.
//!
//! What comes in: a permit to compute with the values of one area, a year, and a moment of knowledge. What goes out, under that permit: of
//! each child (D14) of a consumption point the local days of the year with consumption, by household, up to a limit that is 4,000 kWh for a
//! whole year. Never: a point with own production, whose rules depend on a group that master data do not have yet; it is listed.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tidstro_calendar::Zone;
use tidstro_govern::Operation;
use tidstro_metering::settlement::{
    ChildPoint, ChildRole, HeatingInput, HeatingParent, PreviousDays, SettlementFault, electrical_heating,
};
use tidstro_model::{DayRange, Gsrn};

use super::ChildSeries;
use super::children::{Family, Wanted, span};
use crate::gate::{Disclosed, Permit};
use crate::{Store, StoreFault};

/// The code of the children that heating is settled on.
const HEATING: &str = "D14";
/// Children of customers with own production: supply to the grid, consumption from it, net consumption.
const OWN_PRODUCTION: [&str; 3] = ["D06", "D07", "D15"];
/// The month a settlement year begins with, of customers without own production.
const FIRST_MONTH: i8 = 1;

/// The heating of one household in a year. It has no `Debug`: it is about a home.
#[derive(Clone, PartialEq, Eq)]
pub struct SettledHeating {
    /// The consumption point.
    pub point: Gsrn,
    /// The child it is settled on.
    pub child: Gsrn,
    /// The local days that the limit is for.
    pub days: DayRange,
    /// Watt-hours of heating of each local day with consumption, in order.
    pub daily: Vec<(Date, i64)>,
}

impl Store {
    /// Settles the electrical heating of the permit's area in the calendar year that `year` lies in, as known at a moment; now, without
    /// one.
    ///
    /// # Errors
    /// As [`Store::capacity_settlement`].
    pub async fn electrical_heating(
        &self,
        permit: &Permit,
        (year, as_of): (Date, Option<Timestamp>),
        now: Timestamp,
    ) -> Result<Disclosed<ChildSeries<SettledHeating>>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Compute, now)?;
        let start = year.first_of_year();
        let end = start.checked_add(1.year()).map_err(|_| StoreFault::NoDays)?;
        let days = DayRange::new(start, end).map_err(|_| StoreFault::NoDays)?;
        let wanted = Wanted { code: HEATING, barred: &OWN_PRODUCTION, coupled: days, counted: days, as_of };
        let today = self.zone.day_of(now);
        let rule = move |zone: &Zone, family: &Family| settled(zone, today, family);
        Ok(Disclosed::new(self.settle_children(terms, wanted, rule).await?, permit))
    }
}

/// The heating of each household that has the point while the child is coupled.
fn settled(zone: &Zone, today: Date, family: &Family) -> Result<Vec<SettledHeating>, SettlementFault> {
    let of = |household: &DayRange| of_household(zone, today, family, *household).transpose();
    family.households.iter().filter_map(of).collect()
}

/// The heating of one household; `None` on other days, and without consumption.
fn of_household(
    zone: &Zone,
    today: Date,
    family: &Family,
    household: DayRange,
) -> Result<Option<SettledHeating>, SettlementFault> {
    let Family { parent, child, coupled, .. } = *family;
    let Some(days) = household.intersect(coupled).filter(|days| !days.is_empty()) else { return Ok(None) };
    let valid = span(zone, days)?;
    let input = HeatingInput {
        zone,
        today,
        parents: &[HeatingParent {
            point: parent,
            net_settlement_group: None,
            settlement_month: FIRST_MONTH,
            valid,
        }],
        children: &[ChildPoint { point: child, role: ChildRole::ElectricalHeating, parent, valid }],
        readings: &family.readings,
        previous: &PreviousDays::new(),
    };
    let daily: Vec<(Date, i64)> =
        electrical_heating(&input)?.into_iter().map(|value| (value.day, value.watt_hours)).collect();
    Ok((!daily.is_empty()).then_some(SettledHeating { point: parent, child, days, daily }))
}
