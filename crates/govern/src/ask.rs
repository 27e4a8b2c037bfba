//! What is asked, and the facts a decision needs.
//!
//! What comes in: names and numbers that the caller states about itself and its wish. What goes
//! out: plain values, not trusted yet. Never: a person's data; subjects are numbers.

use std::fmt;

use tidstro_model::{
    ActivityId, ActorId, AreaNo, CategoryId, DayRange, OccupancyNo, PointNo, Resolution, SubjectNo,
};

use crate::Operation;

/// Whose or which data are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// One metering point, whoever lives there.
    Point(PointNo),
    /// One subject, wherever it lives.
    Subject(SubjectNo),
    /// One building or grid area.
    Area(AreaNo),
    /// Everything in the store.
    Everything,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point(number) => write!(f, "point {number}"),
            Self::Subject(number) => write!(f, "subject {number}"),
            Self::Area(number) => write!(f, "area {number}"),
            Self::Everything => f.write_str("everything"),
        }
    }
}

/// One question to the gate: may this actor do this, for this purpose, to this?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Who asks.
    pub actor: ActorId,
    /// What for: an activity of the register.
    pub purpose: ActivityId,
    /// What would be done.
    pub operation: Operation,
    /// With which category of data.
    pub category: CategoryId,
    /// Whose or which.
    pub target: Target,
    /// The local days the data are about.
    pub days: DayRange,
    /// The finest resolution wanted. Without meaning for categories that are seen whole.
    pub resolution: Resolution,
}

/// One occupancy (or supply period) of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OccupancyFact {
    /// The occupancy.
    pub occupancy: OccupancyNo,
    /// Who lives there.
    pub subject: SubjectNo,
    /// Local days, half open; an open end while it lasts.
    pub days: DayRange,
}

/// What the store knows about the target of one [`Ask`].
///
/// For a point: all occupancies of the flat or supply it belongs to. For a subject: all of its
/// occupancies. Empty for an area and for everything, whose scope the store narrows itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The occupancies, in any order.
    pub occupancies: Vec<OccupancyFact>,
}
