//! Results of energy settlement for one local day.
//!
//! What comes in: the sums of the day, and the periods of the two points of grid loss of each area. What goes out: the
//! market's series in whole watt-hours with their sets of qualities. Sums per supplier are rounded first; every sum
//! above them adds rounded ones, so that all levels agree. Grid loss is what exchange and production leave over, and is
//! added back to the suppliers of its points.
//!
//! Source: DataHub's published energy scenarios.

use std::collections::BTreeMap;

use tidstro_model::{Gsrn, Quality};

use super::{
    DaySums, GridArea, GroupKind, Parties, PointPeriod, PointType, QualitySet, SettlementMethod,
    SettlementSum, SlotRange, rounding::round_in_hour,
};
use crate::IntervalBlock;

/// A series of energy results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EnergySeries {
    /// Production, negative grid loss with it.
    Production,
    /// Consumption that is not settled flex.
    NonProfiledConsumption,
    /// Flex settled consumption, positive grid loss with it.
    FlexConsumption,
    /// Production and exchange: what was used in the area, however. Where there is only one of them, there is no result.
    TotalConsumption,
    /// Energy into the area less energy out of it.
    NetExchange,
    /// The same with one neighbour.
    NetExchangePerNeighbour,
    /// What exchange and production leave over.
    GridLoss,
    /// Grid loss above zero, at the consumption point that stands for it.
    PositiveGridLoss,
    /// Grid loss below zero, as a positive number, at the production point that stands for it.
    NegativeGridLoss,
    /// Flex settled consumption without grid loss.
    TemporaryFlexConsumption,
    /// Production without grid loss.
    TemporaryProduction,
}

impl EnergySeries {
    /// Every series.
    pub const ALL: [Self; 11] = [
        Self::Production,
        Self::NonProfiledConsumption,
        Self::FlexConsumption,
        Self::TotalConsumption,
        Self::NetExchange,
        Self::NetExchangePerNeighbour,
        Self::GridLoss,
        Self::PositiveGridLoss,
        Self::NegativeGridLoss,
        Self::TemporaryFlexConsumption,
        Self::TemporaryProduction,
    ];

    /// The word used in results.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::NonProfiledConsumption => "non_profiled_consumption",
            Self::FlexConsumption => "flex_consumption",
            Self::TotalConsumption => "total_consumption",
            Self::NetExchange => "net_exchange_per_ga",
            Self::NetExchangePerNeighbour => "net_exchange_per_neighboring_ga",
            Self::GridLoss => "grid_loss",
            Self::PositiveGridLoss => "positive_grid_loss",
            Self::NegativeGridLoss => "negative_grid_loss",
            Self::TemporaryFlexConsumption => "temp_flex_consumption",
            Self::TemporaryProduction => "temp_production",
        }
    }

    /// The type of points whose energy it is, as results name it; grid loss as such has none.
    #[must_use]
    pub const fn point_type(self) -> Option<&'static str> {
        match self {
            Self::Production | Self::TemporaryProduction | Self::NegativeGridLoss => Some("production"),
            Self::NetExchange | Self::NetExchangePerNeighbour => Some("exchange"),
            Self::GridLoss => None,
            _ => Some("consumption"),
        }
    }

    /// The settlement method of that consumption.
    #[must_use]
    pub const fn settlement_method(self) -> Option<SettlementMethod> {
        match self {
            Self::NonProfiledConsumption => Some(SettlementMethod::NonProfiled),
            Self::FlexConsumption | Self::TemporaryFlexConsumption | Self::PositiveGridLoss => {
                Some(SettlementMethod::Flex)
            }
            _ => None,
        }
    }

    /// Whether market parties are given it as a sum of an area. Grid loss and sums without it are steps on the way.
    #[must_use]
    pub const fn is_published(self) -> bool {
        matches!(
            self,
            Self::Production
                | Self::NonProfiledConsumption
                | Self::FlexConsumption
                | Self::TotalConsumption
                | Self::NetExchange
        )
    }
}

/// Over whom a result is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AggregationLevel {
    /// One supplier and balance responsible in the area.
    Supplier,
    /// One balance responsible in the area.
    BalanceResponsible,
    /// The whole area.
    Area,
}

/// Energy of one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnergyValue {
    /// Watt-hours: thousandths of a kWh.
    pub watt_hours: i64,
    /// The qualities of what it was summed from.
    pub qualities: QualitySet,
}

/// One series of one group on one local day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnergyResult {
    /// What it is.
    pub series: EnergySeries,
    /// Over whom.
    pub level: AggregationLevel,
    /// The grid area.
    pub area: GridArea,
    /// The other area, of exchange per neighbour.
    pub neighbour: Option<GridArea>,
    /// Whose it is, as far as the level says.
    pub parties: Parties,
    /// The point of positive or negative grid loss.
    pub point: Option<Gsrn>,
    /// By slot of the local day; `None` where nobody was in the group.
    pub values: Vec<Option<EnergyValue>>,
}

impl EnergyResult {
    /// The values as a block of kWh with three decimals, quality calculated: the series of a point of grid loss.
    #[must_use]
    pub fn as_block(&self) -> IntervalBlock {
        let mut block = IntervalBlock::empty(-3);
        for value in &self.values {
            let pushed = block.push(value.map(|value| value.watt_hours), Quality::Calculated);
            debug_assert!(pushed.is_ok(), "a local day is shorter than the largest block");
        }
        block
    }
}

type Values = Vec<Option<EnergyValue>>;

/// The results of one local day for the areas asked for.
///
/// `grid_loss` are the periods of the points of grid loss: in each area at most one consumption and one production point at
/// a time. An area without them has no results of them.
#[must_use]
pub fn energy_results(sums: &DaySums, areas: &[GridArea], grid_loss: &[PointPeriod]) -> Vec<EnergyResult> {
    areas.iter().flat_map(|area| AreaSums::of(sums, *area).results(sums, grid_loss)).collect()
}

/// The rounded sums of one area.
struct AreaSums {
    area: GridArea,
    exchange: BTreeMap<GridArea, Values>,
    flex: BTreeMap<Parties, Values>,
    non_profiled: BTreeMap<Parties, Values>,
    production: BTreeMap<Parties, Values>,
}

impl AreaSums {
    fn of(sums: &DaySums, area: GridArea) -> Self {
        let (exchange, flex, non_profiled, production) = Default::default();
        let mut day = Self { area, exchange, flex, non_profiled, production };
        for (key, sum) in sums.groups().iter().filter(|(key, _)| key.area == area) {
            let values = rounded(sum);
            match key.kind {
                GroupKind::Exchange { neighbour } => drop(day.exchange.insert(neighbour, values)),
                GroupKind::Production { parties } => drop(day.production.insert(parties, values)),
                GroupKind::Consumption { method: SettlementMethod::Flex, parties } => {
                    day.flex.insert(parties, values);
                }
                GroupKind::Consumption { method: SettlementMethod::NonProfiled, parties } => {
                    day.non_profiled.insert(parties, values);
                }
            }
        }
        day
    }

    fn results(mut self, sums: &DaySums, grid_loss: &[PointPeriod]) -> Vec<EnergyResult> {
        let exchange = total(self.exchange.values());
        let (flex, production) = (total(self.flex.values()), total(self.production.values()));
        let loss = grid_loss_of(&exchange, &production, &flex, &total(self.non_profiled.values()));
        let mut results = Vec::new();
        results.extend(self.area_sum(EnergySeries::TemporaryFlexConsumption, flex));
        results.extend(self.area_sum(EnergySeries::TemporaryProduction, production));
        for result in self.losses(sums, &loss, grid_loss) {
            let added_to = match result.series {
                EnergySeries::PositiveGridLoss => &mut self.flex,
                _ => &mut self.production,
            };
            add(added_to.entry(result.parties).or_default(), &result.values);
            results.push(result);
        }
        results.extend(self.area_sum(EnergySeries::GridLoss, loss));
        let consumed = of_both(&exchange, &total(self.production.values()));
        results.extend(self.area_sum(EnergySeries::TotalConsumption, consumed));
        results.extend(self.area_sum(EnergySeries::NetExchange, exchange));
        results.extend(self.exchange.iter().map(|(neighbour, values)| EnergyResult {
            neighbour: Some(*neighbour),
            ..self.result(EnergySeries::NetExchangePerNeighbour, AggregationLevel::Area, values.clone())
        }));
        results.extend(self.levels(EnergySeries::FlexConsumption, &self.flex));
        results.extend(self.levels(EnergySeries::NonProfiledConsumption, &self.non_profiled));
        results.extend(self.levels(EnergySeries::Production, &self.production));
        results
    }

    /// Positive and negative grid loss at the points that stand for them.
    fn losses(&self, sums: &DaySums, loss: &Values, points: &[PointPeriod]) -> Vec<EnergyResult> {
        let in_area = points.iter().filter(|period| period.area == self.area);
        let of_point = in_area.filter_map(|period| {
            let (series, sign) = match period.kind {
                PointType::Consumption(_) => (EnergySeries::PositiveGridLoss, 1),
                PointType::Production => (EnergySeries::NegativeGridLoss, -1),
                _ => return None,
            };
            let values = above_zero(loss, &sums.part(period.valid), sign);
            let result = self.result(series, AggregationLevel::Supplier, values);
            Some(EnergyResult { parties: period.parties, point: Some(period.point), ..result })
        });
        of_point.filter(|result| result.values.iter().any(Option::is_some)).collect()
    }

    /// A series per supplier, per balance responsible and for the area.
    fn levels(&self, series: EnergySeries, by_parties: &BTreeMap<Parties, Values>) -> Vec<EnergyResult> {
        let mut by_responsible: BTreeMap<Parties, Values> = BTreeMap::new();
        for (parties, values) in by_parties {
            add(by_responsible.entry(Parties { supplier: None, ..*parties }).or_default(), values);
        }
        let at = |level| {
            move |(parties, values): (&Parties, &Values)| EnergyResult {
                parties: *parties,
                ..self.result(series, level, values.clone())
            }
        };
        let mut results: Vec<_> = by_parties.iter().map(at(AggregationLevel::Supplier)).collect();
        results.extend(by_responsible.iter().map(at(AggregationLevel::BalanceResponsible)));
        results.extend(self.area_sum(series, total(by_parties.values())));
        results
    }

    fn area_sum(&self, series: EnergySeries, values: Values) -> Option<EnergyResult> {
        let is_any = values.iter().any(Option::is_some);
        is_any.then(|| self.result(series, AggregationLevel::Area, values))
    }

    fn result(&self, series: EnergySeries, level: AggregationLevel, values: Values) -> EnergyResult {
        EnergyResult {
            series,
            level,
            area: self.area,
            neighbour: None,
            parties: Parties::default(),
            point: None,
            values,
        }
    }
}

/// A sum in whole watt-hours, rounded inside each hour.
fn rounded(sum: &SettlementSum) -> Values {
    let slots = sum.quarter_watt_hours().iter().zip(sum.qualities()).enumerate();
    slots
        .map(|(slot, (quantity, qualities))| {
            let watt_hours = round_in_hour(*quantity, slot % sum.slots_per_hour());
            (!qualities.is_empty()).then_some(EnergyValue { watt_hours, qualities })
        })
        .collect()
}

/// Exchange and production less consumption, where anybody is in any of them.
fn grid_loss_of(exchange: &Values, production: &Values, flex: &Values, non_profiled: &Values) -> Values {
    let given = total([exchange, production]);
    let taken = total([flex, non_profiled]);
    let loss = |given: Option<&EnergyValue>, taken: Option<&EnergyValue>| {
        let watt_hours = |value: Option<&EnergyValue>| value.map_or(0, |value| value.watt_hours);
        (given.is_some() || taken.is_some()).then(|| EnergyValue {
            watt_hours: watt_hours(given) - watt_hours(taken),
            qualities: QualitySet::only(Quality::Calculated),
        })
    };
    let at = |values: &Values, slot: usize| values.get(slot).copied().flatten();
    let slots = given.len().max(taken.len());
    (0..slots).map(|slot| loss(at(&given, slot).as_ref(), at(&taken, slot).as_ref())).collect()
}

/// The grid loss of one sign, as a positive number, in a part of the day; 0 where it has the other sign.
fn above_zero(loss: &Values, part: &SlotRange, sign: i64) -> Values {
    let of_sign = |value: EnergyValue| EnergyValue { watt_hours: (value.watt_hours * sign).max(0), ..value };
    loss.iter().enumerate().map(|(slot, value)| value.filter(|_| part.contains(&slot)).map(of_sign)).collect()
}

/// The sum where both have a value.
fn of_both(one: &Values, other: &Values) -> Values {
    let has_both = one.iter().zip(other).map(|(one, other)| one.is_some() && other.is_some());
    total([one, other]).into_iter().zip(has_both).map(|(sum, has_both)| sum.filter(|_| has_both)).collect()
}

fn total<'a>(all: impl IntoIterator<Item = &'a Values>) -> Values {
    all.into_iter().fold(Values::new(), |mut sum, values| {
        add(&mut sum, values);
        sum
    })
}

fn add(sum: &mut Values, values: &Values) {
    sum.resize(sum.len().max(values.len()), None);
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum = match (*sum, *value) {
            (Some(one), Some(other)) => Some(EnergyValue {
                watt_hours: one.watt_hours + other.watt_hours,
                qualities: one.qualities.union(other.qualities),
            }),
            (one, other) => one.or(other),
        };
    }
}
