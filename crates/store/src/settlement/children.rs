//! Children that a series is computed for, of the values of their parents.
//!
//! What comes in: a permit to compute with the values of one area, the type of the children, and a moment of knowledge. What goes out, to the rule that
//! computes: one family after the other, a child with its parent's values and households. Nothing is stored: values and master data
//! have two times, so what was computed at a moment is computed again by naming it (decision 0038). Never: a guess where master data or
//! values do not suffice; who has no value is listed with the reason.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_metering::settlement::{DayValues, EnergyUnit, Readings, SettlementFault};
use tidstro_model::{DayRange, Factor, GridArea, Gsrn, Interval, MarketUnit, PointNo, PointType, Resolution};

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
    /// What is computed depends on how the customer's own production is settled, which master data do not say yet.
    #[error("its consumption point has own production; such points are not settled here")]
    OwnProduction,
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
    /// Codes of children whose parents are not settled.
    pub(super) barred: &'static [&'static str],
    /// The local days on which they are in use.
    pub(super) coupled: DayRange,
    /// The local days whose values count.
    pub(super) counted: DayRange,
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
    /// The parent's values.
    pub(super) readings: Readings,
}

impl Store {
    /// Settles the children of the permit's area by a rule that sees one family at a time.
    pub(super) async fn settle_children<T: Send + 'static>(
        &self,
        terms: Arc<Terms>,
        wanted: Wanted,
        rule: impl Fn(&Zone, &Family) -> Result<Vec<T>, SettlementFault> + Send + Sync + 'static,
    ) -> Result<ChildSeries<T>, StoreFault> {
        let (finest, asked) = (terms.scope().finest, Resolution::PT1H);
        if asked < finest {
            return Err(StoreFault::FinerThanPermit { finest, asked });
        }
        let make = move |reading: &mut Reading| Plan::make(&reading.db, terms, &wanted);
        let (plan, rule) = (Arc::new(self.threads.read(make).await?), Arc::new(rule));
        let mut into = ChildSeries { settled: Vec::new(), left: Vec::new() };
        for start in (0..plan.children.len()).step_by(CHILDREN_IN_JOB) {
            let (plan, rule, zone) = (Arc::clone(&plan), Arc::clone(&rule), self.zone.clone());
            let job = move |reading: &mut Reading| {
                let Reading { db, vault, .. } = reading;
                let families = start..start + CHILDREN_IN_JOB;
                plan.settle((db, vault), families, &|family: &Family| rule(&zone, family), &mut into)?;
                Ok(into)
            };
            into = self.threads.read(job).await?;
        }
        Ok(into)
    }
}

/// What is settled, before a value was read.
struct Plan {
    /// The local days whose values count.
    counted: DayRange,
    known: KnownAt,
    /// The permit, and the values it is about.
    terms: Arc<Terms>,
    area: GridArea,
    query: SeriesQuery,
    children: Vec<Coupled>,
    /// Parents that are not settled.
    barred: BTreeSet<Gsrn>,
}

/// A child on local days on which it has one parent.
struct Coupled {
    child: Gsrn,
    parent: Option<Gsrn>,
    days: DayRange,
}

impl Plan {
    fn make(db: &Connection, terms: Arc<Terms>, wanted: &Wanted) -> Result<Self, StoreFault> {
        let area = area_of(db, permit_target(&terms)?)?;
        let known = KnownAt::instant(db, wanted.as_of)?;
        let (days, as_of) = (wanted.counted, wanted.as_of);
        let query = SeriesQuery { series: None, days, resolution: Resolution::PT1H, as_of };
        let children = coupled(db, (area, wanted.coupled), known, wanted.code)?;
        let barred = match wanted.barred {
            [] => BTreeSet::new(),
            codes => parents_of(db, (area, wanted.counted), known, codes)?,
        };
        Ok(Self { counted: days, known, terms, area, query, children, barred })
    }

    /// Settles some of the children, one after the other.
    fn settle<T>(
        &self,
        (db, vault): (&Connection, &mut Vault),
        part: Range<usize>,
        rule: &dyn Fn(&Family) -> Result<Vec<T>, SettlementFault>,
        into: &mut ChildSeries<T>,
    ) -> Result<(), StoreFault> {
        for coupled in self.children.iter().skip(part.start).take(part.len()) {
            let settled = match self.family((db, vault), coupled)? {
                Ok(family) => rule(&family).map_err(ChildLeft::from),
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

    fn family(
        &self,
        (db, vault): (&Connection, &mut Vault),
        coupled: &Coupled,
    ) -> Result<Result<Family, ChildLeft>, StoreFault> {
        let Some(parent) = coupled.parent else { return Ok(Err(ChildLeft::NoParent)) };
        if self.barred.contains(&parent) {
            return Ok(Err(ChildLeft::OwnProduction));
        }
        let Some(number) = named_point(db, &parent.to_string())? else {
            return Ok(Err(ChildLeft::NoParent));
        };
        let households = stretches(&households(db, number)?, self.counted);
        let readings = self.readings((db, vault), (number, parent))?;
        let Coupled { child, days, .. } = *coupled;
        let family = |readings| Family { parent, child, coupled: days, households, readings };
        Ok(readings.map(family).map_err(ChildLeft::from))
    }

    /// The values of a consumption point, as they are settled: in the resolution master data have for the day, times the factor
    /// of a scaled point.
    fn readings(
        &self,
        (db, vault): (&Connection, &mut Vault),
        (number, parent): (PointNo, Gsrn),
    ) -> Result<Result<Readings, SettlementFault>, StoreFault> {
        let periods = point_periods(db, &Which::Points(vec![number]), self.counted, self.known)?;
        let mut readings = Readings::default();
        let of = (&*self.terms, self.area);
        for (meta, day, block) in self.query.energy_at((db, vault), of, number)? {
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
            readings.insert_in(EnergyUnit::WattHour, (parent, day), meta.resolution, block);
        }
        Ok(Ok(readings))
    }
}

/// Whether the energy of a consumption point counts: it is connected, and counted in kWh.
fn is_settled(period: &KnownPeriod) -> bool {
    let is_consumption = matches!(period.state.kind, PointType::Consumption(_));
    is_consumption && period.state.is_in_use() && period.state.unit == MarketUnit::KilowattHour
}

/// Local days as a span of time.
pub(super) fn span(zone: &Zone, days: DayRange) -> Result<Interval, SettlementFault> {
    Interval::new(zone.day_start(days.start()), zone.day_start(days.end()))
        .map_err(|_| SettlementFault::Calendar { day: days.start() })
}

/// The children of a type in an area, in use on these days, in order. Periods of one parent that follow each other are one.
fn coupled(
    db: &Connection,
    (area, days): (GridArea, DayRange),
    known: KnownAt,
    code: &str,
) -> Result<Vec<Coupled>, StoreFault> {
    let mut found: Vec<Coupled> = Vec::new();
    for period in point_periods(db, &Which::Area(area), days, known)? {
        let (state, child) = (period.state, period.gsrn);
        if state.kind.code() != code || !state.is_in_use() {
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

/// The parents of children of some types that are in use on any of these days.
fn parents_of(
    db: &Connection,
    (area, days): (GridArea, DayRange),
    known: KnownAt,
    codes: &[&str],
) -> Result<BTreeSet<Gsrn>, StoreFault> {
    let periods = point_periods(db, &Which::Area(area), days, known)?;
    let is_one =
        |period: &&KnownPeriod| codes.contains(&period.state.kind.code()) && period.state.is_in_use();
    Ok(periods.iter().filter(is_one).filter_map(|period| period.state.parent).collect())
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
    use jiff::civil::{Date, date};

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
