//! What a change of master data makes: points and people, by name.
//!
//! What comes in: points and people as they get their numbers. What goes out: those numbers again, without a question to the
//! database, and whether a point is new, so that nobody asks what was known or stored of it before. Never: a point that was
//! there before the change.

use rustc_hash::FxHashMap;
use tidstro_model::PointNo;

use super::named_point;
use super::periods::MasterChange;
use crate::StoreFault;
use crate::db::Connection;

/// The points and people of one change.
#[derive(Default)]
pub(crate) struct Fresh {
    points: FxHashMap<String, PointNo>,
    /// The area of each point, by its number.
    areas: FxHashMap<PointNo, String>,
    people: FxHashMap<String, i64>,
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

    /// A person whom the change made.
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
}

/// What was known of a thing at a point before the change; nothing of a new point.
pub(super) fn known_before<T: Default>(
    change: &MasterChange,
    point: PointNo,
    look_up: impl FnOnce() -> Result<T, StoreFault>,
) -> Result<T, StoreFault> {
    if change.fresh.is_new(point) { Ok(T::default()) } else { look_up() }
}
