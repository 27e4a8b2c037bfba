//! Children that a series is computed for, of the values of their parents.
//!
//! What comes in: a permit to compute with the values of one area, the type of the children, and a moment of knowledge. What goes out, to the rule that
//! computes: one family after the other, a child with its parent's values and households. Nothing is stored: values and master data
//! have two times, so what was computed at a moment is computed again by naming it (decision 0038). Never: a guess where master data or
//! values do not suffice; who has no value is listed with the reason.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::Zone;
use tidstro_metering::settlement::{ChildPoint, DayValues, EnergyUnit, Readings, SettlementFault};
use tidstro_model::{DayRange, Factor, GridArea, Gsrn, Interval, MarketUnit, PointType, Resolution};

use super::customers::{Customer, customers_of, sisters_of};
use super::view::{area_of, permit_target};
use crate::db::Connection;
use crate::gate::Terms;
use crate::personal::SeriesQuery;
use crate::reference::{KnownAt, KnownPeriod, Which, households, named_point, point_periods};
use crate::seal::Vault;
use crate::sqlite::Reading;
use crate::{Store, StoreFault};

/// Children settled in one job of a reader; the values of one of them are in memory at a time.
const CHILDREN_IN_JOB: usize = 64;

/// Why a child has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChildLeft {
    /// Master data name no parent.
    #[error("the point has no parent; name its consumption point in the master data")]
    NoParent,
    /// There is no value of the parent, of any household.
    #[error("its consumption point has no values in the year; send them, or look at its periods")]
    NoValues,
    /// How the customer's own production is settled is not said.
    #[error(
        "its consumption point has own production and no net settlement group; give it one in the master data"
    )]
    OwnProduction,
    /// Master data do not say that the consumption point is heated by electricity.
    #[error(
        "its consumption point is not heated by electricity on any supplied day of the year; say `electrical_heating` in its master data"
    )]
    NotHeated,
    /// The child is of net settlement group 6, and its consumption point is not.
    #[error(
        "its consumption point is not in net settlement group 6 on any supplied day of the year; correct its master data"
    )]
    NotGroupSix,
    /// The year began before the first day that the purpose still reaches: a part of it would be another sum.
    #[error(
        "it needs the values from `{needed}` on, and the purpose reaches those from `{reached}` on; nothing is settled of a part of them"
    )]
    OutOfReach {
        /// The first local day whose values count.
        needed: Date,
        /// The first local day whose values are reached.
        reached: Date,
    },
    /// A value that cannot be settled.
    #[error(transparent)]
    Unsettled(#[from] SettlementFault),
}

/// What was computed for the children of an area. It has no `Debug`: it is about homes.
#[derive(Clone, PartialEq, Eq)]
pub struct ChildSeries<T> {
    /// What was computed, in order of children and days.
    pub settled: Vec<T>,
    /// Children without a value, and why.
    pub left: Vec<(Gsrn, ChildLeft)>,
}

/// Which children are settled, of which values.
pub(super) struct Wanted {
    /// The code of their type.
    pub(super) code: &'static str,
    /// The local days on which they are in use.
    pub(super) coupled: DayRange,
    /// The local days whose values may count.
    pub(super) counted: DayRange,
    /// Whether the rule asks for customers and sisters.
    pub(super) with_customers: bool,
    /// The moment of knowledge; `None` for now.
    pub(super) as_of: Option<Timestamp>,
}

/// A child with its parent.
pub(super) struct Family {
    pub(super) parent: Gsrn,
    pub(super) child: Gsrn,
    /// The local days of those asked for on which the child has this parent.
    pub(super) coupled: DayRange,
    /// The local days that count, cut by households: each one's, and those of nobody between them.
    pub(super) households: Vec<DayRange>,
    /// The parent's customers, where the rule asks for them.
    pub(super) customers: Vec<Customer>,
    /// The child, and its sisters of other types that computed values need, whenever they are coupled; where the rule asks for them.
    pub(super) children: Vec<ChildPoint>,
    /// The first local day of those that count whose values the permit reaches.
    pub(super) reached: Date,
    /// The values the rule needs.
    pub(super) readings: Readings,
}

impl Family {
    /// Refuses to settle by values from a day on of which the first are out of reach.
    pub(super) fn must_reach(&self, needed: Date) -> Result<(), ChildLeft> {
        let reached = self.reached;
        if reached <= needed { Ok(()) } else { Err(ChildLeft::OutOfReach { needed, reached }) }
    }
}

/// A rule that computes the series of a child.
pub(super) trait ChildRule: Send + Sync + 'static {
    /// What it computes.
    type Settled: Send + 'static;

    /// The points whose values it needs, and the local days of each.
    fn needs(&self, family: &Family) -> Result<Vec<(Gsrn, DayRange)>, SettlementFault>;

    /// What it computes for a family.
    fn settle(&self, zone: &Zone, family: Family) -> Result<Vec<Self::Settled>, ChildLeft>;
}

impl Store {
    /// Settles the children of the permit's area by a rule that sees one family at a time.
    pub(super) async fn settle_children<R: ChildRule>(
        &self,
        terms: Arc<Terms>,
        wanted: Wanted,
        rule: R,
    ) -> Result<ChildSeries<R::Settled>, StoreFault> {
        let (finest, asked) = (terms.scope().finest, Resolution::PT1H);
        if asked < finest {
            return Err(StoreFault::FinerThanPermit { finest, asked });
        }
        let zone = self.zone.clone();
        let make = move |reading: &mut Reading| Plan::make(&reading.db, (terms, zone), &wanted);
        let (plan, rule) = (Arc::new(self.threads.read(make).await?), Arc::new(rule));
        let mut into = ChildSeries { settled: Vec::new(), left: Vec::new() };
        for start in (0..plan.children.len()).step_by(CHILDREN_IN_JOB) {
            let (plan, rule) = (Arc::clone(&plan), Arc::clone(&rule));
            let job = move |reading: &mut Reading| {
                let Reading { db, vault, .. } = reading;
                plan.settle((db, vault), start..start + CHILDREN_IN_JOB, &*rule, &mut into)?;
                Ok(into)
            };
            into = self.threads.read(job).await?;
        }
        Ok(into)
    }
}

/// What is settled, before a value was read.
struct Plan {
    zone: Zone,
    /// The local days whose values may count.
    counted: DayRange,
    known: KnownAt,
    as_of: Option<Timestamp>,
    /// The permit, and the area it is about.
    terms: Arc<Terms>,
    area: GridArea,
    children: Vec<Coupled>,
    with_customers: bool,
}

/// A child on local days on which it has one parent.
struct Coupled {
    child: Gsrn,
    parent: Option<Gsrn>,
    days: DayRange,
}

impl Plan {
    fn make(db: &Connection, (terms, zone): (Arc<Terms>, Zone), wanted: &Wanted) -> Result<Self, StoreFault> {
        let area = area_of(db, permit_target(&terms)?)?;
        let Wanted { code, coupled: days, counted, with_customers, as_of } = *wanted;
        let known = KnownAt::instant(db, as_of)?;
        let mut children = coupled(db, (area, days), known, code)?;
        if with_customers {
            // The rule sees whenever a child is coupled, so a pair is settled once.
            children.dedup_by(|next, last| next.child == last.child && next.parent == last.parent);
        }
        Ok(Self { zone, counted, known, as_of, terms, area, children, with_customers })
    }

    /// Settles some of the children, one after the other.
    fn settle<R: ChildRule>(
        &self,
        (db, vault): (&Connection, &mut Vault),
        part: Range<usize>,
        rule: &R,
        into: &mut ChildSeries<R::Settled>,
    ) -> Result<(), StoreFault> {
        for coupled in self.children.iter().skip(part.start).take(part.len()) {
            let settled = match self.family((db, vault), coupled, rule)? {
                Ok(family) => rule.settle(&self.zone, family),
                Err(why) => Err(why),
            };
            match settled {
                Ok(settled) if !settled.is_empty() => into.settled.extend(settled),
                Ok(_) => into.left.push((coupled.child, ChildLeft::NoValues)),
                Err(why) => into.left.push((coupled.child, why)),
            }
        }
        Ok(())
    }

    /// A family with the values its rule needs.
    fn family(
        &self,
        (db, vault): (&Connection, &mut Vault),
        &Coupled { child, parent, days }: &Coupled,
        rule: &impl ChildRule,
    ) -> Result<Result<Family, ChildLeft>, StoreFault> {
        let Some(parent) = parent else { return Ok(Err(ChildLeft::NoParent)) };
        let Some(number) = named_point(db, &parent.to_string())? else {
            return Ok(Err(ChildLeft::NoParent));
        };
        let lived = households(db, number)?;
        let (mut customers, mut children) = (Vec::new(), Vec::new());
        if self.with_customers {
            customers = customers_of(db, number, &stretches(&lived, DayRange::always()), self.known)?;
            children = sisters_of(db, &self.zone, (number, parent, child), self.known)?;
        }
        let households = stretches(&lived, self.counted);
        let (reached, readings) = (self.terms.scope().days.start(), Readings::default());
        let mut family =
            Family { parent, child, coupled: days, households, customers, children, reached, readings };
        let needs = match rule.needs(&family) {
            Ok(needs) => needs,
            Err(fault) => return Ok(Err(fault.into())),
        };
        for (point, days) in needs {
            if let Err(fault) = self.read((db, vault), (point, days), &mut family.readings)? {
                return Ok(Err(fault.into()));
            }
        }
        Ok(Ok(family))
    }

    /// The values of a point, as they are settled: in the resolution master data have for the day, times the factor of a scaled point.
    fn read(
        &self,
        (db, vault): (&Connection, &mut Vault),
        (point, days): (Gsrn, DayRange),
        into: &mut Readings,
    ) -> Result<Result<(), SettlementFault>, StoreFault> {
        let Some(number) = named_point(db, &point.to_string())? else { return Ok(Ok(())) };
        let periods = point_periods(db, &Which::Points(vec![number]), days, self.known)?;
        let query = SeriesQuery { series: None, days, resolution: Resolution::PT1H, as_of: self.as_of };
        for (meta, day, block) in query.energy_at((db, vault), (&self.terms, self.area), number)? {
            let counts = |period: &&KnownPeriod| period.days.contains(day) && is_settled(period);
            let Some(period) = periods.iter().find(counts) else { continue };
            if period.state.resolution != meta.resolution {
                continue;
            }
            let values = DayValues { resolution: meta.resolution, unit: EnergyUnit::WattHour, block: &block };
            let block = match period.state.factor {
                Factor::ONE => block,
                factor => match values.scaled(factor) {
                    Ok(scaled) => scaled,
                    Err(fault) => return Ok(Err(fault)),
                },
            };
            into.insert_in(EnergyUnit::WattHour, (point, day), meta.resolution, block);
        }
        Ok(Ok(()))
    }
}

/// Whether the energy of a consumption point or child counts: it is connected, and counted in kWh.
fn is_settled(period: &KnownPeriod) -> bool {
    let is_counted = matches!(period.state.kind, PointType::Consumption(_) | PointType::Child(_));
    is_counted && period.state.is_in_use() && period.state.unit == MarketUnit::KilowattHour
}

/// Local days as a span of time; days without an end as one without an end.
pub(super) fn span(zone: &Zone, days: DayRange) -> Result<Interval, SettlementFault> {
    let end = if days.is_open() { Timestamp::MAX } else { zone.day_start(days.end()) };
    Interval::new(zone.day_start(days.start()), end)
        .map_err(|_| SettlementFault::Calendar { day: days.start() })
}

/// The children of a type in an area, in use on these days, in order. Periods of one parent that follow each other are one.
fn coupled(
    db: &Connection,
    (area, days): (GridArea, DayRange),
    known: KnownAt,
    code: &'static str,
) -> Result<Vec<Coupled>, StoreFault> {
    let mut found: Vec<Coupled> = Vec::new();
    for period in point_periods(db, &Which::Typed(area, code), days, known)? {
        let (state, child) = (period.state, period.gsrn);
        if !state.is_in_use() {
            continue;
        }
        let new = Coupled { child, parent: state.parent, days: period.days };
        match found.last_mut().filter(|last| follows(last, &new)) {
            Some(last) => last.days = DayRange::new(last.days.start(), new.days.end()).unwrap_or(last.days),
            None => found.push(new),
        }
    }
    Ok(found)
}

fn follows(last: &Coupled, new: &Coupled) -> bool {
    last.child == new.child && last.parent == new.parent && last.days.end() == new.days.start()
}

/// The days cut by households: each household's, and those of nobody between them.
fn stretches(households: &[DayRange], days: DayRange) -> Vec<DayRange> {
    let mut found = Vec::with_capacity(households.len() + 1);
    let mut from = days.start();
    for lived in households.iter().filter_map(|lived| lived.intersect(days)) {
        found.extend(DayRange::new(from, lived.start()).ok());
        found.push(lived);
        from = lived.end();
    }
    found.extend(DayRange::new(from, days.end()).ok());
    found.retain(|days| !days.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn households_and_days_of_nobody_cut_the_year() {
        let days = |start, end| DayRange::new(start, end).unwrap();
        let year = days(date(2025, 4, 1), date(2026, 4, 1));
        let ane = days(date(2020, 1, 1), date(2025, 6, 1));
        let bo = days(date(2025, 7, 1), date(2025, 12, 1));
        let cut = stretches(&[ane, bo, DayRange::from(date(2025, 12, 1))], year);
        let starts: Vec<Date> = cut.iter().map(|part| part.start()).collect();
        assert_eq!(starts, [date(2025, 4, 1), date(2025, 6, 1), date(2025, 7, 1), date(2025, 12, 1)]);
        assert_eq!(cut.last().unwrap().end(), year.end());
        assert_eq!(stretches(&[], year), [year]);
    }
}
