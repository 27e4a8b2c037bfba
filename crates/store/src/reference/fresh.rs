//! What a change of master data makes, and what it names: points and people, by name.
//!
//! What comes in: points and people as they get their numbers, and the names of those that were there before. What goes out:
//! those numbers again, without a question to the database for each, and whether a point is new, so that nobody asks what was
//! known or stored of it before. Never: a point as new that was there before the change.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use tidstro_model::{MasterData, PointNo, Resolution};

use super::known_names::{points_named, subjects_named};
use super::named_point;
use super::series::{ensure_all_interval_series, insert_interval_series};
use crate::StoreFault;
use crate::db::Connection;

/// The points and people of one change.
#[derive(Default)]
pub(crate) struct Fresh {
    points: FxHashMap<String, PointNo>,
    /// The area of each new point, by its number.
    areas: FxHashMap<PointNo, String>,
    people: FxHashMap<String, i64>,
    /// Interval series that are there.
    series: FxHashSet<(PointNo, &'static str)>,
}

impl Fresh {
    pub(super) fn add_point(&mut self, own_id: &str, number: PointNo, area: &str) {
        self.points.insert(own_id.to_owned(), number);
        self.areas.insert(number, area.to_owned());
    }

    pub(super) fn add_person(&mut self, reference: &str, number: i64) {
        self.people.insert(reference.to_owned(), number);
    }

    /// Whether the change made the point.
    pub(crate) fn is_new(&self, point: PointNo) -> bool {
        self.areas.contains_key(&point)
    }

    /// Whether the change made the point in this area.
    pub(super) fn lies_in(&self, point: PointNo, area: &str) -> bool {
        self.areas.get(&point).is_some_and(|known| known == area)
    }

    /// A person whom the change made or names.
    pub(super) fn person(&self, reference: &str) -> Option<i64> {
        self.people.get(reference).copied()
    }

    /// The point with this identifier, new or known before.
    pub(super) fn point_named(&self, db: &Connection, own_id: &str) -> Result<Option<PointNo>, StoreFault> {
        match self.points.get(own_id) {
            Some(number) => Ok(Some(*number)),
            None => named_point(db, own_id),
        }
    }

    /// Looks up the points and people that were there before and that master data name.
    pub(super) fn look_up(&mut self, db: &Connection, data: &MasterData) -> Result<(), StoreFault> {
        let names: BTreeSet<String> =
            points_of(data).filter(|name| !self.points.contains_key(name)).collect();
        let names: Vec<String> = names.into_iter().collect();
        self.points.extend(points_named(db, &names)?);
        let people = data.occupancies.iter().map(|occupancy| &occupancy.subject);
        let people: BTreeSet<&String> = people.filter(|name| !self.people.contains_key(*name)).collect();
        let people: Vec<String> = people.into_iter().cloned().collect();
        self.people.extend(subjects_named(db, &people)?);
        Ok(())
    }

    /// Those of the points that were there before.
    pub(super) fn known_before(&self, points: impl Iterator<Item = PointNo>) -> Vec<PointNo> {
        points.filter(|point| !self.is_new(*point)).collect()
    }

    /// Makes the interval series of points that are not there.
    pub(super) fn ensure_interval_series(
        &mut self,
        db: &Connection,
        mut series: Vec<(PointNo, Resolution)>,
    ) -> Result<(), StoreFault> {
        series.retain(|(point, resolution)| self.series.insert((*point, resolution.code())));
        let (new, known): (Vec<_>, Vec<_>) = series.into_iter().partition(|(point, _)| self.is_new(*point));
        insert_interval_series(db, &new)?;
        ensure_all_interval_series(db, &known)
    }
}

/// The points that statements name.
fn points_of(data: &MasterData) -> impl Iterator<Item = String> {
    let market = data.stated_points.iter().map(|stated| stated.point);
    let parents = data.stated_points.iter().filter_map(|stated| stated.state.parent);
    let links = data.charges.links.iter().map(|link| link.point);
    let supplies = data.supplies.iter().map(|supply| &supply.point);
    let installations = data.installations.iter().map(|installation| &installation.point);
    let homes = data.occupancies.iter().flat_map(|occupancy| &occupancy.points);
    let numbers = market.chain(parents).chain(links).map(|point| point.to_string());
    numbers.chain(supplies.chain(installations).chain(homes).cloned())
}
