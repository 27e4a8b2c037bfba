//! The town: everything put together.
//!
//! What comes in: a plan. What goes out: flats, people, metering points and meters of the buildings, the grid
//! area, and the facts about what is odd. It is built in an order that lets each part use what stands before.

mod builder;
mod odd;

use std::collections::BTreeMap;

use tidstro_model::Gln;

use crate::building::{FLATS_PER_BUILDING, Flat, area_name};
use crate::climate::Climate;
use crate::facts::Facts;
use crate::grid::{self, Grid, GridPoint, MarketPoint};
use crate::past::Past;
use crate::people::Person;
use crate::period::Period;
use crate::place::{Meter, Place};
use crate::plan::TownPlan;
use builder::Builder;

/// A whole town, with its truth.
#[derive(Debug, Clone)]
pub struct Town {
    /// The plan it was built from, inside the limits.
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
    /// Metering points of the grid area that are no household's.
    pub market_points: Vec<MarketPoint>,
    /// The electricity suppliers; households have one of the first two.
    pub suppliers: [(Gln, &'static str); 3],
    /// What is odd.
    pub facts: Facts,
    pub(crate) period: Period,
    pub(crate) climate: Climate,
    pub(crate) past: Past,
    /// Position of a metering point in [`Town::places`] by its id.
    pub(crate) place_index: BTreeMap<String, usize>,
    /// Position of a metering point in [`Town::grid_points`] by its GSRN.
    pub(crate) grid_index: BTreeMap<u64, usize>,
}

impl Town {
    /// Builds the town of a plan; numbers outside the limits are brought inside.
    #[must_use]
    pub fn build(plan: &TownPlan) -> Self {
        let mut builder = Builder::new(plan.limited());
        let flats = builder.flats();
        for flat in &flats {
            builder.fit_out(flat);
        }
        for building in 0..buildings(&builder.plan) {
            builder.heat_meter(building, &flats);
        }
        Self::finish(builder, flats)
    }

    /// The buildings, then the grid area, the facts and the indexes.
    fn finish(mut builder: Builder, flats: Vec<Flat>) -> Self {
        let Grid { points, market, people, facts } =
            grid::build(&builder.plan, &builder.period, builder.people.len());
        builder.people.extend(people);
        let facts = builder.facts(&flats, facts);
        let Builder { plan, period, climate, past, people, places, meters, .. } = builder;
        let place_index = places.iter().zip(0..).map(|(place, i)| (place.id.clone(), i)).collect();
        let grid_index = points.iter().zip(0..).map(|(point, i)| (point.gsrn.as_u64(), i)).collect();
        Self {
            plan,
            flats,
            people,
            places,
            meters,
            grid_points: points,
            market_points: market,
            suppliers: grid::suppliers(),
            facts,
            period,
            climate,
            past,
            place_index,
            grid_index,
        }
    }

    /// Names of the buildings, in order.
    pub(crate) fn building_names(&self) -> impl Iterator<Item = String> {
        (0..buildings(&self.plan)).map(area_name)
    }
}

/// How many buildings the flats of a plan fill.
const fn buildings(plan: &TownPlan) -> u32 {
    plan.flats.div_ceil(FLATS_PER_BUILDING)
}
