//! Electrical heating of an area: how much of each day's consumption is taxed as heating, for the children it is settled on.
//!
//! What comes in: a permit to compute with the values of one area, a day, and a moment of knowledge. What goes out, under that permit: of
//! each child (D14) of a heated consumption point the local days with consumption in the settlement year that the day lies in, by customer, up to a
//! limit that is 4,000 kWh for a whole year. Customers of net settlement groups 2 and 6 are heated by their net consumption. Never: a point with own
//! production of which nobody says the group; it is listed.

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::Zone;
use tidstro_govern::Operation;
use tidstro_metering::settlement::{
    ChildPoint, ChildRole, DailyQuantity, HeatingInput, HeatingParent, PreviousDays, SettlementFault,
    SettlementType, electrical_heating, is_unchanged, settlement_year,
};
use tidstro_model::{DayRange, Gsrn, NetSettlementGroup};

use super::ChildSeries;
use super::children::{ChildLeft, ChildRule, Family, Wanted, span};
use super::customers::Customer;
use super::net_consumption::{exchanged, stand_in, years_around};
use crate::gate::{Disclosed, Permit};
use crate::{Store, StoreFault};

/// The code of the children that heating is settled on.
const HEATING: &str = "D14";

/// The heating of one customer in a settlement year. It has no `Debug`: it is about a home.
#[derive(Clone, PartialEq, Eq)]
pub struct SettledHeating {
    /// The consumption point.
    pub point: Gsrn,
    /// The child it is settled on.
    pub child: Gsrn,
    /// The local days that the limit is for.
    pub days: DayRange,
    /// Whether the values are final: of customers without net settlement they never are more than up to the end.
    pub settlement: SettlementType,
    /// Watt-hours of heating of each local day with consumption, in order.
    pub daily: Vec<(Date, i64)>,
}

impl Store {
    /// Settles the electrical heating of the permit's area, of each point in its settlement year that `day` lies in, as known at a moment; now, without
    /// one. Days of `previous` that stand as they are computed are left out, as the hub leaves them out.
    ///
    /// # Errors
    /// As [`Store::capacity_settlement`].
    pub async fn electrical_heating(
        &self,
        permit: &Permit,
        (day, as_of): (Date, Option<Timestamp>),
        previous: PreviousDays,
        now: Timestamp,
    ) -> Result<Disclosed<ChildSeries<SettledHeating>>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Compute, now)?;
        let (coupled, counted) = years_around(day).ok_or(StoreFault::NoDays)?;
        let wanted = Wanted { code: HEATING, coupled, counted, with_customers: true, as_of };
        let rule = OfYear { asked: day, today: self.zone.day_of(as_of.unwrap_or(now)), counted, previous };
        Ok(Disclosed::new(self.settle_children(terms, wanted, rule).await?, permit))
    }
}

/// Settles the year of a day.
struct OfYear {
    asked: Date,
    today: Date,
    /// The local days whose values may count.
    counted: DayRange,
    previous: PreviousDays,
}

impl OfYear {
    /// The customer's local days in the year; none of one that is not heated.
    fn heated(&self, customer: &Customer) -> Result<Option<DayRange>, SettlementFault> {
        let year = settlement_year(self.asked, customer.month())?;
        let days = customer.days.intersect(year).filter(|days| customer.is_heated && !days.is_empty());
        Ok(days)
    }

    /// The days of the year on which anybody is heated.
    fn heated_days(&self, family: &Family) -> Result<Option<DayRange>, SettlementFault> {
        let mut whole: Option<DayRange> = None;
        for customer in &family.customers {
            let Some(days) = self.heated(customer)? else { continue };
            let (start, end) = whole.map_or((days.start(), days.end()), |whole| (whole.start(), whole.end()));
            whole = DayRange::new(start.min(days.start()), end.max(days.end())).ok();
        }
        Ok(whole)
    }

    /// The heating of one customer in the year.
    fn of_customer(
        &self,
        zone: &Zone,
        family: &Family,
        customer: &Customer,
    ) -> Result<Option<SettledHeating>, ChildLeft> {
        let Some(days) = self.heated(customer)? else { return Ok(None) };
        let group = customer.net_settlement.map(NetSettlementGroup::number);
        if group.is_none() && has_own_production(zone, family, days)? {
            return Err(ChildLeft::OwnProduction);
        }
        family.must_reach(days.start())?;
        let Family { parent: point, child, children, readings, .. } = family;
        let valid = span(zone, customer.days)?;
        let (net_settlement_group, settlement_month) = (group, customer.month());
        let input = HeatingInput {
            zone,
            today: self.today,
            parents: &[HeatingParent { point: *point, net_settlement_group, settlement_month, valid }],
            children,
            readings,
            previous: &PreviousDays::new(),
        };
        let mut values = electrical_heating(&input)?;
        values.retain(|value| value.point == *child && days.contains(value.day));
        let settlement = values.first().and_then(|value| value.settlement);
        values.retain(|value| !is_unchanged(&self.previous, value));
        let daily = values.iter().map(|DailyQuantity { day, watt_hours, .. }| (*day, *watt_hours)).collect();
        let settled = |settlement| SettledHeating { point: *point, child: *child, days, settlement, daily };
        Ok(settlement.map(settled))
    }
}

impl ChildRule for OfYear {
    type Settled = SettledHeating;

    /// The consumption point, its net consumption, and what went out and came back; of group 6 also the year before.
    fn needs(&self, family: &Family) -> Result<Vec<(Gsrn, DayRange)>, SettlementFault> {
        let Some(days) = self.heated_days(family)? else { return Ok(Vec::new()) };
        let mut needs = vec![(family.parent, days)];
        let is_netted = |customer: &Customer| {
            customer.net_settlement.is_some_and(|group| matches!(group.number(), 2 | 6))
        };
        if family.customers.iter().any(is_netted) {
            for one in &family.children {
                match one.role {
                    ChildRole::ElectricalHeating => {}
                    // Whether somebody sends its values is seen over more than a year.
                    ChildRole::NetConsumption => needs.push((one.point, self.counted)),
                    _ => needs.push((one.point, days)),
                }
            }
            needs.extend(exchanged(family, self.asked)?);
        }
        Ok(needs)
    }

    fn settle(&self, zone: &Zone, mut family: Family) -> Result<Vec<SettledHeating>, ChildLeft> {
        if self.heated_days(&family)?.is_none() {
            return Err(ChildLeft::NotHeated);
        }
        let net = family.children.iter().find(|one| one.role == ChildRole::NetConsumption);
        let (start, end) = (self.counted.start(), self.counted.end());
        let is_sent = |one: &ChildPoint| family.readings.days(one.point, start, end).next().is_some();
        // Net consumption that nobody sends is computed; where somebody does, a day without it has none.
        if net.is_some_and(|one| !is_sent(one)) {
            stand_in(zone, (self.asked, self.today), &mut family)?;
        }
        let of = |customer: &Customer| self.of_customer(zone, &family, customer).transpose();
        family.customers.iter().filter_map(of).collect()
    }
}

/// Whether a child that stands for own production is coupled on any of these days.
fn has_own_production(zone: &Zone, family: &Family, days: DayRange) -> Result<bool, SettlementFault> {
    let days = span(zone, days)?;
    let is_own = |one: &ChildPoint| one.role != ChildRole::ElectricalHeating;
    let is_coupled =
        |one: &ChildPoint| one.valid.intersect(days).is_some_and(|both| both.start() < both.end());
    Ok(family.children.iter().any(|one| is_own(one) && is_coupled(one)))
}
