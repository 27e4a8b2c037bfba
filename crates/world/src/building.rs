//! Buildings: flats, and who lives there.
//!
//! What comes in: the seed. What goes out: flats of "Kornmarken", 24 per building, with three to five radiators
//! each, households with their habits, and what these make of the weather: heat and water of a day.

use jiff::civil::Date;
use tidstro_model::DayRange;

use crate::chance::{Chance, Topic};
use crate::place::Room;

/// Flats per building: eight floors with three doors.
pub(crate) const FLATS_PER_BUILDING: u32 = 24;

/// Slots for meters a flat has; slot numbers tell its meters apart and never change. Allocators come first.
pub(crate) const SLOTS_PER_FLAT: u64 = 16;
pub(crate) const SLOT_COLD_WATER: u64 = 8;
pub(crate) const SLOT_HOT_WATER: u64 = 9;
pub(crate) const SLOT_ROOM_SENSOR: u64 = 10;
pub(crate) const SLOT_EXCHANGED: u64 = 15;

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

/// Heat a flat draws from the building on one day, in Wh.
pub(crate) fn flat_heat_wh(flat: &Flat, demand_tenths: i64, day: Date) -> i64 {
    let household = flat.household_on(day);
    let heating = household.map_or(300, |household| household.heating_permille);
    let hot_water =
        household.map_or(0, |household| i64::from(household.people) * household.water_permille * 2);
    demand_tenths * 175 * heating / 1000 + hot_water + 900
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
}
