//! Metering points of buildings and the meters on them.
//!
//! What comes in: which flat, room and kind. What goes out: ids of metering points, identities of meters, and
//! the types that carry them through the town.

use tidstro_model::{DayRange, Manufacturer, Medium, MeterId, MeterNumber};

use crate::building::Flat;
use crate::chance::{Chance, Topic};
use crate::curve::Curve;
use crate::past::MonthEnd;

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
    pub(crate) const ALL: [Self; 5] = [Self::Living, Self::Kitchen, Self::Bedroom, Self::Small, Self::Bath];

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
    pub(crate) const fn radiator(self) -> i64 {
        match self {
            Self::Living => 82,
            Self::Kitchen => 34,
            Self::Bedroom => 27,
            Self::Small => 41,
            Self::Bath => 38,
        }
    }
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
    /// What the register was before the period, as far as its meter tells.
    pub(crate) past: Vec<MonthEnd>,
    /// Register at the last due date, in whole units of the telegram.
    pub(crate) due_value: i64,
}

impl Place {
    /// A metering point of a flat, still without a register.
    pub(crate) fn in_flat(flat: &Flat, kind: PointKind, room: Option<Room>) -> Self {
        let name = match (kind, room) {
            (PointKind::Allocator, Some(room)) => format!("hca-{}", room.word()),
            (PointKind::RoomSensor, Some(room)) => format!("room-{}", room.word()),
            _ => kind.word().to_owned(),
        };
        Self {
            id: format!("{}/{name}", flat.slug()),
            area: flat.area.clone(),
            unit: Some(flat.unit.clone()),
            room,
            kind,
            flat: Some(flat.index as usize),
            curve: None,
            past: Vec::new(),
            due_value: 0,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_name_flat_and_room() {
        let flat = Flat::new(1, 3);
        let id = |kind, room| Place::in_flat(&flat, kind, room).id;
        assert_eq!(id(PointKind::Allocator, Some(Room::Bath)), "kornmarken-12/1-tv/hca-bath");
        assert_eq!(id(PointKind::RoomSensor, Some(Room::Living)), "kornmarken-12/1-tv/room-living");
        assert_eq!(id(PointKind::HotWater, None), "kornmarken-12/1-tv/hot-water");
    }

    #[test]
    fn meter_numbers_are_decimal() {
        assert_eq!(bcd_number(51_000_917), 0x5100_0917);
        let id = meter_id(1, PointKind::ColdWater, "TDA", 1, 8);
        assert!(id.number.to_string().starts_with("51"), "{id}");
    }
}
