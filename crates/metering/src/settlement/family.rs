//! A consumption point with its child points.
//!
//! What comes in: child points with the time they are coupled. What goes out: the child of one type of a parent, and
//! spans of time as local days. Master data of children change at local midnight.

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{DayRange, Gsrn, Interval, PointType};

/// The child points that computed values need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChildRole {
    /// What is given to the grid (D06).
    SupplyToGrid,
    /// What is taken from the grid (D07).
    ConsumptionFromGrid,
    /// Electrical heating, computed (D14).
    ElectricalHeating,
    /// Net consumption, computed (D15).
    NetConsumption,
}

impl ChildRole {
    /// The role of a point of this type; `None` for one that no computed value needs.
    #[must_use]
    pub fn of(kind: PointType) -> Option<Self> {
        match kind {
            PointType::Child(word) => Self::from_word(word),
            _ => None,
        }
    }

    /// Reads the word of the point type, such as `net_consumption`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "supply_to_grid" => Some(Self::SupplyToGrid),
            "consumption_from_grid" => Some(Self::ConsumptionFromGrid),
            "electrical_heating" => Some(Self::ElectricalHeating),
            "net_consumption" => Some(Self::NetConsumption),
            _ => None,
        }
    }
}

/// A child point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChildPoint {
    /// The child.
    pub point: Gsrn,
    /// What it is for its parent.
    pub role: ChildRole,
    /// The consumption point it is a child of.
    pub parent: Gsrn,
    /// From when to when it is coupled.
    pub valid: Interval,
}

/// The first child of this role that is coupled while `days` of its parent last, in the order given.
pub(super) fn child_in<'a>(
    zone: &Zone,
    children: &'a [ChildPoint],
    parent: Gsrn,
    role: ChildRole,
    days: DayRange,
) -> Option<&'a ChildPoint> {
    let is_coupled = |child: &&ChildPoint| local_days(zone, child.valid).intersect(days).is_some();
    children.iter().filter(|child| child.parent == parent && child.role == role).find(is_coupled)
}

/// The first child of this role, in the order given.
pub(super) fn child_of(children: &[ChildPoint], parent: Gsrn, role: ChildRole) -> Option<&ChildPoint> {
    children.iter().find(|child| child.parent == parent && child.role == role)
}

/// A span of time as local days; a span without an end as days without an end.
pub(super) fn local_days(zone: &Zone, span: Interval) -> DayRange {
    let start = zone.day_of(span.start());
    let end = if span.end() == Timestamp::MAX { Date::MAX } else { zone.day_of(span.end()) };
    DayRange::new(start, end).unwrap_or(DayRange::from(start))
}

/// The days with an open end put at `end`; `None` if no day is left.
pub(super) fn closed_at(range: DayRange, end: Date) -> Option<DayRange> {
    let end = if range.is_open() { end } else { range.end() };
    DayRange::new(range.start(), end).ok().filter(|range| !range.is_empty())
}
