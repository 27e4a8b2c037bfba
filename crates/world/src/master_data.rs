//! Master data: what a metering company knows before the first value arrives.
//!
//! What comes in: the town. What goes out: areas, metering points, which meter is mounted where and when, who
//! lives where and when, who supplies whom and when. Vacant days are days without an occupancy.

use std::collections::BTreeMap;

use tidstro_model::{
    Area, AreaKind, ChargeData, Commodity, DayRange, DeviceId, GridArea, Gsrn, Installation, MasterData,
    Mounting, NetSettlementGroup, Occupancy, Parties, Person, Point, PointState, PointType, Resolution,
    SettlementMethod, SettlementMonth, StatedPoint, Supply, SystemTitle,
};

use crate::building::{Flat, Stay};
use crate::grid::{GRID_AREA, GridPoint, MarketPoint, parties_of};
use crate::place::PointKind;
use crate::town::Town;

/// The month the settlement year of the home with solar cells begins with.
const SETTLEMENT_MONTH: i64 = 9;

/// What names a flat: the area and the label, which is unique only inside it.
type Home<'a> = (&'a str, &'a str);

impl Town {
    /// The master data of the town.
    #[must_use]
    pub fn master_data(&self) -> MasterData {
        MasterData {
            areas: self.areas(),
            points: self.points(),
            stated_points: self.stated_points(),
            installations: self.installations(),
            people: self.persons(),
            occupancies: self.occupancies(),
            supplies: self.supplies(),
            charges: ChargeData::default(),
            profile_shares: Vec::new(),
            degree_days: Vec::new(),
        }
    }

    /// What master data call the person at this index of [`Town::people`].
    #[must_use]
    pub fn person_reference(index: usize) -> String {
        format!("person-{}", index + 1)
    }

    fn areas(&self) -> Vec<Area> {
        let building = |name| Area { name, kind: AreaKind::Building };
        let grid = Area { name: GRID_AREA.to_owned(), kind: AreaKind::GridArea };
        self.building_names().map(building).chain([grid]).collect()
    }

    fn points(&self) -> Vec<Point> {
        let places = self.places.iter().map(|place| Point {
            own_id: place.id.clone(),
            area: place.area.clone(),
            commodity: place.kind.commodity(),
            flat: place.unit.clone(),
            room: place.room.map(|room| room.word().to_owned()),
            interval: None,
            transformer: None,
        });
        let grid = self.grid_points.iter().map(|point| Point {
            own_id: point.gsrn.to_string(),
            area: GRID_AREA.to_owned(),
            commodity: point.kind.commodity(),
            flat: None,
            room: None,
            interval: None,
            transformer: Some(point.transformer.clone()),
        });
        let market = self.market_points.iter().filter_map(|point| {
            let (state, _) = point.states.first()?;
            Some(Point {
                own_id: point.gsrn.to_string(),
                area: GRID_AREA.to_owned(),
                commodity: state.commodity(),
                flat: None,
                room: None,
                interval: None,
                transformer: None,
            })
        });
        places.chain(grid).chain(market).collect()
    }

    /// Every household's point was connected on the day its holder came.
    fn stated_points(&self) -> Vec<StatedPoint> {
        let Some(area) = GridArea::parse(GRID_AREA) else { return Vec::new() };
        let stated = |point: &GridPoint| {
            let measured = PointState::measured(point.kind.market_type()?, area, Resolution::PT1H);
            let state = PointState {
                net_settlement: self.net_settlement(point.gsrn),
                is_electrically_heated: self.has_child(point.gsrn, "electrical_heating"),
                ..measured
            };
            Some(StatedPoint { point: point.gsrn, state, days: point.held })
        };
        let market = self.market_points.iter().flat_map(|point| {
            let stated = |(state, days): &_| StatedPoint { point: point.gsrn, state: *state, days: *days };
            point.states.iter().map(stated).collect::<Vec<_>>()
        });
        self.grid_points.iter().filter_map(stated).chain(market).collect()
    }

    /// A home with net consumption is in group 6, settled over years that begin with its month.
    fn net_settlement(&self, home: Gsrn) -> Option<NetSettlementGroup> {
        let month = SettlementMonth::new(SETTLEMENT_MONTH).ok()?;
        self.has_child(home, "net_consumption").then_some(NetSettlementGroup::Six(month))
    }

    /// Whether a home has a child of this type.
    fn has_child(&self, home: Gsrn, word: &str) -> bool {
        let mut states = self.market_points.iter().flat_map(|point| &point.states);
        states.any(|(state, _)| state.parent == Some(home) && state.kind.word() == word)
    }

    fn installations(&self) -> Vec<Installation> {
        let placed = self.meters.iter().filter_map(|meter| Some((meter, self.places.get(meter.place)?)));
        let speaking = self.grid_points.iter().filter_map(|point| {
            Some(Installation {
                meter: point.meter()?,
                point: point.gsrn.to_string(),
                days: point.held,
                mounting: Mounting::default(),
            })
        });
        let placed = placed.map(|(meter, place)| Installation {
            meter: meter.id.into(),
            point: place.id.clone(),
            days: meter.mounted,
            mounting: Mounting::default(),
        });
        let pushing = self.pushing_meters();
        let pushing = pushing.iter().filter_map(|meter| {
            let point = self.grid_points.get(meter.point)?;
            let title = DeviceId::Title(SystemTitle(meter.security.title));
            Some(Installation {
                meter: title,
                point: point.gsrn.to_string(),
                days: point.held,
                mounting: Mounting::default(),
            })
        });
        placed.chain(pushing).chain(speaking).collect()
    }

    fn persons(&self) -> Vec<Person> {
        let person = |(index, person): (usize, &crate::Person)| Person {
            reference: Self::person_reference(index),
            name: person.name.clone(),
            contact: person.email.clone(),
        };
        self.people.iter().enumerate().map(person).collect()
    }

    /// Tenants of flats, then holders of electricity metering points.
    fn occupancies(&self) -> Vec<Occupancy> {
        let points = self.points_by_home();
        let points_of = |flat: &Flat| points.get(&(flat.area.as_str(), flat.unit.as_str())).cloned();
        let tenancy = |flat: &Flat, stay: &Stay| Occupancy {
            subject: Self::person_reference(stay.tenant),
            points: points_of(flat).unwrap_or_default(),
            days: stay.days,
        };
        let tenants = self.flats.iter().flat_map(|flat| flat.stays.iter().map(move |stay| (flat, stay)));
        let holders = self.grid_points.iter().map(|point| Occupancy {
            subject: Self::person_reference(point.holder),
            points: vec![point.gsrn.to_string()],
            days: point.held,
        });
        tenants.map(|(flat, stay)| tenancy(flat, stay)).chain(holders).collect()
    }

    fn points_by_home(&self) -> BTreeMap<Home<'_>, Vec<String>> {
        let mut points: BTreeMap<Home<'_>, Vec<String>> = BTreeMap::new();
        for place in &self.places {
            if let Some(unit) = &place.unit {
                points.entry((&place.area, unit)).or_default().push(place.id.clone());
            }
        }
        points
    }

    fn supplies(&self) -> Vec<Supply> {
        let households = self.grid_points.iter().flat_map(|point| {
            let parties = |(supplier, days): &_| parties_of(*supplier, *days, &self.period);
            let periods = point.supplied.iter().flat_map(parties);
            periods.filter_map(|period| supply(point.gsrn, period)).collect::<Vec<_>>()
        });
        let of_market = |point: &MarketPoint| {
            let periods = point.supplied.iter();
            periods.filter_map(|period| supply(point.gsrn, *period)).collect::<Vec<_>>()
        };
        households.chain(self.market_points.iter().flat_map(of_market)).collect()
    }
}

fn supply(point: Gsrn, (parties, days): (Parties, DayRange)) -> Option<Supply> {
    let Parties { supplier, balance_responsible } = parties;
    Some(Supply { point: point.to_string(), supplier: supplier?, balance_responsible, days })
}

impl PointKind {
    /// What the market calls it; `None` in a building.
    const fn market_type(self) -> Option<PointType> {
        match self {
            Self::Consumption => Some(PointType::Consumption(SettlementMethod::Flex)),
            Self::Production => Some(PointType::Production),
            _ => None,
        }
    }

    /// What is delivered or observed there.
    const fn commodity(self) -> Commodity {
        match self {
            Self::Allocator => Commodity::HeatAllocation,
            Self::ColdWater => Commodity::ColdWater,
            Self::HotWater => Commodity::WarmWater,
            Self::RoomSensor => Commodity::RoomClimate,
            Self::HeatMeter => Commodity::Heat,
            Self::Consumption => Commodity::ElectricityConsumption,
            Self::Production => Commodity::ElectricityProduction,
        }
    }
}
