//! Building: flats are inhabited and fitted out with meters.
//!
//! What comes in: the plan. What goes out: flats, people, metering points with their true registers, meters.

use jiff::civil::Date;
use tidstro_model::{DayRange, Medium, MeterId, MeterNumber};

use super::odd::ChosenFlats;
use crate::building::{
    FLATS_PER_BUILDING, Flat, SLOT_COLD_WATER, SLOT_EXCHANGED, SLOT_HOT_WATER, SLOT_ROOM_SENSOR, Stay,
    area_name, flat_heat_wh, radiator_milliunits, slug, water_millilitres,
};
use crate::chance::{Chance, Topic};
use crate::climate::Climate;
use crate::curve::{Curve, HEATING, WATER};
use crate::past::{MonthEnd, Past};
use crate::people::Person;
use crate::period::Period;
use crate::place::{HEAT_METERS, Meter, Place, PointKind, Room, Security, meter_id};
use crate::plan::{TownPlan, day_after, due_date};

/// The makers of the meters: codes that look like nobody's (`TD` as in Tidstro, demo).
const FIRST_MAKER: &str = "TDA";
const SECOND_MAKER: &str = "TDB";
const THIRD_MAKER: &str = "TDC";

/// Mean water per head and day, in millilitres.
const COLD_WATER_PER_HEAD: i64 = 78_000;
const HOT_WATER_PER_HEAD: i64 = 34_000;

/// Water through a burst hose on one day, in millilitres.
const BURST_MILLILITRES: i64 = 9_000_000;

/// Register of the meter that is put up in an exchange, in litres: it was tested before.
pub(super) const NEW_METER_LITRES: i64 = 2;

/// A town while it is built.
pub(super) struct Builder {
    pub(super) plan: TownPlan,
    pub(super) period: Period,
    pub(super) climate: Climate,
    pub(super) past: Past,
    pub(super) chosen: ChosenFlats,
    pub(super) people: Vec<Person>,
    pub(super) places: Vec<Place>,
    pub(super) meters: Vec<Meter>,
}

impl Builder {
    pub(super) fn new(plan: TownPlan) -> Self {
        let period = Period::new(&plan);
        Self {
            plan,
            climate: Climate::new(plan.seed, &period),
            past: Past::new(&plan),
            chosen: ChosenFlats::new(plan.seed),
            period,
            people: Vec::new(),
            places: Vec::new(),
            meters: Vec::new(),
        }
    }

    /// All flats with their tenants.
    pub(super) fn flats(&mut self) -> Vec<Flat> {
        (0..self.plan.flats).map(|index| self.inhabited(index)).collect()
    }

    /// A flat with who lives there: one household, or two where somebody moves out.
    fn inhabited(&mut self, index: u32) -> Flat {
        let mut flat = Flat::new(self.plan.seed, index);
        let since = self.day_before(u64::from(index) << 32, 200, 3000);
        if index == self.chosen.move_out {
            let vacant = self.vacant_days();
            flat.stays.push(self.stay(index, 0, DayRange::new(since, vacant.start()).unwrap_or(vacant)));
            flat.stays.push(self.stay(index, 1, DayRange::from(vacant.end())));
        } else {
            flat.stays.push(self.stay(index, 0, DayRange::from(since)));
        }
        flat
    }

    /// A stay of a newly invented tenant.
    fn stay(&mut self, index: u32, ordinal: u64, days: DayRange) -> Stay {
        let code = if ordinal == 0 { format!("k{index}") } else { format!("k{index}b") };
        let number = u64::from(index) * 2 + ordinal;
        self.people.push(Person::invent(self.plan.seed, number, &code));
        let household = Flat::household(self.plan.seed, index, ordinal);
        Stay { tenant: self.people.len() - 1, days, household }
    }

    /// A day so many days before the period.
    fn day_before(&self, thing: u64, nearest: i64, farthest: i64) -> Date {
        let back = Chance::new(self.plan.seed, Topic::Since, thing, 0).between(nearest, farthest);
        day_after(self.plan.first_day, -back)
    }

    /// Metering points and meters of a flat.
    pub(super) fn fit_out(&mut self, flat: &Flat) {
        for (slot, room) in (0..).zip(&flat.rooms) {
            let place = self.allocator_place(flat, slot, *room);
            self.mount(flat, slot, place);
        }
        let cold = self.water_place(flat, PointKind::ColdWater, SLOT_COLD_WATER, COLD_WATER_PER_HEAD);
        self.mount(flat, SLOT_COLD_WATER, cold);
        let hot = self.water_place(flat, PointKind::HotWater, SLOT_HOT_WATER, HOT_WATER_PER_HEAD);
        self.mount(flat, SLOT_HOT_WATER, hot);
        self.mount(flat, SLOT_ROOM_SENSOR, Place::in_flat(flat, PointKind::RoomSensor, Some(Room::Living)));
    }

    fn allocator_place(&self, flat: &Flat, slot: u64, room: Room) -> Place {
        let mut chance = Chance::new(self.plan.seed, Topic::MeterDay, flat.thing(slot), 0);
        let oldest = chance.between(150, 900) * 1000;
        let due_value = chance.between(900, 3500);
        let (past, start) = self
            .past
            .of_register(oldest, |day, demand| radiator_milliunits(room, demand, flat.household_on(day)));
        let due_value = self.due_value(&past, due_value);
        let days = self.days().map(|(index, day)| {
            let demand = self.climate.on(index).demand_tenths;
            let usual = radiator_milliunits(room, demand, flat.household_on(day));
            usual * chance.between(800, 1200) / 1000
        });
        let curve = Some(Curve::new(start, days, &HEATING));
        Place { curve, past, due_value, ..Place::in_flat(flat, PointKind::Allocator, Some(room)) }
    }

    fn water_place(&self, flat: &Flat, kind: PointKind, slot: u64, per_head: i64) -> Place {
        let mut chance = Chance::new(self.plan.seed, Topic::MeterDay, flat.thing(slot), 0);
        let oldest_litres = chance.between(40_000, 400_000);
        let due_value = oldest_litres - chance.between(3_000, 12_000);
        let mut of_past = Chance::new(self.plan.seed, Topic::Past, flat.thing(slot), 0);
        let (past, start) = self.past.of_register(oldest_litres * 1000, |day, _| {
            water_millilitres(per_head, flat.household_on(day), &mut of_past)
        });
        let due_value = self.due_value(&past, due_value);
        let bursts = kind == PointKind::ColdWater && flat.index == self.chosen.burst;
        let days = self.days().map(|(_, day)| {
            let usual = water_millilitres(per_head, flat.household_on(day), &mut chance);
            if bursts && day == self.burst_day() { usual + BURST_MILLILITRES } else { usual }
        });
        let curve = Some(Curve::new(start, days, &WATER));
        Place { curve, past, due_value, ..Place::in_flat(flat, kind, None) }
    }

    /// The register at the due date in whole units, where that is remembered; otherwise the invented one.
    fn due_value(&self, past: &[MonthEnd], invented: i64) -> i64 {
        let due_date = due_date(&self.plan);
        past.iter().find(|end| end.day == due_date).map_or(invented, |end| end.milli / 1000)
    }

    /// The days for which registers are needed: one more, because the meters' clock may run into it.
    fn days(&self) -> impl Iterator<Item = (u32, Date)> {
        (0..=self.period.days()).map(|index| (index, self.period.day(index)))
    }

    /// Adds a metering point of a flat and the meter on it, or at an exchange both meters.
    fn mount(&mut self, flat: &Flat, slot: u64, place: Place) {
        let mut meter = self.flat_meter(flat, slot, place.kind);
        if slot == SLOT_COLD_WATER && flat.index == self.chosen.exchange {
            let new = self.exchange(flat, &mut meter, &place);
            self.meters.extend([meter, new]);
        } else {
            if slot == 0 && flat.index == self.chosen.silent {
                meter.silent_from = self.period.second_of(self.silent_day());
            }
            self.meters.push(meter);
        }
        self.places.push(place);
    }

    /// The meter in a slot of a flat, for the metering point that is added next.
    fn flat_meter(&self, flat: &Flat, slot: u64, kind: PointKind) -> Meter {
        let (maker, version, security) = match kind {
            PointKind::RoomSensor => (THIRD_MAKER, 0x11, Security::Mode5),
            _ if flat.is_refitted() => (SECOND_MAKER, 0x02, Security::Mode7),
            _ => (FIRST_MAKER, 0x35, Security::Mode5),
        };
        let thing = flat.thing(slot);
        let id = meter_id(self.plan.seed, kind, maker, version, thing);
        self.meter(id, security, usize::from(flat.floor() > 3), thing)
    }

    /// A meter that sends through the whole period, for the metering point that is added next.
    fn meter(&self, id: MeterId, security: Security, gateway: usize, thing: u64) -> Meter {
        let mut chance = Chance::new(self.plan.seed, Topic::Meter, thing, 0);
        Meter {
            id,
            converter: None,
            place: self.places.len(),
            security,
            key: chance.key(),
            mounted: DayRange::from(self.mounted_since(thing)),
            gateway,
            thing,
            offset_seconds: chance.between(0, 21_000),
            sends_from: i64::MIN,
            silent_from: i64::MAX,
            register_shift: 0,
            sent_before: 400 + chance.below(40_000),
        }
    }

    /// The day a meter was mounted: what remembers years has hung for years.
    fn mounted_since(&self, thing: u64) -> Date {
        let (nearest, farthest) = if self.past.is_remembered() { (800, 2000) } else { (100, 900) };
        self.day_before(thing, nearest, farthest)
    }

    /// Takes the meter down on the day of exchange; returns the one put up in its place.
    fn exchange(&self, flat: &Flat, old: &mut Meter, place: &Place) -> Meter {
        let day = self.exchange_day();
        let second = self.period.second_of(day);
        let mut new = self.flat_meter(flat, SLOT_EXCHANGED, place.kind);
        old.mounted = DayRange::new(old.mounted.start(), day).unwrap_or(old.mounted);
        old.silent_from = second;
        new.mounted = DayRange::from(day);
        new.sends_from = second;
        new.sent_before = 3;
        new.register_shift = NEW_METER_LITRES * 1000 - self.true_milli(place, second);
        new
    }

    /// True register of a metering point at a second, in thousandths of what its telegram states.
    pub(super) fn true_milli(&self, place: &Place, second: i64) -> i64 {
        place.curve.as_ref().map_or(0, |curve| curve.at(self.period.minute(second)))
    }

    /// The heat meter in the basement of a building, read by a radio converter beside it.
    pub(super) fn heat_meter(&mut self, building: u32, flats: &[Flat]) {
        let thing = HEAT_METERS + u64::from(building);
        let id = meter_id(self.plan.seed, PointKind::HeatMeter, THIRD_MAKER, 0x0c, building.into());
        let meter = Meter { converter: Some(converter_of(id)), ..self.meter(id, Security::Mode7, 0, thing) };
        self.meters.push(meter);
        self.places.push(self.heat_place(building, flats, thing));
    }

    fn heat_place(&self, building: u32, flats: &[Flat], thing: u64) -> Place {
        let area = area_name(building);
        let (past, curve) = self.building_heat(building, flats, thing);
        let due_value = self.due_value(&past, curve.at(0) / 1000 - 31_000);
        Place {
            id: format!("{}/basement/heat", slug(&area)),
            area,
            unit: None,
            room: None,
            kind: PointKind::HeatMeter,
            flat: None,
            due_value,
            past,
            curve: Some(curve),
        }
    }

    /// Heat of a building in Wh, which are thousandths of the kWh its meter states: what is remembered, and the period.
    fn building_heat(&self, building: u32, flats: &[Flat], thing: u64) -> (Vec<MonthEnd>, Curve) {
        let mut chance = Chance::new(self.plan.seed, Topic::MeterDay, thing, 0);
        let oldest = chance.between(400_000, 900_000) * 1000;
        let inside = |flat: &&Flat| flat.index / FLATS_PER_BUILDING == building;
        let used = |day, demand| -> i64 {
            flats.iter().filter(inside).map(|flat| flat_heat_wh(flat, demand, day)).sum()
        };
        let (past, start) = self.past.of_register(oldest, used);
        let days = self.days().map(|(index, day)| used(day, self.climate.on(index).demand_tenths));
        (past, Curve::new(start, days, &HEATING))
    }
}

/// The radio converter beside a heat meter: other number, other device type.
fn converter_of(meter: MeterId) -> MeterId {
    let number = MeterNumber(meter.number.0 + 0x0900_0000);
    MeterId { number, version: 0x01, medium: Medium(0x37), ..meter }
}
