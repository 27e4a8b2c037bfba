//! All buildings: whether readings are complete, what is silent, what comes next.
//!
//! What comes in: who asks. What goes out: a line for each building, what needs a look first. Nobody is named in it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_model::{AreaKind, AreaNo, DayRange, PointNo};
use tidstro_store::{Occupant, PlaceEntry, PointRead};

use super::{BuildingsAsk, days_before, information_due, last_day};
use crate::answer::given;
use crate::{Answer, FlowFault, Workspace};

/// Every building.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildingsView {
    /// The local days of which readings are counted.
    pub days: DayRange,
    /// The buildings: first those with silent points, then those that are not whole, then the others, by name.
    pub buildings: Vec<BuildingState>,
}

/// How a building stands. Nobody who lives there is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildingState {
    /// Its number.
    pub area: AreaNo,
    /// Its name.
    pub name: String,
    /// Flats and other units.
    pub units: u64,
    /// Units in which nobody lives today.
    pub vacant: u64,
    /// Metering points whose readings are counted.
    pub points: u64,
    /// Points of which nothing was read on any of the days.
    pub silent: u64,
    /// Local days of a point on which something was read, of `point_days`.
    pub whole_days: u64,
    /// Points times local days.
    pub point_days: u64,
    /// What is due, in order of time.
    pub deadlines: Vec<Deadline>,
}

/// Something that is due in a building.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    /// The local day: the last one on which it is in time.
    pub day: Date,
    /// What.
    pub kind: DeadlineKind,
}

/// What may be due in a building.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeadlineKind {
    /// Residents have the information of the month before.
    Information,
    /// Somebody moves in.
    MoveIn,
    /// Somebody moves out: the day is the last one.
    MoveOut,
}

impl DeadlineKind {
    /// The word used in answers and screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::MoveIn => "move-in",
            Self::MoveOut => "move-out",
        }
    }
}

impl BuildingState {
    /// Whether somebody should look.
    #[must_use]
    pub const fn needs_a_look(&self) -> bool {
        self.silent > 0 || self.whole_days < self.point_days
    }
}

/// Every building, what needs a look first.
///
/// # Errors
/// [`FlowFault`] if the store fails, or the register has no category for occupancies or alarms.
pub async fn buildings(
    workspace: &Workspace,
    asked: &BuildingsAsk,
    now: Timestamp,
) -> Result<Answer<BuildingsView>, FlowFault> {
    let today = workspace.zone().day_of(now);
    let days = days_before(today)?;
    let read = given!(asked.read(workspace, (None, days), now).await?);
    let occupants = given!(asked.occupants(workspace, None, now).await?);
    let places = workspace.store.building_places(None).await?;
    let areas = workspace.store.areas().await?.into_iter().filter(|area| area.kind == AreaKind::Building);
    let mut states: BTreeMap<AreaNo, BuildingState> =
        areas.map(|area| (area.area, empty(area.area, area.name))).collect();
    count_points(&mut states, &read, days);
    count_units(&mut states, &places, &occupants, today);
    let mut buildings: Vec<BuildingState> = states.into_values().collect();
    buildings.iter_mut().for_each(|state| finish(state, today));
    buildings.sort_by(|one, other| rank(one).cmp(&rank(other)));
    Ok(Answer::Given(BuildingsView { days, buildings }))
}

/// Those with silent points first, then those that are not whole.
fn rank(state: &BuildingState) -> (bool, bool, &str) {
    (state.silent == 0, !state.needs_a_look(), &state.name)
}

const fn empty(area: AreaNo, name: String) -> BuildingState {
    BuildingState {
        area,
        name,
        units: 0,
        vacant: 0,
        points: 0,
        silent: 0,
        whole_days: 0,
        point_days: 0,
        deadlines: Vec::new(),
    }
}

fn count_points(states: &mut BTreeMap<AreaNo, BuildingState>, read: &[PointRead], days: DayRange) {
    let length = days.start().until(days.end()).map_or(0, |span| span.get_days().unsigned_abs());
    for point in read {
        let Some(state) = states.get_mut(&point.area) else { continue };
        state.points += 1;
        state.silent += u64::from(point.days == 0);
        state.whole_days += u64::from(point.days);
        state.point_days += u64::from(length);
    }
}

/// Counts units, who lives in none, and who comes and goes from today on.
fn count_units(
    states: &mut BTreeMap<AreaNo, BuildingState>,
    places: &[PlaceEntry],
    occupants: &[Occupant],
    today: Date,
) {
    let unit_of: BTreeMap<PointNo, (AreaNo, &str)> =
        places.iter().filter_map(|place| Some((place.point, (place.area, place.flat.as_deref()?)))).collect();
    let mut vacant: BTreeSet<(AreaNo, &str)> = unit_of.values().copied().collect();
    for (area, _) in &vacant {
        states.entry(*area).and_modify(|state| state.units += 1);
    }
    for occupant in occupants {
        let Some(unit) = occupant.points.iter().find_map(|point| unit_of.get(point)) else { continue };
        if occupant.days.contains(today) {
            vacant.remove(unit);
        }
        let moves = moves_of(occupant.days, today);
        states.entry(unit.0).and_modify(|state| state.deadlines.extend(moves));
    }
    for (area, _) in vacant {
        states.entry(area).and_modify(|state| state.vacant += 1);
    }
}

/// When somebody moves in or out, from today on. An occupancy without an end ends nowhere.
fn moves_of(days: DayRange, today: Date) -> impl Iterator<Item = Deadline> {
    let moves_in = Deadline { day: days.start(), kind: DeadlineKind::MoveIn };
    let last = last_day(days).map(|day| Deadline { day, kind: DeadlineKind::MoveOut });
    [Some(moves_in), last].into_iter().flatten().filter(move |due| due.day >= today)
}

/// Information is due wherever somebody may live.
fn finish(state: &mut BuildingState, today: Date) {
    if state.units > 0 {
        let (_, day) = information_due(today);
        state.deadlines.push(Deadline { day, kind: DeadlineKind::Information });
    }
    state.deadlines.sort_unstable();
}
