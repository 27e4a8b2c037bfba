//! Buildings: flats, who lives there, what is measured, and with which meters.
//!
//! What comes in: the seed and the days. What goes out: flats of "Kornmarken", 24 per building, with three to
//! five radiators each, and the metering points and meters in them. Registers rise by what the household and
//! the weather make them rise.

use jiff::civil::Date;
use tidstro_model::{DayRange, Manufacturer, Medium, MeterId, MeterNumber};

use crate::chance::{Chance, Topic};
use crate::curve::Curve;

/// Flats per building: eight floors with three doors.
pub(crate) const FLATS_PER_BUILDING: u32 = 24;

/// Slots for meters a flat has; slot numbers tell its meters apart and never change.
pub(crate) const SLOTS_PER_FLAT: u64 = 16;
pub(crate) const SLOT_COLD_WATER: u64 = 8;
pub(crate) const SLOT_HOT_WATER: u64 = 9;
pub(crate) const SLOT_ROOM_SENSOR: u64 = 10;
pub(crate) const SLOT_EXCHANGED: u64 = 15;

/// What the heat meters of buildings count from, apart from anything in a flat.
pub(crate) const HEAT_METERS: u64 = 1 << 40;

/// What a metering point measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PointKind {
    /// Heat cost allocator at one radiator (EN 834).
    Allocator,
    /// Cold water of a flat.
    ColdWater,
    /// Hot water of a flat.
    HotWater,
    /// Temperature and humidity of a room.
    RoomSensor,
    /// Heat of a building.
    HeatMeter,
    /// Electricity consumption (E17).
    Consumption,
    /// Electricity production (E18).
    Production,
}

impl PointKind {
    /// The word used in files and ids.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allocator => "allocator",
            Self::ColdWater => "cold-water",
            Self::HotWater => "hot-water",
            Self::RoomSensor => "room-sensor",
            Self::HeatMeter => "heat-meter",
            Self::Consumption => "consumption",
            Self::Production => "production",
        }
    }

    /// The device type of its meters.
    #[must_use]
    pub const fn medium(self) -> Medium {
        match self {
            Self::Allocator => Medium::HEAT_COST_ALLOCATOR,
            Self::ColdWater => Medium::COLD_WATER,
            Self::HotWater => Medium::WARM_WATER,
            Self::RoomSensor => Medium::ROOM,
            Self::HeatMeter => Medium::HEAT,
            Self::Consumption | Self::Production => Medium::ELECTRICITY,
        }
    }

    /// First two digits of its meters' numbers.
    const fn number_prefix(self) -> u32 {
        match self {
            Self::Allocator => 41,
            Self::ColdWater => 51,
            Self::HotWater => 52,
            Self::RoomSensor => 61,
            Self::HeatMeter => 70,
            Self::Consumption | Self::Production => 20,
        }
    }
}

/// A room with a radiator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Room {
    /// Living room.
    Living,
    /// Kitchen.
    Kitchen,
    /// Bedroom.
    Bedroom,
    /// Small room, often a child's.
    Small,
    /// Bathroom.
    Bath,
}

impl Room {
    /// In the order in which flats have them: the first three in every flat.
    const ALL: [Self; 5] = [Self::Living, Self::Kitchen, Self::Bedroom, Self::Small, Self::Bath];

    /// The word used in files and ids.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Living => "living",
            Self::Kitchen => "kitchen",
            Self::Bedroom => "bedroom",
            Self::Small => "small",
            Self::Bath => "bath",
        }
    }

    /// Thousandths of an allocator unit per tenth of a kelvin of heating demand and day.
    const fn radiator(self) -> i64 {
        match self {
            Self::Living => 82,
            Self::Kitchen => 34,
            Self::Bedroom => 27,
            Self::Small => 41,
            Self::Bath => 38,
        }
    }
}

/// A household's habits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Household {
    /// How many live there.
    pub people: u32,
    /// Heating, in thousandths of the usual.
    pub heating_permille: i64,
    /// Water, in thousandths of the usual per head.
    pub water_permille: i64,
    /// Room temperature they like, in hundredths of a degree Celsius.
    pub room_hundredths: i64,
}

impl Household {
    fn invent(chance: &mut Chance) -> Self {
        Self {
            people: chance.one_of(&[1, 1, 1, 2, 2, 2, 3, 3, 4, 5], 2),
            heating_permille: chance.between(650, 1400),
            water_permille: chance.between(600, 1400),
            room_hundredths: chance.between(1980, 2260),
        }
    }
}

/// A household's time in a flat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// Index of the tenant in [`crate::Town::people`].
    pub tenant: usize,
    /// First day, and the first day after.
    pub days: DayRange,
    /// Their habits.
    pub household: Household,
}

/// A flat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flat {
    /// Number of the flat in the town, from 0.
    pub index: u32,
    /// Building, such as `Kornmarken 12`.
    pub area: String,
    /// Floor and door as in Danish addresses: `st. th`, `1. tv`.
    pub unit: String,
    /// Rooms with a radiator, three to five.
    pub rooms: Vec<Room>,
    /// Who lives there, in order. Days between two stays are vacant.
    pub stays: Vec<Stay>,
}

impl Flat {
    /// A flat without inhabitants yet.
    pub(crate) fn new(seed: u64, index: u32) -> Self {
        let mut chance = Chance::new(seed, Topic::Flat, index.into(), 0);
        let rooms = Room::ALL.into_iter().take(3 + chance.below(3) as usize).collect();
        Self {
            index,
            area: area_name(index / FLATS_PER_BUILDING),
            unit: unit(index),
            rooms,
            stays: Vec::new(),
        }
    }

    /// Habits of the tenant with this ordinal (0 the first), the same whoever else there is.
    pub(crate) fn household(seed: u64, index: u32, ordinal: u64) -> Household {
        Household::invent(&mut Chance::new(seed, Topic::Flat, index.into(), 1 + ordinal))
    }

    /// Who lives there on a day; `None` while it is vacant.
    #[must_use]
    pub fn household_on(&self, day: Date) -> Option<&Household> {
        self.stays.iter().find(|stay| stay.days.contains(day)).map(|stay| &stay.household)
    }

    /// Begin of the ids of its metering points: `kornmarken-12/1-tv`.
    #[must_use]
    pub fn slug(&self) -> String {
        format!("{}/{}", slug(&self.area), slug(&self.unit))
    }

    /// Identifies the meter in one slot of this flat, whatever else the town has.
    pub(crate) fn thing(&self, slot: u64) -> u64 {
        u64::from(self.index) * SLOTS_PER_FLAT + slot
    }

    /// Floor, 0 the ground floor.
    pub(crate) const fn floor(&self) -> u32 {
        self.index % FLATS_PER_BUILDING / 3
    }

    /// Whether the flat was fitted out by the second maker, which protects its telegrams with mode 7.
    pub(crate) const fn is_refitted(&self) -> bool {
        !self.index.is_multiple_of(3)
    }
}

/// Name of a building: even numbers from Kornmarken 12.
pub(crate) fn area_name(building: u32) -> String {
    format!("Kornmarken {}", 12 + 2 * building)
}

/// Floor and door of a flat inside its building.
fn unit(index: u32) -> String {
    let door = match index % 3 {
        0 => "tv",
        1 => "mf",
        _ => "th",
    };
    match index % FLATS_PER_BUILDING / 3 {
        0 => format!("st. {door}"),
        floor => format!("{floor}. {door}"),
    }
}

/// A name as part of an id: lower case, words joined by `-`.
pub(crate) fn slug(name: &str) -> String {
    name.to_lowercase().replace('.', "").replace(' ', "-")
}

/// Where something is measured in a building.
#[derive(Debug, Clone)]
pub struct Place {
    /// Id, such as `kornmarken-12/1-tv/hca-living`.
    pub id: String,
    /// Building.
    pub area: String,
    /// Flat label; `None` in the basement.
    pub unit: Option<String>,
    /// Room, where there is more than one.
    pub room: Option<Room>,
    /// What is measured.
    pub kind: PointKind,
    /// Index of the flat in [`crate::Town::flats`].
    pub(crate) flat: Option<usize>,
    /// The true register; rooms have none.
    pub(crate) curve: Option<Curve>,
    /// Register at the last due date, in whole units of the telegram.
    pub(crate) due_value: i64,
}

/// How a meter protects its telegrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Encryption mode 5.
    Mode5,
    /// Encryption mode 7 with authentication layer.
    Mode7,
}

/// A meter that sends telegrams.
#[derive(Debug, Clone)]
pub struct Meter {
    /// Who it is.
    pub id: MeterId,
    /// The radio converter that sends for it.
    pub converter: Option<MeterId>,
    /// Index of its metering point in [`crate::Town::places`].
    pub place: usize,
    /// How it protects its telegrams.
    pub security: Security,
    /// Its key.
    pub key: [u8; 16],
    /// Days for which it is mounted.
    pub mounted: DayRange,
    /// Index of the gateway that hears each of its telegrams.
    pub gateway: usize,
    /// Identifies it for chance.
    pub(crate) thing: u64,
    /// Seconds after the start of each six hours at which it sends.
    pub(crate) offset_seconds: i64,
    /// First second at which it no longer sends.
    pub(crate) silent_from: i64,
    /// First second at which it sends.
    pub(crate) sends_from: i64,
    /// Added to the register of its metering point, thousandths.
    pub(crate) register_shift: i64,
    /// Telegrams sent before the period.
    pub(crate) sent_before: u32,
}

/// Makes the id of a meter: numbers of one kind begin alike and are as unique as `thing`.
pub(crate) fn meter_id(seed: u64, kind: PointKind, maker: &str, version: u8, thing: u64) -> MeterId {
    let first = Chance::new(seed, Topic::Numbers, kind as u64, 0).below(1_000_000);
    let serial = (u64::from(first) + thing) % 1_000_000;
    let number = kind.number_prefix() * 1_000_000 + u32::try_from(serial).unwrap_or(0);
    MeterId {
        manufacturer: Manufacturer::parse(maker).unwrap_or(Manufacturer::from_field(0)),
        number: MeterNumber(bcd_number(number)),
        version,
        medium: kind.medium(),
    }
}

/// Eight decimal digits as the BCD bytes of a meter number.
fn bcd_number(number: u32) -> u32 {
    (0..8).fold((0, number), |(bcd, rest), digit| (bcd | ((rest % 10) << (4 * digit)), rest / 10)).0
}

/// Thousandths of an allocator unit on one day. A vacant flat is kept from freezing.
pub(crate) fn radiator_milliunits(room: Room, demand_tenths: i64, household: Option<&Household>) -> i64 {
    let heating = household.map_or(300, |household| household.heating_permille);
    room.radiator() * demand_tenths * heating / 1000
}

/// Millilitres of water on one day: `per_head` each, with its ups and downs. Nobody there, nothing used.
pub(crate) fn water_millilitres(per_head: i64, household: Option<&Household>, chance: &mut Chance) -> i64 {
    let wobble = chance.between(600, 1400);
    let away = chance.happens(25);
    match household {
        Some(household) if !away => {
            per_head * i64::from(household.people) * household.water_permille / 1000 * wobble / 1000
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flats_are_labelled_as_danish_addresses() {
        let labels: Vec<_> = [0, 4, 23, 24].map(|i| Flat::new(1, i)).iter().map(Flat::slug).collect();
        assert_eq!(
            labels,
            ["kornmarken-12/st-tv", "kornmarken-12/1-mf", "kornmarken-12/7-th", "kornmarken-14/st-tv"]
        );
    }

    #[test]
    fn meter_numbers_are_decimal() {
        assert_eq!(bcd_number(51_000_917), 0x5100_0917);
        let id = meter_id(1, PointKind::ColdWater, "TDA", 1, 8);
        assert!(id.number.to_string().starts_with("51"), "{id}");
    }
}
