//! Net consumption of group 6 in an area: what a customer with own production took from the grid less what went to it, spread over a settlement year.
//!
//! What comes in: a permit to compute with the values of one area, a day, and a moment of knowledge. What goes out, under that permit: of each child
//! (D15) of a point in net settlement group 6 the values of the settlement year that the day lies in, by customer: what the period came to once it
//! is settled, and an estimate until then. Never: a watt-hour of one household in the value of another.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tidstro_calendar::Zone;
use tidstro_govern::Operation;
use tidstro_metering::settlement::{
    ChildPoint, ChildRole, NetConsumptionInput, NetConsumptionPoint, NetConsumptionYear, PreviousDays,
    SettlementFault, net_consumption_of_year, settlement_year,
};
use tidstro_model::{DayRange, Gsrn, NetSettlementGroup};

use super::ChildSeries;
use super::children::{ChildLeft, ChildRule, Family, Wanted, span};
use super::customers::Customer;
use crate::gate::{Disclosed, Permit};
use crate::{Store, StoreFault};

/// The code of the children that net consumption is settled on.
const NET_CONSUMPTION: &str = "D15";

/// The net consumption of one customer in a settlement year. It has no `Debug`: it is about a home.
#[derive(Clone, PartialEq, Eq)]
pub struct SettledNetConsumption {
    /// The consumption point.
    pub point: Gsrn,
    /// The child it is settled on.
    pub child: Gsrn,
    /// The customer's local days in the settlement year.
    pub days: DayRange,
    /// The first local day of the customer.
    pub customer_since: Date,
    /// The settlement year.
    pub year: DayRange,
    /// Watt-hours the whole year is estimated to come to; `None` once it is settled.
    pub estimate: Option<i64>,
    /// Watt-hours of each local day that has a value, in order.
    pub daily: Vec<(Date, i64)>,
}

impl Store {
    /// Settles the net consumption of group 6 in the permit's area, of each point in its settlement year that `day` lies in, as known at a moment;
    /// now, without one. Days of `previous` that stand as they are computed are left out, as the hub leaves them out.
    ///
    /// # Errors
    /// As [`Store::capacity_settlement`].
    pub async fn net_consumption(
        &self,
        permit: &Permit,
        (day, as_of): (Date, Option<Timestamp>),
        previous: PreviousDays,
        now: Timestamp,
    ) -> Result<Disclosed<ChildSeries<SettledNetConsumption>>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Compute, now)?;
        let (coupled, counted) = years_around(day).ok_or(StoreFault::NoDays)?;
        let wanted = Wanted { code: NET_CONSUMPTION, coupled, counted, with_customers: true, as_of };
        let rule = OfYear { asked: day, today: self.zone.day_of(as_of.unwrap_or(now)), previous };
        Ok(Disclosed::new(self.settle_children(terms, wanted, rule).await?, permit))
    }
}

/// The local days of every settlement year that a day may lie in, whatever its month; and with the year before them, that estimates are made of.
pub(super) fn years_around(day: Date) -> Option<(DayRange, DayRange)> {
    let month = day.first_of_month();
    let end = month.checked_add(1.year()).ok()?;
    let first = month.checked_add(1.month()).ok()?.checked_sub(1.year()).ok()?;
    let before = first.checked_sub(1.year()).ok()?;
    Some((DayRange::new(first, end).ok()?, DayRange::new(before, end).ok()?))
}

/// The settlement year that a day lies in, and the year before it, of a customer of group 6.
fn year_and_before(customer: &Customer, asked: Date) -> Result<(DayRange, DayRange), SettlementFault> {
    let year = settlement_year(asked, customer.month())?;
    let fault = || SettlementFault::Calendar { day: asked };
    let before = year.start().checked_sub(1.year()).map_err(|_| fault())?;
    Ok((year, DayRange::new(before, year.end()).map_err(|_| fault())?))
}

/// Customers of group 6 who have the point in the settlement year that a day lies in.
fn of_group_six(family: &Family, asked: Date) -> impl Iterator<Item = &Customer> {
    family.customers.iter().filter(move |customer| {
        let year = settlement_year(asked, customer.month()).ok();
        let has_days =
            year.and_then(|year| customer.days.intersect(year)).is_some_and(|days| !days.is_empty());
        has_days && matches!(customer.net_settlement, Some(NetSettlementGroup::Six(_)))
    })
}

/// What net consumption in the year of a day needs: what went to the grid and came from it in that year and the year before.
pub(super) fn exchanged(family: &Family, asked: Date) -> Result<Vec<(Gsrn, DayRange)>, SettlementFault> {
    let Some(customer) = of_group_six(family, asked).last() else { return Ok(Vec::new()) };
    let (_, days) = year_and_before(customer, asked)?;
    let is_exchanged =
        |child: &&ChildPoint| matches!(child.role, ChildRole::SupplyToGrid | ChildRole::ConsumptionFromGrid);
    Ok(family.children.iter().filter(is_exchanged).map(|child| (child.point, days)).collect())
}

/// Settles the year of a day.
struct OfYear {
    asked: Date,
    today: Date,
    previous: PreviousDays,
}

impl ChildRule for OfYear {
    type Settled = SettledNetConsumption;

    fn needs(&self, family: &Family) -> Result<Vec<(Gsrn, DayRange)>, SettlementFault> {
        exchanged(family, self.asked)
    }

    fn settle(&self, zone: &Zone, family: Family) -> Result<Vec<SettledNetConsumption>, ChildLeft> {
        if of_group_six(&family, self.asked).next().is_none() {
            return Err(ChildLeft::NotGroupSix);
        }
        let (moment, previous) = ((self.asked, self.today), &self.previous);
        let mut settled = Vec::new();
        for (customer, year) in years_of(zone, moment, &family, previous)? {
            let NetConsumptionYear { point: child, days, estimate, daily } = year;
            let (year, _) = year_and_before(&customer, self.asked)?;
            let daily = daily.into_iter().map(|value| (value.day, value.watt_hours)).collect();
            let (point, customer_since) = (family.parent, customer.days.start());
            settled.push(SettledNetConsumption { point, child, days, customer_since, year, estimate, daily });
        }
        Ok(settled)
    }
}

/// The net consumption of each customer of group 6 in the year of a day.
pub(super) fn years_of(
    zone: &Zone,
    (asked, today): (Date, Date),
    family: &Family,
    previous: &PreviousDays,
) -> Result<Vec<(Customer, NetConsumptionYear)>, ChildLeft> {
    let mut found = Vec::new();
    for customer in of_group_six(family, asked) {
        let input = NetConsumptionInput {
            zone,
            today,
            parents: &[point_of(zone, family.parent, customer, asked)?],
            children: &family.children,
            readings: &family.readings,
            previous,
        };
        for year in net_consumption_of_year(&input, asked)? {
            must_reach(family, (customer, &year), asked)?;
            found.push((*customer, year));
        }
    }
    Ok(found)
}

/// A settled period needs its own values, and an estimate those of the year before, but for a customer who moved in.
fn must_reach(
    family: &Family,
    (customer, year): (&Customer, &NetConsumptionYear),
    asked: Date,
) -> Result<(), ChildLeft> {
    let (_, with_year_before) = year_and_before(customer, asked)?;
    match year.estimate {
        None => family.must_reach(year.days.start()),
        Some(_) if has_moved_in(customer, with_year_before) => Ok(()),
        Some(_) => family.must_reach(with_year_before.start()),
    }
}

/// Whether a household has not had the point for the whole year before: that year is another's, or nobody's.
fn has_moved_in(customer: &Customer, with_year_before: DayRange) -> bool {
    customer.household.start() > with_year_before.start()
}

/// A customer as the rule of net consumption sees it.
fn point_of(
    zone: &Zone,
    point: Gsrn,
    customer: &Customer,
    asked: Date,
) -> Result<NetConsumptionPoint, SettlementFault> {
    let (_, with_year_before) = year_and_before(customer, asked)?;
    Ok(NetConsumptionPoint {
        point,
        has_electrical_heating: customer.is_heated,
        settlement_month: customer.month(),
        is_move_in: has_moved_in(customer, with_year_before),
        valid: span(zone, customer.days)?,
    })
}

/// Puts the net consumption of the year in the place of values of the child that nobody sent, day by day, for what is computed of it.
pub(super) fn stand_in(zone: &Zone, moment: (Date, Date), family: &mut Family) -> Result<(), ChildLeft> {
    let years = years_of(zone, moment, family, &PreviousDays::new())?;
    for value in years.iter().flat_map(|(_, year)| &year.daily) {
        family.readings.insert_whole_day(zone, (value.point, value.day), value.watt_hours)?;
    }
    Ok(())
}
