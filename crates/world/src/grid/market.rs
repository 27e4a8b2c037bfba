//! What makes the grid area a whole for the market: exchange with its neighbours, the two points of its grid loss, a company,
//! a wind turbine and a solar park, children of households, a school with two meters and one number, and a building site
//! that comes and goes.
//!
//! What comes in: the plan, the days, the points of households. What goes out: points with their states and parties over time.
//! Nobody lives there: none of them has a holder.

use jiff::civil::Date;
use tidstro_model::{
    ConnectionState, DayRange, Factor, GridArea, Gsrn, Parties, PointState, PointType, Resolution,
    SettlementMethod, SubType,
};

use super::market_load::Load;
use super::{GRID_AREA, GridPoint, parties_of, suppliers};
use crate::period::Period;
use crate::place::PointKind;
use crate::plan::{TownPlan, day_after};

/// First 17 digits of these points, apart from the households'.
const MARKET_BODY: u64 = 57_131_315_434_000_000;

/// The areas on either side.
const NEIGHBOURS: [&str; 2] = ["542", "544"];

/// How long before the first day everything but the building site was there.
const BEFORE_DAYS: i64 = 2_000;

/// The share of the solar park's energy that is its own: it is measured together with a farm behind the same meter.
const SOLAR_SHARE: i64 = 985;

/// A point of the market that is no household's.
#[derive(Debug, Clone)]
pub struct MarketPoint {
    /// Its number.
    pub gsrn: Gsrn,
    /// What stands there.
    pub name: &'static str,
    /// What the market registers of it, in order, without gap.
    pub states: Vec<(PointState, DayRange)>,
    /// Who stands for its energy, in order; children and exchange have nobody.
    pub supplied: Vec<(Parties, DayRange)>,
    /// What its values are; nothing where the market computes them.
    pub(super) load: Load,
}

impl MarketPoint {
    /// How often its head-end delivers; `None` where the market computes the values.
    #[must_use]
    pub fn delivered(&self) -> Option<Resolution> {
        let (state, _) = self.states.first()?;
        (self.load != Load::Computed).then_some(state.resolution)
    }

    /// What the market registers of it on a day.
    #[must_use]
    pub fn state_on(&self, day: Date) -> Option<&PointState> {
        self.states.iter().find(|(_, days)| days.contains(day)).map(|(state, _)| state)
    }
}

/// The points, in the order of their numbers.
pub(crate) fn build(plan: &TownPlan, period: &Period, households: &[GridPoint]) -> Vec<MarketPoint> {
    let Some(area) = GridArea::parse(GRID_AREA) else { return Vec::new() };
    let market = Market { area, since: day_after(plan.first_day, -BEFORE_DAYS), period };
    let mut points = market.exchange();
    points.extend(market.grid_loss());
    points.extend(market.companies());
    points.extend(market.school());
    points.push(market.building_site());
    points.extend(market.children(households));
    points.sort_by_key(|point| point.gsrn);
    points
}

/// What all of them have in common.
struct Market<'a> {
    area: GridArea,
    since: Date,
    period: &'a Period,
}

impl Market<'_> {
    fn days(&self) -> DayRange {
        DayRange::from(self.since)
    }

    /// A point that never changes what it is.
    fn point(&self, number: u64, name: &'static str, state: PointState, load: Load) -> MarketPoint {
        let gsrn = Gsrn::from_body(MARKET_BODY + number);
        MarketPoint { gsrn, name, states: vec![(state, self.days())], supplied: Vec::new(), load }
    }

    fn quarters(&self, kind: PointType) -> PointState {
        PointState::measured(kind, self.area, Resolution::PT15M)
    }

    /// One line comes in from the west, one goes out to the east.
    fn exchange(&self) -> Vec<MarketPoint> {
        let [west, east] = NEIGHBOURS.map(GridArea::parse);
        let line = |number, name, from: Option<GridArea>, to: Option<GridArea>, load| {
            let kind = PointType::Exchange { from: from?, to: to? };
            Some(self.point(number, name, self.quarters(kind), load))
        };
        let lines = [
            line(1, "line from 542", west, Some(self.area), Load::ExchangeIn),
            line(2, "line to 544", Some(self.area), east, Load::ExchangeOut),
        ];
        lines.into_iter().flatten().collect()
    }

    /// What the grid loses is bought for the consumption point; what is too much is sold at the production point. Whom from
    /// changes in the middle of the days.
    fn grid_loss(&self) -> [MarketPoint; 2] {
        let stands_for = |kind| PointState {
            sub_type: SubType::Calculated,
            stands_for_grid_loss: true,
            ..self.quarters(kind)
        };
        let [(first, _), _, (third, _)] = suppliers();
        let middle = self.period.day_at(1, 2);
        let before = DayRange::new(self.since, middle).unwrap_or(self.days());
        let parties =
            [parties_of(first, before, self.period), parties_of(third, DayRange::from(middle), self.period)];
        let point = |number, name, kind| MarketPoint {
            supplied: parties.concat(),
            ..self.point(number, name, stands_for(kind), Load::Computed)
        };
        [
            point(11, "grid loss", PointType::Consumption(SettlementMethod::Flex)),
            point(12, "system correction", PointType::Production),
        ]
    }

    /// A dairy that is settled on its own, with its capacity; a turbine; and a solar park of which a share is its own.
    fn companies(&self) -> [MarketPoint; 4] {
        let [(first, _), _, (third, _)] = suppliers();
        let supplied = |supplier| parties_of(supplier, self.days(), self.period);
        let dairy = self.quarters(PointType::Consumption(SettlementMethod::NonProfiled));
        let dairy = MarketPoint { supplied: supplied(third), ..self.point(21, "dairy", dairy, Load::Dairy) };
        let capacity = self.computed_child(22, "capacity of the dairy", "capacity_settlement", dairy.gsrn);
        let turbine = self.point(31, "wind turbine", self.quarters(PointType::Production), Load::Turbine);
        let share = Factor::of_thousandths(SOLAR_SHARE).unwrap_or(Factor::ONE);
        let park = PointState { factor: share, ..self.quarters(PointType::Production) };
        let park = self.point(32, "solar park", park, Load::SolarPark);
        [
            dairy,
            capacity,
            MarketPoint { supplied: supplied(third), ..turbine },
            MarketPoint { supplied: supplied(first), ..park },
        ]
    }

    /// Two houses with a meter each, and one point that is the sum of them (D.1 § 7).
    fn school(&self) -> [MarketPoint; 3] {
        let [_, (second, _), _] = suppliers();
        let flex = self.quarters(PointType::Consumption(SettlementMethod::Flex));
        let whole = PointState { sub_type: SubType::Virtual, ..flex };
        let supplied = parties_of(second, self.days(), self.period);
        let whole = MarketPoint { supplied, ..self.point(41, "school", whole, Load::School) };
        let house = |number, name, load| {
            let child = PointState {
                parent: Some(whole.gsrn),
                ..self.quarters(PointType::Child("other_consumption"))
            };
            self.point(number, name, child, load)
        };
        let houses =
            [house(42, "school, old house", Load::OldHouse), house(43, "school, new house", Load::NewHouse)];
        let [old, new] = houses;
        [whole, old, new]
    }

    /// Made, connected for a few days, and closed down for good.
    fn building_site(&self) -> MarketPoint {
        let flex = self.quarters(PointType::Consumption(SettlementMethod::Flex));
        let (connected, closed) = (self.period.day_at(1, 5), self.period.day_at(4, 5));
        let between = |start, end| DayRange::new(start, end).unwrap_or(DayRange::from(start));
        let state = |connection, days| (PointState { connection, ..flex }, days);
        let in_use = between(connected, closed);
        let [_, (second, _), _] = suppliers();
        MarketPoint {
            states: vec![
                state(ConnectionState::New, between(day_after(connected, -30), connected)),
                state(ConnectionState::Connected, in_use),
                state(ConnectionState::ClosedDown, DayRange::from(closed)),
            ],
            supplied: parties_of(second, in_use, self.period),
            ..self.point(51, "building site", flex, Load::BuildingSite)
        }
    }

    /// A household with solar cells is settled by what it takes from the grid and gives to it, and one with a heat pump
    /// by what it heats with.
    fn children(&self, households: &[GridPoint]) -> Vec<MarketPoint> {
        let mut points = Vec::new();
        let place = |wanted: &dyn Fn(&GridPoint) -> bool| households.iter().position(wanted);
        if let Some((home, cells)) = place(&|point| point.kind == PointKind::Production).and_then(|cells| {
            let production = households.get(cells)?;
            Some((
                place(&|point| point.kind == PointKind::Consumption && point.holder == production.holder)?,
                cells,
            ))
        }) {
            points.extend(self.net_settled(households, home, cells));
        }
        let heats =
            |point: &&GridPoint| point.kind == PointKind::Consumption && point.profile.heat_pump_mwh > 0;
        if let Some(home) = households.iter().find(heats) {
            points.push(self.computed_child(64, "electrical heating", "electrical_heating", home.gsrn));
        }
        points
    }

    fn net_settled(&self, households: &[GridPoint], home: usize, cells: usize) -> Vec<MarketPoint> {
        let Some(parent) = households.get(home).map(|point| point.gsrn) else { return Vec::new() };
        let child = |word| PointState {
            parent: Some(parent),
            ..PointState::measured(PointType::Child(word), self.area, Resolution::PT1H)
        };
        vec![
            self.point(61, "supply to the grid", child("supply_to_grid"), Load::ToGrid { home, cells }),
            self.point(
                62,
                "consumption from the grid",
                child("consumption_from_grid"),
                Load::FromGrid { home, cells },
            ),
            self.computed_child(63, "net consumption", "net_consumption", parent),
        ]
    }

    /// A child whose values the market computes.
    fn computed_child(
        &self,
        number: u64,
        name: &'static str,
        word: &'static str,
        parent: Gsrn,
    ) -> MarketPoint {
        let state = PointState {
            sub_type: SubType::Calculated,
            parent: Some(parent),
            ..PointState::measured(PointType::Child(word), self.area, Resolution::P1M)
        };
        self.point(number, name, state, Load::Computed)
    }
}
