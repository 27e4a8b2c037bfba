//! The town: everything put together.
//!
//! What comes in: a plan. What goes out: flats, people, metering points and meters of the buildings, the grid
//! area, and the facts about what is odd. It is built in an order that lets each part use what stands before.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_model::{DayRange, Gln, MeterId};

use crate::building::{
    FLATS_PER_BUILDING, Flat, HEAT_METERS, Meter, Place, PointKind, Room, SLOT_COLD_WATER, SLOT_EXCHANGED,
    SLOT_HOT_WATER, SLOT_ROOM_SENSOR, SLOTS_PER_FLAT, Security, Stay, area_name, meter_id,
    radiator_milliunits, slug, water_millilitres,
};
use crate::chance::{Chance, Topic};
use crate::climate::Climate;
use crate::curve::{Curve, HEATING, WATER};
use crate::facts::{Burst, Damage, DamagedLine, Facts, MeterAt, MeterExchange, MoveOut, SilentMeter};
use crate::grid::{self, Grid, GridPoint};
use crate::people::Person;
use crate::period::Period;
use crate::plan::{TownPlan, day_after};

/// The makers of the meters: codes that look like nobody's (`TD` as in Tidstro, demo).
const MAKERS: [&str; 3] = ["TDA", "TDB", "TDC"];

/// Days a flat stands empty between two tenants.
const VACANT_DAYS: i64 = 5;

/// Water through a burst hose on one day, in millilitres.
const BURST_MILLILITRES: i64 = 9_000_000;

/// Register of the meter that is put up in an exchange, in litres: it was tested before.
const NEW_METER_LITRES: i64 = 2;

/// A whole town, with its truth.
#[derive(Debug, Clone)]
pub struct Town {
    /// The plan it was built from, raised to the minima.
    pub plan: TownPlan,
    /// Flats, in the order of their index.
    pub flats: Vec<Flat>,
    /// Tenants of flats, then holders of electricity metering points.
    pub people: Vec<Person>,
    /// Metering points of the buildings.
    pub places: Vec<Place>,
    /// Meters of the buildings; at an exchange both.
    pub meters: Vec<Meter>,
    /// Metering points of the grid area: consumption, then production.
    pub grid_points: Vec<GridPoint>,
    /// The two electricity suppliers.
    pub suppliers: [(Gln, &'static str); 2],
    /// What is odd.
    pub facts: Facts,
    pub(crate) period: Period,
    pub(crate) climate: Climate,
    pub(crate) place_index: BTreeMap<String, usize>,
    pub(crate) grid_index: BTreeMap<u64, usize>,
}

impl Town {
    /// Builds the town of a plan; numbers below the minima are raised to them.
    #[must_use]
    pub fn build(plan: &TownPlan) -> Self {
        let plan = plan.raised();
        let period = Period::new(&plan);
        let climate = Climate::new(plan.seed, &period);
        let chosen = ChosenFlats::new(plan.seed);
        let mut builder = Builder {
            plan,
            period,
            climate,
            chosen,
            people: Vec::new(),
            places: Vec::new(),
            meters: Vec::new(),
        };
        let flats = builder.flats();
        for flat in &flats {
            builder.fit_out(flat);
        }
        for building in 0..plan.flats.div_ceil(FLATS_PER_BUILDING) {
            builder.heat_meter(building, &flats);
        }
        builder.finish(flats)
    }

    /// Building names, in order.
    pub(crate) fn buildings(&self) -> impl Iterator<Item = String> {
        (0..self.plan.flats.div_ceil(FLATS_PER_BUILDING)).map(area_name)
    }
}

/// Which of the first 24 flats have which fault; all different.
struct ChosenFlats {
    move_out: u32,
    silent: u32,
    exchange: u32,
    missing_key: u32,
    burst: u32,
}

impl ChosenFlats {
    fn new(seed: u64) -> Self {
        let order = Chance::new(seed, Topic::Faults, 0, 0).order(FLATS_PER_BUILDING);
        let at = |position: usize| order.get(position).copied().unwrap_or(0);
        Self { move_out: at(0), silent: at(1), exchange: at(2), missing_key: at(3), burst: at(4) }
    }
}

/// A town while it is built.
struct Builder {
    plan: TownPlan,
    period: Period,
    climate: Climate,
    chosen: ChosenFlats,
    people: Vec<Person>,
    places: Vec<Place>,
    meters: Vec<Meter>,
}

impl Builder {
    /// All flats with their tenants.
    fn flats(&mut self) -> Vec<Flat> {
        (0..self.plan.flats).map(|index| self.inhabited(index)).collect()
    }

    /// A flat with who lives there: one household, or two where somebody moves out.
    fn inhabited(&mut self, index: u32) -> Flat {
        let mut flat = Flat::new(self.plan.seed, index);
        let since = self.day_before(index.into(), 200, 3000);
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

    /// A day before the period.
    fn day_before(&self, thing: u64, nearest: i64, farthest: i64) -> Date {
        let back = Chance::new(self.plan.seed, Topic::Meter, thing, 1).between(nearest, farthest);
        day_after(self.plan.first_day, -back)
    }

    fn vacant_days(&self) -> DayRange {
        let first = self.period.day_at(2, 5);
        DayRange::new(first, day_after(first, VACANT_DAYS)).unwrap_or(DayRange::always())
    }

    fn exchange_day(&self) -> Date {
        self.period.day_at(1, 2)
    }

    fn burst_day(&self) -> Date {
        self.period.day_at(3, 4)
    }

    /// First local day without telegrams of the meter that falls silent.
    fn silent_day(&self) -> Date {
        self.period.day_at(1, 3)
    }

    /// Metering points and meters of a flat.
    fn fit_out(&mut self, flat: &Flat) {
        for (slot, room) in (0..).zip(&flat.rooms) {
            self.allocator(flat, slot, *room);
        }
        self.water(flat, PointKind::ColdWater, SLOT_COLD_WATER, 78_000);
        self.water(flat, PointKind::HotWater, SLOT_HOT_WATER, 34_000);
        self.room_sensor(flat);
    }

    fn allocator(&mut self, flat: &Flat, slot: u64, room: Room) {
        let mut chance = Chance::new(self.plan.seed, Topic::MeterDay, flat.thing(slot), 0);
        let start = chance.between(150, 900) * 1000;
        let due_value = chance.between(900, 3500);
        let days = self.days().map(|(index, day)| {
            let demand = self.climate.on(index).demand_tenths;
            let usual = radiator_milliunits(room, demand, flat.household_on(day));
            usual * chance.between(800, 1200) / 1000
        });
        let curve = Curve::new(start, days, &HEATING);
        let id = format!("{}/hca-{}", flat.slug(), room.word());
        self.place_in(flat, slot, id, Some(room), PointKind::Allocator, Some(curve), due_value);
    }

    fn water(&mut self, flat: &Flat, kind: PointKind, slot: u64, per_head: i64) {
        let mut chance = Chance::new(self.plan.seed, Topic::MeterDay, flat.thing(slot), 0);
        let start_litres = chance.between(40_000, 400_000);
        let due_value = start_litres - chance.between(3_000, 12_000);
        let burst_day =
            (kind == PointKind::ColdWater && flat.index == self.chosen.burst).then(|| self.burst_day());
        let days = self.days().map(|(_, day)| {
            let usual = water_millilitres(per_head, flat.household_on(day), &mut chance);
            usual + if burst_day == Some(day) { BURST_MILLILITRES } else { 0 }
        });
        let curve = Curve::new(start_litres * 1000, days, &WATER);
        let id = format!("{}/{}", flat.slug(), kind.word());
        self.place_in(flat, slot, id, None, kind, Some(curve), due_value);
    }

    fn room_sensor(&mut self, flat: &Flat) {
        let id = format!("{}/room-{}", flat.slug(), Room::Living.word());
        self.place_in(flat, SLOT_ROOM_SENSOR, id, Some(Room::Living), PointKind::RoomSensor, None, 0);
    }

    /// The days for which registers are needed: one more, because the meters' clock may run into it.
    fn days(&self) -> impl Iterator<Item = (u32, Date)> {
        (0..=self.period.days()).map(|index| (index, self.period.day(index)))
    }

    /// Adds a metering point of a flat and the meter on it, or at an exchange both meters.
    #[expect(
        clippy::too_many_arguments,
        reason = "one call per kind of metering point, each argument differs"
    )]
    fn place_in(
        &mut self,
        flat: &Flat,
        slot: u64,
        id: String,
        room: Option<Room>,
        kind: PointKind,
        curve: Option<Curve>,
        due_value: i64,
    ) {
        let place = Place {
            id,
            area: flat.area.clone(),
            unit: Some(flat.unit.clone()),
            room,
            kind,
            flat: Some(flat.index as usize),
            curve,
            due_value,
        };
        self.places.push(place);
        let mut meter = self.flat_meter(flat, slot, kind);
        if kind == PointKind::ColdWater && flat.index == self.chosen.exchange {
            let new = self.exchange(flat, &mut meter);
            self.meters.extend([meter, new]);
            return;
        }
        if slot == 0 && flat.index == self.chosen.silent {
            meter.silent_from = self.period.second_of(self.silent_day());
        }
        self.meters.push(meter);
    }

    /// The meter at the metering point added last.
    fn flat_meter(&self, flat: &Flat, slot: u64, kind: PointKind) -> Meter {
        let [first, second, third] = MAKERS;
        let (maker, version, security) = match kind {
            PointKind::RoomSensor => (third, 0x11, Security::Mode5),
            _ if flat.is_refitted() => (second, 0x02, Security::Mode7),
            _ => (first, 0x35, Security::Mode5),
        };
        let thing = flat.thing(slot);
        let id = meter_id(self.plan.seed, kind, maker, version, thing);
        self.meter(id, security, usize::from(flat.floor() > 3), thing)
    }

    /// A meter that sends through the whole period.
    fn meter(&self, id: MeterId, security: Security, gateway: usize, thing: u64) -> Meter {
        let mut chance = Chance::new(self.plan.seed, Topic::Meter, thing, 0);
        let key = chance.key();
        Meter {
            id,
            converter: None,
            place: self.places.len().saturating_sub(1),
            security,
            key,
            mounted: DayRange::from(self.day_before(thing, 100, 900)),
            gateway,
            thing,
            offset_seconds: chance.between(0, 21_000),
            silent_from: i64::MAX,
            sends_from: i64::MIN,
            register_shift: 0,
            sent_before: 400 + chance.below(40_000),
        }
    }

    /// Takes the meter down on the day of exchange; returns the one put up in its place.
    fn exchange(&self, flat: &Flat, old: &mut Meter) -> Meter {
        let day = self.exchange_day();
        let second = self.period.second_of(day);
        let mut new = self.flat_meter(flat, SLOT_EXCHANGED, PointKind::ColdWater);
        old.mounted = DayRange::new(old.mounted.start(), day).unwrap_or(old.mounted);
        old.silent_from = second;
        new.mounted = DayRange::from(day);
        new.sends_from = second;
        new.sent_before = 3;
        new.register_shift = NEW_METER_LITRES * 1000 - self.register_of_last_place(second);
        new
    }

    /// True register, in thousandths, of the metering point added last.
    fn register_of_last_place(&self, second: i64) -> i64 {
        let minute = (second - self.period.start()).div_euclid(60);
        self.places.last().and_then(|place| place.curve.as_ref()).map_or(0, |curve| curve.at(minute))
    }

    /// The heat meter in the basement of a building, read by a radio converter beside it.
    fn heat_meter(&mut self, building: u32, flats: &[Flat]) {
        let area = area_name(building);
        let thing = HEAT_METERS + u64::from(building);
        let curve = self.building_heat(building, flats, thing);
        let id = format!("{}/basement/heat", slug(&area));
        let due_value = curve.at(0) / 1000 - 31_000;
        let kind = PointKind::HeatMeter;
        self.places.push(Place {
            id,
            area,
            unit: None,
            room: None,
            kind,
            flat: None,
            curve: Some(curve),
            due_value,
        });
        let [_, _, maker] = MAKERS;
        let id = meter_id(self.plan.seed, kind, maker, 0x0c, thing % HEAT_METERS);
        let mut meter = self.meter(id, Security::Mode7, 0, thing);
        meter.converter = Some(converter_of(id));
        self.meters.push(meter);
    }

    /// Heat of a building in Wh (thousandths of the kWh it states): radiators, hot water, losses.
    fn building_heat(&self, building: u32, flats: &[Flat], thing: u64) -> Curve {
        let mut chance = Chance::new(self.plan.seed, Topic::MeterDay, thing, 0);
        let start = chance.between(400_000, 900_000) * 1000;
        let inside = |flat: &&Flat| flat.index / FLATS_PER_BUILDING == building;
        let days = self.days().map(|(index, day)| {
            let demand = self.climate.on(index).demand_tenths;
            flats.iter().filter(inside).map(|flat| flat_heat_wh(flat, demand, day)).sum()
        });
        Curve::new(start, days, &HEATING)
    }

    /// The grid area, the facts, and the town.
    fn finish(mut self, flats: Vec<Flat>) -> Town {
        let Grid { points, people, facts: grid } = grid::build(&self.plan, &self.period, self.people.len());
        self.people.extend(people);
        let facts = self.facts(&flats, grid);
        let place_index = (0..).zip(&self.places).map(|(i, place)| (place.id.clone(), i)).collect();
        let grid_index = (0..).zip(&points).map(|(i, point)| (point.gsrn.as_u64(), i)).collect();
        Town {
            plan: self.plan,
            flats,
            people: self.people,
            places: self.places,
            meters: self.meters,
            grid_points: points,
            suppliers: grid::suppliers(),
            facts,
            period: self.period,
            climate: self.climate,
            place_index,
            grid_index,
        }
    }

    fn facts(&self, flats: &[Flat], grid: crate::facts::GridFacts) -> Facts {
        Facts {
            move_out: self.move_out(flats),
            silent: self.silent(),
            exchange: self.exchange_fact(),
            missing_key: self.meter_at(self.chosen.missing_key, SLOT_HOT_WATER),
            burst: Burst {
                point: self.meter_at(self.chosen.burst, SLOT_COLD_WATER).point,
                day: self.burst_day(),
            },
            damaged: self.damaged(),
            grid,
        }
    }

    fn move_out(&self, flats: &[Flat]) -> MoveOut {
        let flat = flats.get(self.chosen.move_out as usize);
        let tenant =
            |position: usize| flat.and_then(|flat| flat.stays.get(position)).map_or(0, |stay| stay.tenant);
        MoveOut {
            area: flat.map(|flat| flat.area.clone()).unwrap_or_default(),
            unit: flat.map(|flat| flat.unit.clone()).unwrap_or_default(),
            leaver: tenant(0),
            newcomer: tenant(1),
            vacant: self.vacant_days(),
        }
    }

    fn silent(&self) -> SilentMeter {
        let MeterAt { meter, point } = self.meter_at(self.chosen.silent, 0);
        SilentMeter { meter, point, last_day: day_after(self.silent_day(), -1) }
    }

    fn exchange_fact(&self) -> MeterExchange {
        let old = self.meter_at(self.chosen.exchange, SLOT_COLD_WATER);
        let new = self.meter_at(self.chosen.exchange, SLOT_EXCHANGED);
        let day = self.exchange_day();
        let minute = (self.period.second_of(day) - self.period.start()) / 60;
        let place = self.places.iter().find(|place| place.id == old.point);
        let milli = place.and_then(|place| place.curve.as_ref()).map_or(0, |curve| curve.at(minute));
        MeterExchange {
            point: old.point,
            day,
            old: old.meter,
            new: new.meter,
            old_final_litres: milli / 1000,
            new_start_litres: NEW_METER_LITRES,
        }
    }

    /// The meter in a slot of a flat.
    fn meter_at(&self, flat: u32, slot: u64) -> MeterAt {
        let thing = u64::from(flat) * SLOTS_PER_FLAT + slot;
        let meter = self.meters.iter().find(|meter| meter.thing == thing);
        let place = meter.and_then(|meter| self.places.get(meter.place));
        MeterAt {
            meter: meter.map_or_else(
                || converter_of(meter_id(0, PointKind::HeatMeter, "TDC", 0, 0)),
                |meter| meter.id,
            ),
            point: place.map(|place| place.id.clone()).unwrap_or_default(),
        }
    }

    fn damaged(&self) -> Vec<DamagedLine> {
        let line = |gateway, part, damage| DamagedLine { gateway, day: self.period.day_at(part, 10), damage };
        vec![line(0, 3, Damage::Truncated), line(1, 6, Damage::WrongCrc), line(0, 8, Damage::Rubbish)]
    }
}

/// The radio converter beside a heat meter: other number, other device type.
fn converter_of(meter: MeterId) -> MeterId {
    let number = tidstro_model::MeterNumber(meter.number.0 + 0x0900_0000);
    MeterId { number, version: 0x01, medium: tidstro_model::Medium(0x37), ..meter }
}

/// Heat a flat draws from the building on one day, in Wh.
fn flat_heat_wh(flat: &Flat, demand_tenths: i64, day: Date) -> i64 {
    let household = flat.household_on(day);
    let heating = household.map_or(300, |household| household.heating_permille);
    let hot_water =
        household.map_or(0, |household| i64::from(household.people) * household.water_permille * 2);
    demand_tenths * 175 * heating / 1000 + hot_water + 900
}
