//! Master data: what a metering company knows before the first value arrives.
//!
//! What comes in: the town. What goes out: areas, metering points, which meter is mounted where and when, who
//! lives where and when, who supplies whom and when. Vacant days are days without an occupancy.

use tidstro_model::{DayRange, Gln, Gsrn, MeterId};

use crate::grid::{GRID_AREA, GridPoint};
use crate::people::Person;
use crate::place::{Meter, PointKind};
use crate::town::Town;

/// The time zone of every area.
pub const ZONE: &str = "Europe/Copenhagen";

/// What metering points are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AreaKind {
    /// A building with flats.
    Building,
    /// An electricity grid area.
    GridArea,
}

/// A building or a grid area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Its name: `Kornmarken 12`, `543`.
    pub name: String,
    /// What it is.
    pub kind: AreaKind,
    /// IANA name of its time zone.
    pub zone: &'static str,
}

/// A metering point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// GSRN of an electricity metering point, else an own id such as `kornmarken-12/1-tv/hca-living`.
    pub id: String,
    /// Name of its area.
    pub area: String,
    /// Flat label; `None` outside flats.
    pub unit: Option<String>,
    /// Room, where a flat has several points of this kind.
    pub room: Option<String>,
    /// What it measures.
    pub kind: PointKind,
}

/// A meter mounted at a metering point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The meter.
    pub meter: MeterId,
    /// Id of the metering point.
    pub point: String,
    /// Days for which it is mounted.
    pub days: DayRange,
}

/// What somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// A flat.
    Flat {
        /// Building.
        area: String,
        /// Flat label.
        unit: String,
    },
    /// An electricity metering point.
    Point(Gsrn),
}

/// Somebody's time in a flat or at an electricity metering point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupancy {
    /// Index in [`MasterData::subjects`].
    pub subject: usize,
    /// What they hold.
    pub home: Home,
    /// When.
    pub days: DayRange,
}

/// An electricity supplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplier {
    /// Its number.
    pub gln: Gln,
    /// Its name.
    pub name: String,
}

/// A supplier's time at an electricity metering point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupplyPeriod {
    /// The metering point.
    pub gsrn: Gsrn,
    /// The supplier.
    pub supplier: Gln,
    /// When.
    pub days: DayRange,
}

/// Everything known beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterData {
    /// Buildings, then the grid area.
    pub areas: Vec<Area>,
    /// Metering points of the buildings, then of the grid area.
    pub points: Vec<Point>,
    /// Meters of the buildings and where they are mounted.
    pub devices: Vec<Installation>,
    /// People whose consumption is measured.
    pub subjects: Vec<Person>,
    /// Who holds what, and when.
    pub occupancies: Vec<Occupancy>,
    /// Electricity suppliers.
    pub suppliers: Vec<Supplier>,
    /// Who supplies whom, and when.
    pub supply_periods: Vec<SupplyPeriod>,
}

impl Town {
    /// The master data of the town.
    #[must_use]
    pub fn master_data(&self) -> MasterData {
        MasterData {
            areas: self.areas(),
            points: self.points(),
            devices: self.installations(),
            subjects: self.people.clone(),
            occupancies: self.occupancies(),
            suppliers: self.suppliers.map(|(gln, name)| Supplier { gln, name: name.to_owned() }).to_vec(),
            supply_periods: self.supply_periods(),
        }
    }

    fn areas(&self) -> Vec<Area> {
        let building = |name| Area { name, kind: AreaKind::Building, zone: ZONE };
        let grid = Area { name: GRID_AREA.to_owned(), kind: AreaKind::GridArea, zone: ZONE };
        self.building_names().map(building).chain([grid]).collect()
    }

    fn points(&self) -> Vec<Point> {
        let places = self.places.iter().map(|place| Point {
            id: place.id.clone(),
            area: place.area.clone(),
            unit: place.unit.clone(),
            room: place.room.map(|room| room.word().to_owned()),
            kind: place.kind,
        });
        let grid = self.grid_points.iter().map(|point| Point {
            id: point.gsrn.to_string(),
            area: GRID_AREA.to_owned(),
            unit: None,
            room: None,
            kind: point.kind,
        });
        places.chain(grid).collect()
    }

    fn installations(&self) -> Vec<Installation> {
        let point = |place: usize| self.places.get(place).map(|place| place.id.clone()).unwrap_or_default();
        let installation =
            |meter: &Meter| Installation { meter: meter.id, point: point(meter.place), days: meter.mounted };
        self.meters.iter().map(installation).collect()
    }

    /// Tenants of flats, then holders of electricity metering points.
    fn occupancies(&self) -> Vec<Occupancy> {
        let tenants = self.flats.iter().flat_map(|flat| {
            flat.stays.iter().map(|stay| Occupancy {
                subject: stay.tenant,
                home: Home::Flat { area: flat.area.clone(), unit: flat.unit.clone() },
                days: stay.days,
            })
        });
        let holders = self.grid_points.iter().map(|point| Occupancy {
            subject: point.holder,
            home: Home::Point(point.gsrn),
            days: point.held,
        });
        tenants.chain(holders).collect()
    }

    fn supply_periods(&self) -> Vec<SupplyPeriod> {
        let periods = |point: &GridPoint| {
            let gsrn = point.gsrn;
            point.supplied.clone().into_iter().map(move |(supplier, days)| SupplyPeriod {
                gsrn,
                supplier,
                days,
            })
        };
        self.grid_points.iter().flat_map(periods).collect()
    }
}
