//! Master data: what is measured where, by which device, for whom, supplied by whom.

use std::fmt;

use crate::{
    ChargeData, DayRange, Decimal, DeviceId, Factor, Gln, Gsrn, PointState, Resolution, StatedCharge,
    StatedDegreeDays, StatedLink, StatedPrice, StatedShare,
};

/// What metering points are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AreaKind {
    /// A building with flats.
    Building,
    /// An electricity grid area.
    GridArea,
    /// Meters that were heard but that no master data place anywhere.
    Unassigned,
}

impl AreaKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Building, Self::GridArea, Self::Unassigned];

    /// The code used in files, SQL and screens.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::GridArea => "grid-area",
            Self::Unassigned => "unassigned",
        }
    }

    /// Reads a code as [`AreaKind::code`] writes it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What is delivered or observed at a metering point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Commodity {
    /// Heat, by a heat meter.
    Heat,
    /// Heat of one radiator, by a heat cost allocator.
    HeatAllocation,
    /// Cold water.
    ColdWater,
    /// Warm water.
    WarmWater,
    /// Temperature and humidity of a room.
    RoomClimate,
    /// Electricity consumption (market type E17).
    ElectricityConsumption,
    /// Electricity production (market type E18).
    ElectricityProduction,
    /// Electricity between two grid areas, in both directions (market type E20).
    ElectricityExchange,
    /// Not known, for a meter no master data name.
    Unknown,
}

impl Commodity {
    /// Every commodity.
    pub const ALL: [Self; 9] = [
        Self::Heat,
        Self::HeatAllocation,
        Self::ColdWater,
        Self::WarmWater,
        Self::RoomClimate,
        Self::ElectricityConsumption,
        Self::ElectricityProduction,
        Self::ElectricityExchange,
        Self::Unknown,
    ];

    /// The code used in files, SQL and screens.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Heat => "heat",
            Self::HeatAllocation => "heat-allocation",
            Self::ColdWater => "cold-water",
            Self::WarmWater => "warm-water",
            Self::RoomClimate => "room-climate",
            Self::ElectricityConsumption => "electricity-consumption",
            Self::ElectricityProduction => "electricity-production",
            Self::ElectricityExchange => "electricity-exchange",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a code as [`Commodity::code`] writes it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|commodity| commodity.code() == code)
    }
}

/// A building or a grid area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Its name: an address, or the three digits of a grid area as text.
    pub name: String,
    /// What it is.
    pub kind: AreaKind,
}

/// A metering point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The GSRN of an electricity point, the owner's own identifier otherwise.
    pub own_id: String,
    /// Name of the area it lies in.
    pub area: String,
    /// What is delivered or observed.
    pub commodity: Commodity,
    /// Label of the flat, for a point inside one.
    pub flat: Option<String>,
    /// Label of the room, for a point inside one.
    pub room: Option<String>,
    /// Resolution of its interval series, for a point a head-end delivers intervals for.
    pub interval: Option<Resolution>,
    /// What an electricity point hangs behind, by the grid company's own name: when it fails, all behind it are without
    /// supply. `None` where nobody says.
    pub transformer: Option<String>,
}

/// A device at a metering point for some local days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The meter.
    pub meter: DeviceId,
    /// The point's [`Point::own_id`].
    pub point: String,
    /// When it hung there.
    pub days: DayRange,
    /// What its numbers must be multiplied by.
    pub mounting: Mounting,
}

/// How a device is connected, and how its register counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mounting {
    /// Ratio of the measuring transformers before it, such as 40 for 200 : 5 A.
    pub factor: Factor,
    /// What one count of its register means, by the maker.
    pub multiplier: Factor,
    /// How many digits its register shows before it begins at 0 again; `None` where nobody says.
    pub digits: Option<u8>,
}

impl Mounting {
    /// What a number of the register means at the point: times factor and multiplier, exactly; `None` where that does
    /// not fit in 64 bits.
    #[must_use]
    pub fn at_the_point(&self, number: Decimal) -> Option<Decimal> {
        self.factor.times(self.multiplier.times(number)?)
    }
}

/// A statement about an electricity point: what the market registers of it for some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedPoint {
    /// The point.
    pub point: Gsrn,
    /// What it is.
    pub state: PointState,
    /// When.
    pub days: DayRange,
}

/// A person whose consumption is measured. `Debug` shows the reference only.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Pseudonymous reference in master data.
    pub reference: String,
    /// Name.
    pub name: String,
    /// Mail address or other contact.
    pub contact: String,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("reference", &self.reference).finish_non_exhaustive()
    }
}

/// A person's time at some metering points: a tenancy, or a supply customer's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupancy {
    /// The person's [`Person::reference`].
    pub subject: String,
    /// The points' [`Point::own_id`].
    pub points: Vec<String>,
    /// From moving in to moving out.
    pub days: DayRange,
}

/// A supplier's time at an electricity metering point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// The point's [`Point::own_id`].
    pub point: String,
    /// The supplier.
    pub supplier: Gln,
    /// Who answers for the balance of the supplier; `None` where nobody says.
    pub balance_responsible: Option<Gln>,
    /// The supply period.
    pub days: DayRange,
}

/// One statement of a file of master data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterRow {
    /// A metering point of any commodity and the area it lies in.
    Place(Area, Point),
    /// What the market registers of a point, and who supplies it, where the row says so.
    Point(StatedPoint, Option<Supply>),
    /// Who supplies a point.
    Supply(Supply),
    /// Where a device hangs.
    Installation(Installation),
    /// A person.
    Person(Person),
    /// Who lived or was supplied somewhere.
    Occupancy(Occupancy),
    /// That there is a charge.
    Charge(StatedCharge),
    /// That a point pays a charge.
    ChargeLink(StatedLink),
    /// What a charge costs.
    ChargePrice(StatedPrice),
    /// What share of a standard load profile falls to a time.
    ProfileShare(StatedShare),
    /// How cold a month was.
    DegreeDays(StatedDegreeDays),
}

/// Everything that must be known before readings mean something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MasterData {
    /// Buildings and grid areas.
    pub areas: Vec<Area>,
    /// Metering points.
    pub points: Vec<Point>,
    /// What the market registers of electricity points.
    pub stated_points: Vec<StatedPoint>,
    /// Which device hung where and when.
    pub installations: Vec<Installation>,
    /// People.
    pub people: Vec<Person>,
    /// Who lived or was supplied where and when.
    pub occupancies: Vec<Occupancy>,
    /// Suppliers of electricity points.
    pub supplies: Vec<Supply>,
    /// What suppliers pay for points.
    pub charges: ChargeData,
    /// Shares of standard load profiles.
    pub profile_shares: Vec<StatedShare>,
    /// How cold months were.
    pub degree_days: Vec<StatedDegreeDays>,
}
