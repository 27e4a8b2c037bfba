//! Customers of a consumption point as settlement sees them, and the children beside the one that is settled.
//!
//! What comes in: a point, its households, and a moment of knowledge. What goes out: local days on which one household has the point,
//! one supplier supplies it, and its net settlement and heating stay the same; and the children that computed values need. Never: a day of
//! two households, or one that nobody supplies.
//!
//! Source: DataHub, periods of consumption points in its heating and net consumption inputs: they are cut by changes of supplier, moves, changes
//! of the net settlement group and of electrical heating, and hold while a supplier is registered.

use tidstro_calendar::Zone;
use tidstro_metering::settlement::{ChildPoint, ChildRole};
use tidstro_model::{DayRange, Gln, Gsrn, NetSettlementGroup, PointNo, PointType, SettlementMonth};

use super::children::span;
use crate::StoreFault;
use crate::db::Connection;
use crate::reference::{KnownAt, KnownPeriod, Which, children_of, point_periods};

/// Local days of one customer on which nothing changes that settles a year.
#[derive(Clone, Copy)]
pub(super) struct Customer {
    pub(super) days: DayRange,
    /// The local days of the household; those of nobody are taken as one's.
    pub(super) household: DayRange,
    pub(super) net_settlement: Option<NetSettlementGroup>,
    pub(super) is_heated: bool,
}

impl Customer {
    /// The month that settlement years begin with.
    pub(super) fn month(&self) -> i8 {
        let month = self.net_settlement.and_then(NetSettlementGroup::month);
        month.unwrap_or(SettlementMonth::JANUARY).number()
    }
}

/// The customers of a consumption point over time, in order.
pub(super) fn customers_of(
    db: &Connection,
    point: PointNo,
    households: &[DayRange],
    known: KnownAt,
) -> Result<Vec<Customer>, StoreFault> {
    let mut alike: Vec<(DayRange, Terms)> = Vec::new();
    for period in point_periods(db, &Which::Points(vec![point]), DayRange::always(), known)? {
        let Some(terms) = Terms::of(&period) else { continue };
        match alike.last_mut().filter(|(days, last)| *last == terms && days.end() == period.days.start()) {
            Some((days, _)) => *days = DayRange::new(days.start(), period.days.end()).unwrap_or(*days),
            None => alike.push((period.days, terms)),
        }
    }
    let of_household = |household: &DayRange| {
        let cut = |(days, terms): &(DayRange, Terms)| {
            let days = days.intersect(*household).filter(|days| !days.is_empty())?;
            let Terms { net_settlement, is_heated, .. } = *terms;
            Some(Customer { days, household: *household, net_settlement, is_heated })
        };
        alike.iter().filter_map(cut).collect::<Vec<_>>()
    };
    Ok(households.iter().flat_map(of_household).collect())
}

/// What stays the same as long as a customer's period lasts.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Terms {
    supplier: Gln,
    net_settlement: Option<NetSettlementGroup>,
    is_heated: bool,
}

impl Terms {
    /// `None` while the point is not in use, no consumption, or not supplied.
    fn of(period: &KnownPeriod) -> Option<Self> {
        let state = period.state;
        let is_consumption = matches!(state.kind, PointType::Consumption(_)) && state.is_in_use();
        let supplier = period.parties.supplier.filter(|_| is_consumption)?;
        let (net_settlement, is_heated) = (state.net_settlement, state.is_electrically_heated);
        Some(Self { supplier, net_settlement, is_heated })
    }
}

/// The child that is settled and those of other types that its rule may need, with the days they are coupled, in order of points and days.
pub(super) fn sisters_of(
    db: &Connection,
    zone: &Zone,
    (number, parent, child): (PointNo, Gsrn, Gsrn),
    known: KnownAt,
) -> Result<Vec<ChildPoint>, StoreFault> {
    let of_parent = Which::Points(children_of(db, number, known)?);
    let mut found: Vec<ChildPoint> = Vec::new();
    for period in point_periods(db, &of_parent, DayRange::always(), known)? {
        let role = ChildRole::of(period.state.kind).filter(|_| period.state.is_in_use());
        let Some(role) = role.filter(|_| period.state.parent == Some(parent)) else { continue };
        let valid = span(zone, period.days).map_err(|_| StoreFault::Row { what: "days of a child" })?;
        let new = ChildPoint { point: period.gsrn, role, parent, valid };
        match found.last_mut() {
            Some(last)
                if last.point == new.point && last.role == role && last.valid.end() == valid.start() =>
            {
                last.valid =
                    tidstro_model::Interval::new(last.valid.start(), valid.end()).unwrap_or(last.valid);
            }
            _ => found.push(new),
        }
    }
    let settled = found.iter().find(|one| one.point == child).map(|one| one.role);
    found.retain(|one| one.point == child || Some(one.role) != settled);
    Ok(found)
}
