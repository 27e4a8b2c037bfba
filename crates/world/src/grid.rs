//! The electricity grid area: metering points with their load, and the file a head-end delivers.
//!
//! What comes in: the plan and the days. What goes out: points with GSRN, who holds them and who supplies
//! them, true hourly energy, and the interval file with its faults.

mod interval_file;
mod load;
mod market;
mod market_load;
mod outage;
mod pushes;

pub use interval_file::IntervalDays;
pub(crate) use interval_file::{HEADER, append_measured, slot_texts};
pub use load::Profile;
pub(crate) use load::{consumption_wh, local_hour};
pub use market::MarketPoint;
pub use pushes::PushingMeter;

use jiff::civil::Date;
use tidstro_model::{DayRange, Gln, Gsrn, Parties};

use crate::chance::{Chance, Topic};
use crate::facts::{GridFacts, Hours, Outage, SupplierChange};
use crate::people::Person;
use crate::period::Period;
use crate::place::PointKind;
use crate::plan::{TownPlan, day_after};

/// Name of the grid area.
pub const GRID_AREA: &str = "543";

/// First 17 digits of the consumption and production points: Denmark, electricity, grid company, serial.
const CONSUMPTION_BODY: u64 = 57_131_315_431_000_000;
const PRODUCTION_BODY: u64 = 57_131_315_438_000_000;
const UNKNOWN_BODY: u64 = 57_131_315_435_555_555;

/// One in so many households has solar cells.
const SOLAR_EVERY: u32 = 20;

/// So many households hang behind one transformer.
const BEHIND_TRANSFORMER: u32 = 25;

/// What people are numbered from, apart from tenants of flats.
const HOLDERS: u64 = 1 << 40;

/// An electricity metering point.
#[derive(Debug, Clone)]
pub struct GridPoint {
    /// Its number.
    pub gsrn: Gsrn,
    /// Consumption (E17) or production (E18).
    pub kind: PointKind,
    /// Index of its holder in [`crate::Town::people`].
    pub holder: usize,
    /// Since when they hold it.
    pub held: DayRange,
    /// Who supplies it, in order, without gap.
    pub supplied: Vec<(Gln, DayRange)>,
    /// What its load is made of.
    pub profile: Profile,
    /// The transformer it hangs behind.
    pub transformer: String,
    /// Identifies it for chance.
    pub(crate) thing: u64,
}

/// The grid area before it is part of a town.
pub(crate) struct Grid {
    pub(crate) points: Vec<GridPoint>,
    pub(crate) market: Vec<MarketPoint>,
    pub(crate) people: Vec<Person>,
    pub(crate) facts: GridFacts,
}

/// The three suppliers; the third one has no households. Their numbers have right check digits and belong to the world alone.
pub(crate) fn suppliers() -> [(Gln, &'static str); 3] {
    [
        (Gln::from_body(579_000_099_001), "Fjordlys Energi"),
        (Gln::from_body(579_000_099_002), "Nordstjernens El"),
        (Gln::from_body(579_000_099_003), "Havbrisens Handel"),
    ]
}

/// A supplier's days at a point, cut where somebody else begins to answer for the supplier's balance: the first two have
/// one balance responsible each, and the third one changes from the one to the other after a quarter of the days.
pub(crate) fn parties_of(supplier: Gln, days: DayRange, period: &Period) -> Vec<(Parties, DayRange)> {
    let responsible = [579_000_099_101, 579_000_099_102].map(Gln::from_body);
    let [(first, _), (second, _), _] = suppliers();
    let change = period.day_at(1, 4);
    let before = DayRange::new(days.start(), change.min(days.end())).ok();
    let after = DayRange::new(days.start().max(change), days.end()).ok();
    let parts = match supplier {
        supplier if supplier == first => [(responsible[0], Some(days)), (responsible[0], None)],
        supplier if supplier == second => [(responsible[1], Some(days)), (responsible[1], None)],
        _ => [(responsible[0], before), (responsible[1], after)],
    };
    let part = |(responsible, days): (Gln, Option<DayRange>)| {
        let days = days.filter(|days| !days.is_empty())?;
        Some((Parties { supplier: Some(supplier), balance_responsible: Some(responsible) }, days))
    };
    parts.into_iter().filter_map(part).collect()
}

/// Builds the area; its people come after `people_before` others.
pub(crate) fn build(plan: &TownPlan, period: &Period, people_before: usize) -> Grid {
    let facts = choose(plan.seed, period);
    let mut points = Vec::new();
    let mut people = Vec::new();
    for index in 0..plan.grid_points {
        people.push(Person::invent(plan.seed, HOLDERS + u64::from(index), &format!("g{index}")));
        points.push(consumption_point(plan, index, people_before + people.len() - 1, &facts));
    }
    let solar = points.iter().zip(0..).filter(|(_, index)| index % SOLAR_EVERY == 7);
    let production: Vec<_> = solar.map(|(point, index)| production_point(plan, point, index)).collect();
    points.extend(production);
    let market = market::build(plan, period, &points);
    Grid { points, market, people, facts }
}

fn consumption_point(plan: &TownPlan, index: u32, holder: usize, facts: &GridFacts) -> GridPoint {
    let mut chance = Chance::new(plan.seed, Topic::GridPoint, index.into(), 0);
    let profile = Profile::household(&mut chance);
    let gsrn = consumption_gsrn(index);
    let since = day_after(plan.first_day, -chance.between(100, 4000));
    let [(first, _), (second, _), _] = suppliers();
    let supplier = if chance.happens(600) { first } else { second };
    let change = &facts.supplier_change;
    let supplied =
        if change.gsrn == gsrn { changed(change, since) } else { vec![(supplier, DayRange::from(since))] };
    let kind = PointKind::Consumption;
    let transformer = outage::transformer_name(index / BEHIND_TRANSFORMER + 1);
    let held = DayRange::from(since);
    GridPoint { gsrn, kind, holder, held, supplied, profile, transformer, thing: index.into() }
}

/// The supply periods of the point whose supplier changes.
fn changed(change: &SupplierChange, since: Date) -> Vec<(Gln, DayRange)> {
    let before = DayRange::new(since, change.day).unwrap_or(DayRange::always());
    vec![(change.from, before), (change.to, DayRange::from(change.day))]
}

/// The production point of a household with solar cells.
fn production_point(plan: &TownPlan, consumption: &GridPoint, index: u32) -> GridPoint {
    let thing = PRODUCTION_BODY + u64::from(index);
    let mut chance = Chance::new(plan.seed, Topic::GridPoint, thing, 0);
    GridPoint {
        gsrn: Gsrn::from_body(thing),
        kind: PointKind::Production,
        profile: Profile::solar(&mut chance),
        thing,
        ..consumption.clone()
    }
}

fn consumption_gsrn(index: u32) -> Gsrn {
    Gsrn::from_body(CONSUMPTION_BODY + u64::from(index))
}

/// Which points have which fault, and when.
fn choose(seed: u64, period: &Period) -> GridFacts {
    let order = Chance::new(seed, Topic::GridFaults, 0, 0).order(TownPlan::MIN_GRID_POINTS);
    let gsrn = |position: usize| consumption_gsrn(order.get(position).copied().unwrap_or(0));
    let hours = |position, tenth, slots| Hours { gsrn: gsrn(position), day: period.day_at(tenth, 10), slots };
    let [(from, _), (to, _), _] = suppliers();
    GridFacts {
        outage: Outage { transformer: outage::failing(), day: period.day_at(8, 10) },
        supplier_change: SupplierChange { gsrn: gsrn(0), day: period.day_at(1, 2), from, to },
        missing_marked: hours(1, 3, 7..10),
        missing_absent: hours(2, 4, 0..5),
        estimated: hours(3, 5, 12..18),
        negative: hours(4, 6, 3..4),
        spike: hours(5, 8, 18..19),
        comma: hours(6, 9, 9..10),
        wrong_check_digit: hours(7, 9, 11..12),
        unknown_point: Hours { gsrn: Gsrn::from_body(UNKNOWN_BODY), day: period.day_at(2, 10), slots: 4..5 },
    }
}
